"""What is heard of hours and rotations becomes evidence, once for each; what came in by thousands in the background."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from assessments.results.models import ResultKind
from assessments.results.policy import Results
from assessments.results.queries import hours, rotations
from assessments.results.rules import in_hours
from assessments.results.services import Brought, Evidence, record, record_many
from courses.hours.models import HoursEntry
from courses.hours.rules import HoursKind
from courses.rotations.rules import Outcome
from lms import jobs
from lms.authz import Actor
from lms.db import act_as, db
from lms.institutions.models import Institution
from lms.people.models import Person

ACTOR: Final = Actor.job("results", Results.RECORD)
PLACE: Final = "results.record_hours_of_place"
LEFT: Final = "results.record_hours_left"
AT_ONCE: Final = 5000


def hours_confirmed(event: dict[str, Any]) -> None:
    """Hours were entered or taken back: what stands of that entry now is the evidence, whichever is heard first."""
    act_as(db.session, ACTOR)
    entry = db.session.get_one(HoursEntry, event["reverses"] or event["entry_id"])
    person = db.session.get_one(Person, entry.person_id)
    record(ACTOR, person, evidence=_evidence(entry, hours.reversals(db.session, [entry]).get(entry.id)))


def rotation_ended(event: dict[str, Any]) -> None:
    """A rotation was evaluated, or its evaluation corrected: days present count where it was passed, else nothing.

    The word that came last holds, in whatever order the two are heard.
    """
    act_as(db.session, ACTOR)
    found = rotations.word_that_holds(db.session, event["rotation_id"])
    passed = found.outcome == Outcome.PASSED
    if not passed and not rotations.recorded(db.session, event["rotation_id"]):
        return
    evidence = Evidence(
        kind=ResultKind.ROTATION_DAYS,
        on_day=found.last_on,
        source_kind=rotations.SOURCE,
        source_id=str(found.rotation_id),
        source=found.record(),
        value=Decimal(found.present_days) if passed else None,
        assessor_id=found.by_id,
        reason=found.reason,
    )
    record(ACTOR, db.session.get_one(Person, found.person_id), evidence=evidence)


def hours_brought_in(event: dict[str, Any]) -> None:
    """Many hours came in at once: make them evidence in the background."""
    act_as(db.session, ACTOR)
    jobs.request(PLACE, institution_id=event["institution_id"])


def record_hours_of_place(progress: jobs.Progress, *, institution_id: int) -> dict[str, Any]:
    """Make evidence of all hours of people at or below a place that are not yet."""
    act_as(db.session, ACTOR)
    return _record(progress, db.session.get_one(Institution, institution_id))


def record_hours_left(progress: jobs.Progress, **_: Any) -> dict[str, Any] | None:
    """Make evidence of whatever hours are not yet: those entered before there was anybody to hear of them."""
    act_as(db.session, ACTOR)
    return _record(progress, None)


def _record(progress: jobs.Progress, place: Institution | None) -> dict[str, Any]:
    written = 0
    while entries := hours.unrecorded(db.session, place, AT_ONCE):
        progress(written, written + len(entries))
        written += record_many(ACTOR, place, marks=_marks(entries))
    return {"written": written}


def _marks(entries: Sequence[HoursEntry]) -> list[Brought]:
    gone = hours.reversals(db.session, entries)
    return [Brought(entry.person_id, _evidence(entry, gone.get(entry.id))) for entry in entries]


def _evidence(entry: HoursEntry, taken_back: HoursEntry | None) -> Evidence:
    return Evidence(
        kind=ResultKind(hours.KINDS[HoursKind(entry.kind)]),
        on_day=entry.on_day,
        source_kind=hours.SOURCE,
        source_id=str(entry.id),
        source={
            "entry": entry.id,
            "kind": entry.kind,
            "minutes": entry.minutes,
            "on": entry.on_day.isoformat(),
            "from": f"{entry.source_kind}:{entry.source_id}",
            "taken_back": taken_back.id if taken_back else None,
        },
        value=None if taken_back else in_hours(entry.minutes),
        assessor_id=entry.confirmed_by_id,
        reason=taken_back.reason if taken_back else "",
    )
