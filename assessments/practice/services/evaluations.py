"""Assigning an evaluation, scoring its records, submitting it, and letting it stand."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from assessments.practice import queries
from assessments.practice.events import EvaluationAccepted, EvaluationAssigned
from assessments.practice.models import (
    Decided,
    Evaluation,
    EvaluationDecision,
    EvaluationFormVersion,
    EvaluationRecord,
    EvaluationResult,
    State,
)
from assessments.practice.policy import Practice
from assessments.practice.queries.indicators import titles_of
from assessments.practice.queries.results import newest
from assessments.practice.rules.parts import Missing, Whole
from assessments.practice.rules.records import RULES, Wrong, WrongScores, read
from assessments.results.models import ResultKind
from assessments.results.services import Evidence, record
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.digests import digest
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _, _l, pick
from lms.people.models import Person
from lms.people.services.patients import unnamed
from lms.service import service, tell
from lms.texts import can_be_kept

_WORDS = {
    Wrong.NOT_SCORES: _l("These are not the scores of a record."),
    Wrong.UNKNOWN_CRITERION: _l("There is no criterion “%(criterion)s” on this form."),
    Wrong.MISSING_CRITERION: _l("Criterion “%(criterion)s” has no points."),
    Wrong.NOT_WHOLE: _l("The points of criterion “%(criterion)s” are not a whole number."),
    Wrong.ABOVE_MAXIMUM: _l("The points of criterion “%(criterion)s” are above its maximum."),
}

LONGEST = {"label": 60, "note": 1000}


@service(needs=Practice.ASSIGN, tells=("period_from", "period_until"))
def assign(
    actor: Actor,
    doctor: Person,
    *,
    assessor: Person,
    version: EvaluationFormVersion,
    period_from: date,
    period_until: date,
) -> Evaluation:
    """Ask an assessor of another institution to look at a doctor's work of a period."""
    if assessor.id == doctor.id:
        raise Invalid(_("Nobody evaluates themselves."), field="assessor")
    if assessor.institution_id == doctor.institution_id:
        raise Invalid(_("The assessor must come from another institution than the doctor."), field="assessor")
    if period_until < period_from:
        raise Invalid(_("The period must end after it begins."), field="period_until")
    made = Evaluation(
        person_id=doctor.id,
        institution_id=doctor.institution_id,
        form_version_id=version.id,
        assessor_id=assessor.id,
        assessor_institution_id=assessor.institution_id,
        doctor_name=doctor.name,
        assessor_name=assessor.name,
        period_from=period_from,
        period_until=period_until,
        assigned_by_id=actor.person_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except sa.exc.IntegrityError:
        raise Conflict(_("This evaluation has been assigned already.")) from None
    publish(EvaluationAssigned(made.id))
    tell(evaluation=made.id, person=doctor.id, assessor=assessor.id, form=version.content_hash.hex())
    return made


@service(needs=Practice.ASSESS)
def score(
    actor: Actor, evaluation: Evaluation, *, number: int, label: str, scores: Mapping[str, Any], note: str = ""
) -> EvaluationRecord:
    """Score one record; scoring its number again is a correction, and the earlier scores stay readable."""
    _lock(evaluation)
    _still_open(evaluation)
    form = queries.form_of(evaluation)
    if not 1 <= number <= form.records_required:
        raise Invalid(_("Records are numbered from 1 to %(most)s.", most=form.records_required))
    label, note = label.strip(), note.strip()
    if not label:
        raise Invalid(_("Write a label by which the clinic finds the record again."), field="label")
    _keep_private(label=label, note=note)
    standing = {row.number: row for row in queries.records(evaluation)}
    if any(row.label == label for row in standing.values() if row.number != number):
        raise Invalid(_("This label stands on another record already. Every record is scored once."), field="label")
    return write_record(actor, evaluation, standing.get(number), number, label=label, scores=scores, note=note)


def write_record(
    actor: Actor,
    evaluation: Evaluation,
    before: EvaluationRecord | None,
    number: int,
    *,
    label: str,
    scores: Mapping[str, Any],
    note: str,
) -> EvaluationRecord:
    """One record's points as a new version, or the version that stands where they say the same."""
    given = read_scores(evaluation, scores)
    content = {"evaluation": evaluation.id, "number": number, "label": label, "scores": given, "note": note}
    if before is not None and (before.label, before.scores, before.note) == (label, given, note):
        return before
    row = EvaluationRecord(
        person_id=evaluation.person_id,
        institution_id=evaluation.institution_id,
        evaluation_id=evaluation.id,
        number=number,
        version=before.version + 1 if before else 1,
        supersedes_id=before.id if before else None,
        label=label,
        scores=given,
        note=note,
        assessor_id=actor.person_id,
        content_hash=digest(content | {"version": before.version + 1 if before else 1}),
    )
    db.session.add(row)
    db.session.flush()
    tell(evaluation=evaluation.id, number=number, version=row.version, hash=row.content_hash.hex())
    return row


@service(needs=Practice.ASSESS)
def submit(actor: Actor, evaluation: Evaluation) -> None:
    """Hand in the evaluation, once every record has been scored."""
    _lock(evaluation)
    _still_open(evaluation)
    rows = queries.records(evaluation)
    missing = queries.form_of(evaluation).records_required - len(rows)
    if missing:
        raise Conflict(_("%(missing)s records have not been scored yet.", missing=missing))
    evaluation.state = State.SUBMITTED
    _decide(actor, evaluation, Decided.SUBMITTED, queries.whole_hash(evaluation, rows))


@service(needs=Practice.ACCEPT, tells=("reason",))
def give_back(actor: Actor, evaluation: Evaluation, *, reason: str) -> None:
    """Return a submitted evaluation to its assessor with what is to be mended."""
    _lock(evaluation)
    if evaluation.state != State.SUBMITTED:
        raise Conflict(_("Only a submitted evaluation can be returned."))
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    evaluation.state = State.RETURNED
    rows = queries.records(evaluation)
    _decide(actor, evaluation, Decided.RETURNED, queries.whole_hash(evaluation, rows), reason.strip())


@service(needs=Practice.ACCEPT)
def accept(actor: Actor, evaluation: Evaluation, *, content_hash: bytes) -> None:
    """Let the evaluation that was shown stand as a result; not by its assessor and not by the doctor."""
    _lock(evaluation)
    if actor.person_id in (evaluation.assessor_id, evaluation.person_id):
        raise NotAllowed
    if evaluation.state != State.SUBMITTED:
        raise Conflict(_("Only a submitted evaluation can be accepted."))
    rows = queries.records(evaluation)
    if queries.whole_hash(evaluation, rows) != content_hash:
        raise Conflict(_("The records changed since you opened the page. Look at them again."))
    found = result_of(evaluation, rows)
    evaluation.state, evaluation.percent = State.ACCEPTED, found.percent
    write_result(actor, evaluation, found=found, content_hash=content_hash)
    _decide(actor, evaluation, Decided.ACCEPTED, content_hash)
    publish(EvaluationAccepted(evaluation.id))


def result_of(evaluation: Evaluation, rows: list[EvaluationRecord]) -> Whole:
    """The result as records and figures stand now; raises Conflict naming the figures that are missing."""
    found = queries.whole_of(evaluation, rows)
    if isinstance(found, Missing):
        titles = titles_of(found.codes)
        named = [pick(titles[code].indicator.title, titles[code].indicator.title_en) for code in found.codes]
        raise Conflict(
            _("Figures of this period are missing, or of too few cases: %(names)s. Import them first.",
              names=_(", ").join(named))
        )  # fmt: skip
    return found


def write_result(
    actor: Actor, evaluation: Evaluation, *, found: Whole, content_hash: bytes, reason: str = ""
) -> EvaluationResult:
    """A new version of the result; with a reason it supersedes what stood before, and the evidence with it."""
    before = newest(evaluation)
    row = EvaluationResult(
        person_id=evaluation.person_id,
        institution_id=evaluation.institution_id,
        evaluation_id=evaluation.id,
        version=before.version + 1 if before else 1,
        supersedes_id=before.id if before else None,
        percent=found.percent,
        parts=found.as_json(),
        content_hash=content_hash,
        reason=reason,
        decided_by_id=actor.person_id,
    )
    evaluation.percent = found.percent
    db.session.add(row)
    db.session.flush()
    person = db.session.get(Person, evaluation.person_id)
    if person is None:
        raise Conflict(_("The doctor works outside your area now. Ask the exam officer of the level above."))
    record(actor, person, evidence=_evidence(evaluation, row))
    return row


def _evidence(evaluation: Evaluation, result: EvaluationResult) -> Evidence:
    source = {"evaluation": evaluation.id, "records": result.content_hash.hex(), "rules": RULES}
    return Evidence(
        reason=result.reason,
        kind=ResultKind.PRACTICE_EVALUATION,
        on_day=clock.today(),
        source_kind="evaluation",
        source_id=str(evaluation.id),
        source=source | ({"version": result.version} if result.version > 1 else {}),
        value=evaluation.percent,
        technique_id=evaluation.version.form.technique_id,
        assessor_id=evaluation.assessor_id,
    )


def _lock(evaluation: Evaluation) -> None:
    db.session.refresh(evaluation, with_for_update=True)


def _still_open(evaluation: Evaluation) -> None:
    if evaluation.state not in (State.ASSIGNED, State.RETURNED):
        raise Conflict(_("This evaluation has been handed in. It can be changed when it is returned."))


def _keep_private(**texts: str) -> None:
    for field, text in texts.items():
        if len(text) > LONGEST[field] or not can_be_kept(text):
            raise Invalid(_("This text is too long or holds signs that cannot be kept."), field=field)
        unnamed(text, field)


def read_scores(evaluation: Evaluation, sent: Mapping[str, Any]) -> dict[str, int]:
    """The points as the form asks for them; raises Invalid that names the criterion."""
    try:
        return read(queries.form_of(evaluation), sent)
    except WrongScores as refused:
        words = str(_WORDS[refused.wrong])
        raise Invalid(words % {"criterion": refused.criterion}, field=refused.criterion) from None


def _decide(actor: Actor, evaluation: Evaluation, decided: Decided, over: bytes, reason: str = "") -> None:
    db.session.add(
        EvaluationDecision(
            institution_id=evaluation.institution_id,
            evaluation_id=evaluation.id,
            decided=decided,
            content_hash=over,
            reason=reason,
            person_id=actor.person_id,
        )
    )
    db.session.flush()
    tell(evaluation=evaluation.id, person=evaluation.person_id, hash=over.hex())
