"""What this feature adds to the app."""

from flask import Flask

from assessments.results import jobs, views
from assessments.results.policy import Results
from assessments.results.queries import have, sealed
from courses.curricula.queries.kinds import RequirementKind, add_kind
from courses.hours.events import HoursBroughtIn, HoursConfirmed
from courses.rotations.events import RotationEnded
from lms import events
from lms import jobs as work
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.ledger.queries import SOURCES
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages, what is heard of, the work, what verbs are called, and who keeps what the ledger knows of marks."""
    app.register_blueprint(views.pages)
    nav.register(nav.Item("evidence", _l("My evidence"), "results.mine", "file", "account", 18, Results.OWN))
    nav.add_about(nav.About("evidence", _l("Evidence"), "results.of_person", "file", 25, Results.READ))
    words = {"bring_in": _l("took over a history of results"), "record_many": _l("recorded many results")}
    name_verbs("results", words)
    SOURCES[sealed.BATCH] = sealed.kept
    events.subscribe(HoursConfirmed, "results.record_hours", jobs.hours_confirmed)
    events.subscribe(HoursBroughtIn, "results.record_hours_of_place", jobs.hours_brought_in)
    events.subscribe(RotationEnded, "results.record_rotation", jobs.rotation_ended)
    work.register(jobs.PLACE, jobs.record_hours_of_place)
    work.register(jobs.LEFT, jobs.record_hours_left, every=work.daily(15, 40))
    add_kind(RequirementKind("rotation", _l("Rotation"), "institution", _l("days"), have.rotations))
    add_kind(RequirementKind("cases", _l("Simulated cases"), "case", "", have.cases))
    add_kind(RequirementKind("exam", _l("Exam"), "exam", "", have.exams))
