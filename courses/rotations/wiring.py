"""What rotations add to the app: pages, ways in, panels of the home page, what is heard, names of verbs."""

from flask import Flask

from courses.rotations import forms
from courses.rotations.events import PracticeConfirmed
from courses.rotations.policy import Rotations
from courses.rotations.queries import telling
from courses.rotations.services.judging import enter_hours
from courses.rotations.views import desk, mine, pages, past, stay
from lms import events
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.notifications.services import notify
from lms.web import nav

__all__ = ["desk", "past", "stay", "wire"]  # importing them has filled the pages

_VERBS = {
    "amend": _l("changed the days of a rotation"),
    "annul": _l("took a rotation back that was recorded afterwards"),
    "appoint": _l("named who receives doctors"),
    "attach": _l("attached a document to a rotation"),
    "cancel": _l("cancelled a rotation"),
    "confirm": _l("confirmed a rotation that was recorded afterwards"),
    "confirm_practice": _l("confirmed hours of practice"),
    "dismiss": _l("ended a receiver's term"),
    "end": _l("ended a rotation"),
    "evaluate": _l("evaluated a rotation"),
    "interrupt": _l("interrupted a rotation"),
    "offer_department": _l("offered a department for rotations"),
    "plan": _l("planned a rotation"),
    "record": _l("recorded a rotation afterwards"),
    "refuse": _l("struck out a rotation that was recorded afterwards"),
    "set_places": _l("set how many places a department has"),
    "set_policy": _l("set what is asked of rotations"),
    "start": _l("began a rotation"),
}


def wire(app: Flask) -> None:
    """Pages, navigation, panels, what is heard, and the words that templates use."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(
        rotation_states=forms.STATES,
        rotation_shapes=forms.SHAPES,
        rotation_outcomes=forms.OUTCOMES,
        rotation_opens=forms.OPENS,
        rotation_owed=forms.OWED,
        rotation_steps=forms.STEPS,
        rotation_weekdays=dict(forms.WEEKDAYS),
        rotation_written=forms.WRITTEN,
        rotation_rights=Rotations,
    )
    notify(*telling.HEARD)
    events.subscribe(PracticeConfirmed, "rotations.enter_hours", enter_hours)
    _ways_in()
    nav.add_panel(nav.Panel("rotation", 45, Rotations.OWN, mine.my_panel))
    nav.add_panel(nav.Panel("rotations_received", 46, Rotations.RECEIVE, mine.panel))
    nav.add_panel(nav.Panel("rotations_recorded", 47, Rotations.CONFIRM, desk.panel))
    name_verbs("rotations", _VERBS)


def _ways_in() -> None:
    group, settings = _l("Rotations"), _l("Settings")
    add = nav.register
    add(nav.Item("rotations", _l("My rotations"), "rotations.mine", "calendar", "account", 19, Rotations.OWN))
    add(
        nav.Item(
            "received", _l("Doctors we receive"), "rotations.receiving", "calendar", "side", 260, Rotations.RECEIVE,
            group,
        )
    )  # fmt: skip
    add(nav.Item("stays", _l("Rotations"), "rotations.desk", "calendar", "side", 261, Rotations.BROWSE, group))
    add(nav.Item("owed", _l("Rotation owed"), "rotations.owed", "hourglass", "side", 262, Rotations.BROWSE, group))
    add(
        nav.Item(
            "departments", _l("Receiving departments"), "rotations.departments", "institution", "side", 263,
            Rotations.PLACES, group,
        )
    )  # fmt: skip
    add(
        nav.Item(
            "rotation_policy", _l("Rotation asked"), "rotations.policy", "calendar", "side", 82, Rotations.SET_POLICY,
            settings,
        )
    )  # fmt: skip
