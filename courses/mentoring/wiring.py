"""What mentoring adds to the app: pages, ways in, a panel of the home page, names of its verbs."""

from flask import Flask

from courses.mentoring import forms
from courses.mentoring.policy import Mentoring
from courses.mentoring.queries import telling
from courses.mentoring.rules import hours
from courses.mentoring.views import desk, mine, pages, pair
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.notifications.services import notify
from lms.web import nav

__all__ = ["desk", "pair", "wire"]  # importing them has filled the pages

_VERBS = {
    "accept": _l("accepted proposed pairs"),
    "agree": _l("agreed to the terms of a pair"),
    "amend": _l("changed the terms of a pair"),
    "bring_in": _l("brought in past sessions"),
    "bring_in_pairs": _l("brought in past agreements"),
    "confirm": _l("confirmed a session"),
    "decline": _l("declined proposed pairs"),
    "end": _l("ended a pair early"),
    "log": _l("logged a session"),
    "offer": _l("recorded what a mentor offers"),
    "pair": _l("made a pair"),
    "propose": _l("searched for pairs"),
    "reject": _l("rejected a session"),
    "set_policy": _l("set the terms of mentoring"),
    "withdraw": _l("withdrew a session"),
}


def wire(app: Flask) -> None:
    """Pages, navigation, the panel, and the words that templates use."""
    app.register_blueprint(pages)
    notify(*telling.HEARD)
    app.jinja_env.globals.update(
        mentoring_states=forms.STATES,
        mentoring_shapes=forms.SHAPES,
        mentoring_settled=forms.SETTLED,
        mentoring_settled_shapes=forms.SETTLED_SHAPES,
        mentoring_decided=forms.DECIDED,
        mentoring_decided_shapes=forms.DECIDED_SHAPES,
        mentoring_near=forms.NEAR,
        mentoring_hours=hours,
        mentoring_rights=Mentoring,
    )
    _ways_in()
    nav.add_panel(nav.Panel("mentoring", 40, Mentoring.OWN, mine.panel))
    name_verbs("mentoring", _VERBS)


def _ways_in() -> None:
    group, settings = _l("Mentoring"), _l("Settings")
    nav.register(nav.Item("mentoring", _l("Mentoring"), "mentoring.mine", "mentor", "bottom", 400, Mentoring.OWN))
    nav.register(
        nav.Item("pairs", _l("Mentor pairs"), "mentoring.desk", "mentor", "side", 250, Mentoring.BROWSE, group)
    )
    nav.register(
        nav.Item("mentors", _l("Mentors"), "mentoring.mentors", "people", "side", 251, Mentoring.BROWSE, group)
    )
    nav.register(
        nav.Item("proposals", _l("Propose pairs"), "mentoring.proposals", "search", "side", 252, Mentoring.PAIR, group)
    )
    nav.register(
        nav.Item(
            "mentoring_policy", _l("Mentoring terms"), "mentoring.policy", "mentor", "side", 81, Mentoring.SET_POLICY,
            settings,
        )
    )  # fmt: skip
