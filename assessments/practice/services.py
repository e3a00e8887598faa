"""Verbs of evaluations: assign, score records one by one, submit, return or accept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assessments.practice import queries
from assessments.practice.events import EvaluationAccepted, EvaluationAssigned
from assessments.practice.models import (
    Decided,
    Evaluation,
    EvaluationDecision,
    EvaluationFormVersion,
    EvaluationRecord,
    State,
)
from assessments.practice.policy import Practice
from assessments.practice.rules import (
    RULES,
    Form,
    Identifying,
    Wrong,
    WrongScores,
    digest,
    identifying,
    percent,
    read,
)
from assessments.results.models import ResultKind
from assessments.results.services import Evidence, record
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _, _l
from lms.people.models import Person
from lms.service import service, tell

_OPEN = (State.ASSIGNED, State.RETURNED)
_WRONG = {
    Wrong.NOT_SCORES: _l("This is not a record."),
    Wrong.UNKNOWN_CRITERION: _l("There is no criterion “%(where)s” on this form."),
    Wrong.MISSING_CRITERION: _l("“%(where)s” has no points yet."),
    Wrong.NOT_WHOLE: _l("The points for “%(where)s” are not a whole number from 0 on."),
    Wrong.ABOVE_MAXIMUM: _l("The points for “%(where)s” are above its maximum."),
}
_IDENTIFYING = {
    Identifying.IDENTITY_NUMBER: _l(
        "There is an identity number in it. Nothing was saved: take out whatever tells who the patient is."
    ),
    Identifying.TELEPHONE: _l(
        "There is a telephone number in it. Nothing was saved: take out whatever tells who the patient is."
    ),
    Identifying.NAME: _l("There is a name in it. Nothing was saved: take out whatever tells who the patient is."),
}


@dataclass(frozen=True)
class Task:
    """What is to be evaluated: by which form, over which period."""

    version: EvaluationFormVersion
    period_from: date
    period_until: date


@service(needs=Practice.ASSIGN)
def assign(actor: Actor, doctor: Person, *, assessor: Person, task: Task) -> Evaluation:
    """Ask somebody of another institution to judge a doctor's work of one period."""
    if assessor.id == doctor.id:
        raise Invalid(_("Nobody evaluates themselves."), field="assessor")
    if assessor.institution_id == doctor.institution_id:
        raise Invalid(_("The assessor must be of another institution than the doctor."), field="assessor")
    if task.period_until < task.period_from:
        raise Invalid(_("The period ends before it begins."), field="period_until")
    made = Evaluation(
        institution_id=doctor.institution_id,
        person_id=doctor.id,
        form_version_id=task.version.id,
        assessor_id=assessor.id,
        assessor_institution_id=assessor.institution_id,
        doctor_name=doctor.name,
        assessor_name=assessor.name,
        period_from=task.period_from,
        period_until=task.period_until,
        state=State.ASSIGNED,
        assigned_by_id=actor.person_id,
    )
    if _is_there(made):
        raise Conflict(_("This assessor has been asked already to evaluate this period."))
    db.session.add(made)
    db.session.flush()
    publish(EvaluationAssigned(made.id))
    tell(evaluation=made.id, assessor=assessor.id, form=task.version.content_hash.hex())
    return made


def _is_there(made: Evaluation) -> bool:
    others = queries.mine(made.person_id)
    keys = ("form_version_id", "assessor_id", "period_from")
    return any(all(getattr(one, key) == getattr(made, key) for key in keys) for one in others)


@dataclass(frozen=True)
class Entry:
    """One record as its assessor filled it in."""

    label: str
    scores: Mapping[str, Any]
    note: str = ""


@service(needs=Practice.ASSESS)
def score(actor: Actor, evaluation: Evaluation, *, number: int, entry: Entry) -> EvaluationRecord:
    """Keep the scores of one record; the same again changes nothing, others become a new version of it."""
    _held(evaluation, *_OPEN)
    form = Form.of(evaluation.version.body)
    if not 1 <= number <= form.records_required:
        raise Invalid(_("There are %(number)s records to score.", number=form.records_required))
    scores = _scores(form, entry.scores)
    label, note = _anonymous(entry.label, "label"), _anonymous(entry.note, "note")
    if not 1 <= len(label) <= 60:
        raise Invalid(
            _("Give the record a label of 1 to 60 characters by which the clinic finds it again."), field="label"
        )
    if len(note) > 2000:
        raise Invalid(_("The note is too long: 2,000 characters at most."), field="note")
    standing = {one.number: one for one in queries.current_records(evaluation)}
    if any(one.label == label and one.number != number for one in standing.values()):
        raise Invalid(
            _("This label stands on another record already. Ten different records are needed."), field="label"
        )
    hashed = digest({"evaluation": evaluation.id, "number": number, "label": label, "scores": scores, "note": note})
    before = standing.get(number)
    if before is not None and before.content_hash == hashed:
        return before
    made = EvaluationRecord(
        institution_id=evaluation.institution_id,
        person_id=evaluation.person_id,
        evaluation_id=evaluation.id,
        number=number,
        version=before.version + 1 if before else 1,
        supersedes_id=before.id if before else None,
        label=label,
        scores=scores,
        note=note,
        assessor_id=actor.person_id,
        content_hash=hashed,
    )
    db.session.add(made)
    db.session.flush()
    tell(evaluation=evaluation.id, number=number, version=made.version, hash=hashed.hex())
    return made


def _scores(form: Form, sent: Mapping[str, Any]) -> dict[str, int]:
    try:
        return read(form, sent)
    except WrongScores as refused:
        named = {one.code: one.text for one in form.criteria}
        words = str(_WRONG[refused.wrong])
        where = named.get(refused.criterion, refused.criterion)
        raise Invalid(words % {"where": where} if where else words, field=refused.criterion) from None


def _anonymous(text: str, field: str) -> str:
    plain = text.strip()
    if "\x00" in plain or any("\ud800" <= letter <= "\udfff" for letter in plain):
        raise Invalid(_("This is not a record."), field=field)
    found = identifying(plain)
    if found is not None:
        raise Invalid(_IDENTIFYING[found], field=field)
    return plain


@service(needs=Practice.ASSESS)
def submit(actor: Actor, evaluation: Evaluation) -> None:
    """Hand in the evaluation; every record that is needed has been scored."""
    _held(evaluation, *_OPEN)
    records = queries.current_records(evaluation)
    needed = Form.of(evaluation.version.body).records_required
    if len(records) < needed:
        raise Invalid(
            _("%(number)s of %(needed)s records are scored. All are needed.", number=len(records), needed=needed)
        )
    evaluation.state = State.SUBMITTED
    _write_down(actor, evaluation, Decided.SUBMITTED, queries.whole_hash(evaluation, records))


@service(needs=Practice.ACCEPT, tells=("reason",))
def give_back(actor: Actor, evaluation: Evaluation, *, reason: str) -> None:
    """Ask the assessor to mend a submitted evaluation, and say what."""
    _held(evaluation, State.SUBMITTED)
    _uninvolved(actor, evaluation)
    if not reason.strip():
        raise Invalid(_("Say what is to be mended."), field="reason")
    evaluation.state = State.RETURNED
    hashed = queries.whole_hash(evaluation, queries.current_records(evaluation))
    _write_down(actor, evaluation, Decided.RETURNED, hashed, reason)


@service(needs=Practice.ACCEPT)
def accept(actor: Actor, evaluation: Evaluation, *, content_hash: bytes) -> None:
    """Let the evaluation that was shown stand as a result of its doctor."""
    _held(evaluation, State.SUBMITTED)
    _uninvolved(actor, evaluation)
    records = queries.current_records(evaluation)
    if queries.whole_hash(evaluation, records) != content_hash:
        raise Conflict(_("The records changed since you opened the page. Look at them again."))
    doctor = db.session.get(Person, evaluation.person_id)
    if doctor is None:
        raise Conflict(
            _(
                "No longer in your area: %(names)s. The authority above must accept the evaluation.",
                names=evaluation.doctor_name,
            )
        )
    form = Form.of(evaluation.version.body)
    evaluation.percent = percent(form, [one.scores for one in records])
    evaluation.state = State.ACCEPTED
    _write_down(actor, evaluation, Decided.ACCEPTED, content_hash)
    record(actor, doctor, evidence=_evidence(evaluation, records, content_hash))
    publish(EvaluationAccepted(evaluation.id))


def _evidence(evaluation: Evaluation, records: list[EvaluationRecord], content_hash: bytes) -> Evidence:
    return Evidence(
        kind=ResultKind.PRACTICE_EVALUATION,
        # A period that still runs is judged by what there was until today.
        on_day=min(evaluation.period_until, clock.today()),
        source_kind="practice_evaluation",
        source_id=str(evaluation.id),
        source={
            "evaluation": evaluation.id,
            "form": evaluation.version.content_hash.hex(),
            "records": [one.content_hash.hex() for one in records],
            "hash": content_hash.hex(),
            "rules": RULES,
            "percent": str(evaluation.percent),
        },
        value=evaluation.percent,
        technique_id=evaluation.version.form.technique_id,
        assessor_id=evaluation.assessor_id,
    )


def _held(evaluation: Evaluation, *states: State) -> None:
    """Hold the evaluation until the end of the transaction; it is in one of these states."""
    db.session.refresh(evaluation, with_for_update=True)
    if evaluation.state not in states:
        raise Conflict(_("The evaluation has gone on since; reload to see how it stands."))


def _uninvolved(actor: Actor, evaluation: Evaluation) -> None:
    """Neither the doctor nor the assessor decides about the evaluation."""
    if actor.person_id in (evaluation.person_id, evaluation.assessor_id):
        raise NotAllowed


def _write_down(actor: Actor, evaluation: Evaluation, decided: Decided, hashed: bytes, reason: str = "") -> None:
    db.session.add(
        EvaluationDecision(
            institution_id=evaluation.institution_id,
            evaluation_id=evaluation.id,
            decided=decided,
            content_hash=hashed,
            reason=reason.strip(),
            person_id=actor.person_id,
        )
    )
    db.session.flush()
    tell(evaluation=evaluation.id, hash=hashed.hex())
