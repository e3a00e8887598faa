"""Taking what an assessor watched and wrote down: once, for good, and a correction beside what it corrects."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from assessments.results.models import Result, ResultKind
from assessments.results.policy import Results
from assessments.results.services import Evidence, record
from assessments.stations.models import StationVersion
from assessments.stations.rules import RULES, Checklist, Wrong, WrongSheet, score
from assessments.workplace.events import WorkplaceAssessed
from assessments.workplace.models import Answered, State, WorkplaceAssessment, WorkplaceRequest
from assessments.workplace.policy import Workplace
from assessments.workplace.queries import assessments, people
from assessments.workplace.rules import REMEMBERED
from assessments.workplace.rules.written import Fault, Seen, WrongField, as_evidence, read_seen
from courses.mentoring.queries.matching import holds
from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, act_as, db
from lms.digests import digest
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _, _l
from lms.people.models import Person
from lms.people.services.patients import unnamed
from lms.service import service, tell
from lms.techniques.models import Technique

#: On whose behalf an assessment becomes evidence.
RECORDER = Actor.job("workplace.record", Results.RECORD)
SOURCE = "workplace_assessment"

_SHEET = {
    Wrong.NOT_A_SHEET: _l("This is not an assessment."),
    Wrong.UNKNOWN_ITEM: _l("There is no domain “%(item)s” on this form."),
    Wrong.MISSING_ITEM: _l("Domain “%(item)s” has no mark."),
    Wrong.NOT_WHOLE: _l("The mark of domain “%(item)s” is not a whole number."),
    Wrong.ABOVE_MAXIMUM: _l("The mark of domain “%(item)s” is above its maximum."),
    Wrong.NOT_A_STEP: _l("Domain “%(item)s” cannot be given this mark."),
    Wrong.NO_RATING: _l("The level of entrustment is missing."),
    Wrong.UNKNOWN_RATING: _l("This form has no such level of entrustment."),
    Wrong.NO_COMMENT: _l("“%(item)s” is critical and was not done. Say what happened."),
    Wrong.TOO_LONG: _l("A text is too long: 2,000 characters at most."),
    Wrong.NO_TIME: _l("It does not say when the assessment was begun."),
}
_FIELDS = {
    Fault.MISSING: _l("This must not be empty: %(field)s."),
    Fault.TOO_LONG: _l("This text is too long: %(field)s."),
    Fault.NOT_A_CHOICE: _l("Choose one: %(field)s."),
    Fault.NOT_MINUTES: _l("Give whole minutes: %(field)s."),
    Fault.NOT_A_DAY: _l("This is not a day: %(field)s."),
}
CALLED = {
    "observed_on": _l("Watched on"),
    "setting": _l("Setting"),
    "difficulty": _l("How hard the case was"),
    "about": _l("The case in a few words"),
    "good": _l("What was good"),
    "improve": _l("What to improve"),
    "action": _l("Agreed next step"),
    "comment": _l("What happened at the critical point"),
    "observe_minutes": _l("Minutes watched"),
    "feedback_minutes": _l("Minutes of feedback"),
    "reason": _l("Why do you correct it?"),
}


@dataclass(frozen=True)
class _Handed:
    """An assessment on its way in: under which id, on which form, what was written."""

    sheet: UUID
    version: StationVersion
    seen: Seen


@service(needs=Workplace.ASSESS)
def assess(actor: Actor, about: WorkplaceRequest | Person, *, sheet: UUID, sent: Any) -> WorkplaceAssessment:
    """Hand in what one watched: for a request, or of a doctor one works with. The same sheet again changes nothing.

    `sent` holds `form` (version), `marks`, `rating`, `begun_at`, `own_clock`, `comment`, and what rules.written.Seen
    names; without a request `technique` too.
    """
    _one_at_a_time(sheet)
    handed = _Handed(sheet, version := _form(sent), _read(version, sent))
    if (there := _stands(actor, handed, about.person_id)) is not None:
        return there
    if isinstance(about, WorkplaceRequest):
        db.session.refresh(about, with_for_update=True)
    if about.person_id == actor.person_id:
        raise Invalid(_("Nobody assesses themselves."))
    if handed.seen.written.reason:
        raise Invalid(_("Only a correction has a reason."), field="reason")
    _in_time(handed.seen.observed_on, about)
    doctor, technique = _whom(about, version, sent)
    row = _row(actor, doctor, technique, handed)
    row.encounter_id, row.version = sheet, 1
    if isinstance(about, WorkplaceRequest):
        row.request_id = about.id
        _close(about)
    return _keep(row, handed)


@service(needs=Workplace.CORRECT)
def correct(actor: Actor, before: WorkplaceAssessment, *, sheet: UUID, sent: Any) -> WorkplaceAssessment:
    """Put an assessment right, with a reason: the new version supersedes, and the old one stays readable."""
    _one_at_a_time(sheet)
    _one_at_a_time(before.encounter_id)
    handed = _Handed(sheet, version := _form(sent), _read(version, sent))
    if (there := _stands(actor, handed, before.person_id)) is not None:
        return there
    if version.station_id != before.station_version.station_id:
        raise Invalid(_("A correction stays on the same form."), field="form")
    if not handed.seen.written.reason:
        raise Invalid(_("Say why you correct it."), field="reason")
    if handed.seen.observed_on > clock.today():
        raise Invalid(_("This day is still to come."), field="observed_on")
    _still_stands(before)
    query = sa.select(Person).where(Person.id == before.person_id)
    row = _row(actor, db.session.scalars(query, execution_options=Everything).one(), before.technique, handed)
    row.institution_id, row.doctor_name = before.institution_id, before.doctor_name
    row.request_id, row.encounter_id = before.request_id, before.encounter_id
    row.version, row.supersedes_id = before.version + 1, before.id
    return _keep(row, handed)


def _still_stands(before: WorkplaceAssessment) -> None:
    newest = assessments.newest(before.encounter_id)
    if newest is None or newest.id != before.id:
        raise Conflict(_("This assessment has been corrected since. Look at the newest version first."))
    if any(one.answered == Answered.WITHDRAWN for one in assessments.answers(before.encounter_id)):
        raise Conflict(_("An officer has withdrawn this assessment. It cannot be corrected any more."))


def _one_at_a_time(sheet: UUID) -> None:
    """No row lock: what is append-only cannot be locked by the app's role."""
    lock = sa.func.hashtextextended(f"workplace:{sheet}", 0)
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))


def _form(sent: Any) -> StationVersion:
    found = people.version(sent.get("form")) if isinstance(sent, dict) else None
    if found is None:
        raise Invalid(_("This is not a form of workplace assessment."), field="form")
    return found


def _read(version: StationVersion, sent: Any) -> Seen:
    checklist = Checklist.of(version.body)
    try:
        seen = read_seen(checklist, sent)
    except WrongSheet as wrong:
        item = next((one.text for one in checklist.items if one.code == wrong.item), wrong.item)
        words = str(_SHEET[wrong.wrong])
        raise Invalid(words % {"item": item} if item else words, item=wrong.item) from None
    except WrongField as wrong:
        words = str(_FIELDS[wrong.fault]) % {"field": CALLED[wrong.field]}
        raise Invalid(words, field=wrong.field) from None
    texts = {name: getattr(seen, name) for name in ("about", "good", "improve", "action")}
    for field, text in (texts | {"comment": seen.written.comment, "reason": seen.written.reason}).items():
        unnamed(text, field)
    return seen


def _whom(about: WorkplaceRequest | Person, version: StationVersion, sent: Any) -> tuple[Person, Technique]:
    """The doctor and the technique; over the fence, for the verb has already checked that the two belong together."""
    number = about.person_id
    query = sa.select(Person).where(Person.id == number, holds(Role.DOCTOR))
    doctor = db.session.scalar(query, execution_options=Everything)
    if doctor is None:
        raise Invalid(_("Only doctors in service are assessed."))
    if isinstance(about, WorkplaceRequest):
        if version.station_id != about.station_id:
            raise Invalid(_("The request asks for another form."), field="form")
        return doctor, about.technique
    technique = people.technique(sent.get("technique"))
    if technique is None or not _belongs(technique, doctor, version):
        raise Invalid(_("Choose a technique of the doctor's profession."), field="technique")
    return doctor, technique


def _belongs(technique: Technique, doctor: Person, version: StationVersion) -> bool:
    return doctor.category in technique.categories or technique.id == version.station.technique_id


def _row(actor: Actor, doctor: Person, technique: Technique, handed: _Handed) -> WorkplaceAssessment:
    me, seen, version = db.session.get_one(Person, actor.person_id), handed.seen, handed.version
    found = score(Checklist.of(version.body), seen.written.marks)
    return WorkplaceAssessment(
        id=handed.sheet,
        person_id=doctor.id,
        institution_id=doctor.institution_id,
        doctor_name=doctor.name,
        assessor_id=me.id,
        assessor_name=me.name,
        assessor_institution_id=me.institution_id,
        station_version_id=version.id,
        kind=version.station.kind,
        technique_id=technique.id,
        reason=seen.written.reason,
        observed_on=seen.observed_on,
        setting=seen.setting,
        difficulty=seen.difficulty,
        about=seen.about,
        marks=dict(seen.written.marks),
        rating=seen.written.rating,
        level=seen.level,
        comment=seen.written.comment,
        good=seen.good,
        improve=seen.improve,
        action=seen.action,
        observe_minutes=seen.observe_minutes,
        feedback_minutes=seen.feedback_minutes,
        percent=found.percent,
        critical=found.critical,
        rules=RULES,
        begun_at=seen.written.begun_at,
        own_clock=seen.written.own_clock,
    )


def _hash(row: WorkplaceAssessment, handed: _Handed) -> bytes:
    content = handed.seen.plain() | {
        "sheet": str(row.id),
        "doctor": row.person_id,
        "assessor": row.assessor_id,
        "form": handed.version.content_hash.hex(),
        "technique": row.technique_id,
        "request": row.request_id,
        "version": row.version,
        "supersedes": str(row.supersedes_id) if row.supersedes_id else None,
    }
    return digest(content)


def _stands(actor: Actor, handed: _Handed, doctor: int) -> WorkplaceAssessment | None:
    """Just this sheet, where it stands already; raises Conflict where its id stands for something else."""
    query = sa.select(WorkplaceAssessment).where(WorkplaceAssessment.id == handed.sheet)
    found = db.session.scalar(query, execution_options=Everything)
    if found is None:
        return None
    same = (found.assessor_id, found.person_id) == (actor.person_id, doctor)
    if not same or found.content_hash != _hash(found, handed):
        raise Conflict(_("This assessment was handed in before with other content. Correct what stands there."))
    return found


def _in_time(observed_on: date, about: WorkplaceRequest | Person) -> None:
    today = clock.today()
    if not today - REMEMBERED <= observed_on <= today:
        raise Invalid(
            _("Only what was watched in the last %(days)s days is written down.", days=REMEMBERED.days),
            field="observed_on",
        )
    ended = about.closed_on if isinstance(about, WorkplaceRequest) and about.state != State.DONE else None
    if ended is not None and observed_on > ended:
        raise Invalid(_("The request had ended before this day."), field="observed_on")


def _close(request: WorkplaceRequest) -> None:
    if request.state == State.DONE:
        raise Conflict(_("An assessment for this request has been handed in already. Correct that one."))
    request.state, request.closed_on = State.DONE, clock.today()


def _keep(row: WorkplaceAssessment, handed: _Handed) -> WorkplaceAssessment:
    row.content_hash = _hash(row, handed)
    db.session.add(row)
    db.session.flush()
    publish(WorkplaceAssessed(row.encounter_id))
    tell(
        assessment=str(row.id),
        person=row.person_id,
        technique=row.technique_id,
        version=row.version,
        hash=row.content_hash.hex(),
    )
    return row


# ---- evidence --------------------------------------------------------------------------------------------------


def _evidence(row: WorkplaceAssessment, withdrawn: str) -> Evidence:
    source = {
        "assessment": str(row.id),
        "version": row.version,
        "hash": row.content_hash.hex(),
        "level": row.level,
        "rules": row.rules,
    }
    value = as_evidence(row.percent, Checklist.of(row.station_version.body).pass_percent)
    return Evidence(
        kind=ResultKind.WORKPLACE_ENCOUNTER,
        on_day=row.observed_on,
        source_kind=SOURCE,
        source_id=str(row.encounter_id),
        source=source | ({"withdrawn": withdrawn} if withdrawn else {}),
        value=None if withdrawn else value,
        technique_id=row.technique_id,
        assessor_id=row.assessor_id,
        critical_failure=row.critical,
        reason=withdrawn or row.reason,
    )


def record_result(event: dict[str, Any]) -> None:
    """Hear that an assessment was handed in, corrected or withdrawn, and bring the evidence to what stands now."""
    act_as(db.session, RECORDER)
    encounter = UUID(event["encounter_id"])
    row = assessments.newest(encounter)
    assert row is not None  # published with its first version
    said = [one for one in assessments.answers(encounter) if one.answered == Answered.WITHDRAWN]
    before = sa.select(Result.id).where(Result.source_kind == SOURCE, Result.source_id == str(encounter)).limit(1)
    if said and db.session.scalar(before) is None:
        return
    person = db.session.get_one(Person, row.person_id)
    record(RECORDER, person, evidence=_evidence(row, said[0].text if said else ""))
