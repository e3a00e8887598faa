"""What practical exams add to the app: pages, ways in, panels of the home page."""

from flask import Flask

from assessments.certification.queries.proposals import APPEALING
from assessments.osce import forms, jobs
from assessments.osce.policy import Osce
from assessments.osce.queries import appeals as waiting
from assessments.osce.queries import refusals, telling
from assessments.osce.queries.blueprints import used
from assessments.osce.views import (
    appeals,
    blueprints,
    briefing,
    deciding,
    marking,
    own,
    pages,
    photos,
    planning,
    quality,
    releasing,
    rulings,
    tablets,
    timetable,
)
from assessments.stations import queries as stations
from lms import jobs as work
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.notifications.services import notify
from lms.people.formats.words import CATEGORIES
from lms.people.queries.own_data import WITHHELD
from lms.web import nav

#: Importing them has filled the pages.
__all__ = [
    "blueprints",
    "briefing",
    "deciding",
    "photos",
    "planning",
    "quality",
    "releasing",
    "rulings",
    "tablets",
    "wire",
]

#: What templates know by these names.
WORDS = {
    "osce_states": forms.STATES,
    "osce_shapes": forms.SHAPES,
    "osce_cells": forms.CELLS,
    "osce_cell_shapes": forms.CELL_SHAPES,
    "osce_decided": forms.DECIDED,
    "osce_why": forms.WHY,
    "osce_groups": forms.GROUPS,
    "osce_ruled": forms.RULED,
    "osce_missed": forms.MISSED,
    "osce_failing": forms.FAILING,
    "osce_short": forms.SHORT,
    "osce_stands": forms.STANDS,
    "osce_changes": forms.CHANGES,
    "osce_change_shapes": forms.CHANGE_SHAPES,
    "osce_answered": forms.ANSWERED,
    "osce_answered_shapes": forms.ANSWERED_SHAPES,
    "osce_categories": CATEGORIES,
    "osce_rights": Osce,
    "osce_track": refusals.track_name,
    "osce_clock": refusals.clocked,
    "osce_span": refusals.span,
    "osce_bars": refusals.BARS,
    "osce_kinds": refusals.KINDS,
    "osce_methods": forms.METHODS,
    "osce_guards": forms.GUARDS,
    "osce_hints": forms.HINTS,
    "osce_tablets": forms.TABLETS,
    "osce_tablet_shapes": forms.TABLET_SHAPES,
}
#: What the verbs are called on the auditor's page.
VERBS = {
    "plan_from": _l("planned a practical exam from a blueprint"),
    "keep_photo": _l("took a candidate's picture"),
    "drop_photo": _l("took a candidate's picture away"),
    "sweep_photos": _l("removed candidates' pictures"),
    "set_station": _l("set the cut of a station"),
    "set_stations": _l("set cuts of stations"),
    "set_exam": _l("set what is asked over all stations"),
    "generate": _l("made a timetable"),
    "change": _l("changed a timetable"),
    "announce": _l("announced a tablet"),
    "renew_code": _l("gave a tablet a new code"),
    "rename": _l("renamed a tablet"),
    "revoke": _l("revoked a tablet"),
    "brief": _l("prepared a tablet for the day"),
    "move": _l("let a sheet count for another candidate"),
    "miss": _l("ruled on a candidate who was not at a station"),
    "void": _l("ruled a station out for a candidate"),
    "void_station": _l("ruled a station out for everybody"),
    "accept": _l("let a sheet count that was kept aside"),
    "refuse": _l("refused a sheet that was kept aside"),
    "undo": _l("undid a ruling"),
    "settle_release": _l("said what candidates may do and read after a release"),
    "open_revision": _l("opened a revision of released results"),
    "release_revision": _l("released a revision of results"),
    "withdraw": _l("withdrew a revision of results"),
    "appeal": _l("appealed against a practical result"),
    "reject": _l("rejected an appeal against a practical result"),
}


def wire(app: Flask) -> None:
    """Pages, navigation, panels, and the words that templates use."""
    app.register_blueprint(pages)
    WITHHELD.update(
        dict.fromkeys(("circuit_score", "sheet"), _l("Marks are handed out as results, once they are released."))
    )
    notify(*telling.HEARD)
    app.jinja_env.globals.update(WORDS)
    stations.USED["osce"] = (_l("Practical exams with this station"), used)
    stations.WAYS["osce"] = (Osce.PLAN, "osce.from_blueprint")
    nav.register(
        nav.Item(
            "osce", _l("Practical exams"), "osce.circuits", "stethoscope", "side", 320, Osce.READ, _l("Assessment")
        )
    )
    nav.register(nav.Item("osce-mine", _l("My stations"), "osce.duties", "stethoscope", "side", 330, Osce.EXAMINE))
    nav.register(
        nav.Item(
            "osce-appeals",
            _l("Appeals of practical exams"),
            "osce.appeals",
            "flag",
            "side",
            322,
            Osce.APPEALS,
            _l("Assessment"),
        )
    )
    nav.register(
        nav.Item("osce-tablets", _l("Tablets"), "osce.tablets", "device", "side", 325, Osce.TABLETS, _l("Assessment"))
    )
    work.register(jobs.SWEEP_PHOTOS, jobs.sweep_photos, every=work.hourly(35))
    nav.hold(nav.Held("tablet", ("sheets", "drafts"), _l("Sheets on this tablet"), kept=True))
    nav.hold(nav.Held("osce-", ("sheets", "drafts"), _l("Sheets of a practical station")))
    nav.add_panel(nav.Panel("osce-today", 120, Osce.EXAMINE, marking.panel))
    nav.add_panel(nav.Panel("osce-slots", 121, Osce.OWN, timetable.panel))
    nav.add_panel(nav.Panel("osce-own", 620, Osce.OWN, own.panel))
    APPEALING["osce"] = waiting.appealing
    nav.add_panel(nav.Panel("osce-appeals", 114, Osce.APPEALS, appeals.panel))
    name_verbs("osce", VERBS)
    name_verbs("open", {"enrol": _l("enrolled a tablet by its code")})
