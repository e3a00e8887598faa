"""Setting the cut of an exam by a method, and making it the exam's cut."""

from decimal import Decimal

from assessments.exams.models import Decided, Exam, ExamDecision, Method, Standard, StandardUse, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import standards as queries
from assessments.exams.rules import standards as rules
from assessments.exams.services import making
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell

_METHODS: dict[type, Method] = {
    rules.Angoff: Method.ANGOFF,
    rules.Ebel: Method.EBEL,
    rules.Hofstee: Method.HOFSTEE,
    rules.Cohen: Method.COHEN,
}
_MOST_ERRORS = 3


@service(needs=Exams.MANAGE, tells=("reason",))
def set_standard(actor: Actor, exam: Exam, *, given: rules.Given, errors: Decimal, reason: str) -> Standard:
    """Work a cut out and keep it with everything it rests on; it is not the exam's cut before somebody uses it."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if not reason:
        raise Invalid(_("Say who judged and why this method was chosen."), field="reason")
    run = exam_queries.last_run(exam)
    error = run.standard_error if run else None
    _check_errors(errors, error)
    found = _outcome(given, queries.basis(exam, run))
    made = Standard(
        institution_id=exam.institution_id,
        exam_id=exam.id,
        version=queries.next_version(exam),
        paper_version_id=exam.paper_version_id,
        method=_METHODS[type(given)],
        figures=given.plain(),
        cut_percent=rules.rounded(found.percent, 3),
        judge_error=None if found.judge_error is None else rules.rounded(found.judge_error, 3),
        run_id=run.id if run else None,
        standard_error=error,
        errors=errors,
        pass_percent=rules.moved(found.percent, error, errors),
        reason=reason,
        made_by_id=actor.person_id,
    )
    if not made.pass_percent:
        raise Invalid(_("This comes to a cut of 0: everybody would pass."))
    db.session.add(made)
    db.session.flush()
    tell(exam=exam.id, standard=made.version, method=made.method, cut=str(made.pass_percent))
    return made


def _check_errors(errors: Decimal, error: Decimal | None) -> None:
    if not -_MOST_ERRORS <= errors <= _MOST_ERRORS:
        raise Invalid(_("At most three errors of measurement are added or taken off."), field="errors")
    if errors and error is None:
        raise Invalid(_("The error of measurement is not known before the exam is marked. Leave 0."), field="errors")


def _outcome(given: rules.Given, basis: rules.Basis) -> rules.Outcome:
    try:
        return given.outcome(basis)
    except rules.NoCut as none:
        words = {
            "questions": _("The paper has %(count)s questions; every judge must judge each.", count=len(basis.points)),
            "scores": _("This method needs results: mark the exam first."),
            "bounds": _("The least must be below the most, and everything lies from 0 to 100."),
            "too_many_fail": _("Even the least cut fails more candidates than is acceptable. There is no such cut."),
            "too_few_fail": _("Even the greatest cut fails fewer candidates than is acceptable. There is no such cut."),
            "guessing": _("The best did not score above guessing. There is no such cut."),
        }
        raise Invalid(words[none.why]) from None


@service(needs=Exams.APPROVE)
def use_standard(actor: Actor, standard: Standard) -> None:
    """Make this the exam's cut. Before anybody has begun one officer may; after the exam two must want it.

    What two officers approve contains the cut: before the exam it must be approved again, and after it the two who want
    it approve it by that, and the exam is marked again.
    """
    exam = standard.exam
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.paper_version_id != standard.paper_version_id:
        raise Conflict(_("The paper has changed since. Judges must look at the new one."))
    if exam.pass_percent == standard.pass_percent:
        raise Conflict(_("This is the cut already."))
    if exam.state in (State.DRAFTED, State.APPROVED):
        _want(actor, standard, _seal_with(exam, standard.pass_percent))
        making.amend(actor, exam, plan=_plan(exam, standard.pass_percent))
    elif exam.state in (State.CLOSED, State.SCORED):
        _use_after(actor, standard)
    else:
        raise Conflict(
            _("The cut can be changed before the exam begins, or after it has ended and before the release.")
        )
    tell(exam=exam.id, standard=standard.version, cut=str(standard.pass_percent), applied=str(exam.pass_percent))


def _use_after(actor: Actor, standard: Standard) -> None:
    exam = standard.exam
    seal = _seal_with(exam, standard.pass_percent)
    if actor.person_id in queries.wanted(standard, seal):
        raise Conflict(_("You have said so already. A second officer must do it too."))
    _want(actor, standard, seal)
    _approve(actor, exam, seal)
    if len(queries.wanted(standard, seal)) >= 2:
        exam.pass_percent, exam.approved_hash, exam.state = standard.pass_percent, seal, State.CLOSED
        db.session.flush()


def _approve(actor: Actor, exam: Exam, seal: bytes) -> None:
    if actor.person_id not in {person for person, _name, _at in exam_queries.decisions(exam, Decided.APPROVE, seal)}:
        db.session.add(
            ExamDecision(
                institution_id=exam.institution_id,
                exam_id=exam.id,
                decided=Decided.APPROVE,
                content_hash=seal,
                person_id=actor.person_id,
            )
        )
        db.session.flush()


def _want(actor: Actor, standard: Standard, seal: bytes) -> None:
    if actor.person_id not in queries.wanted(standard, seal):
        db.session.add(
            StandardUse(
                institution_id=standard.institution_id,
                standard_id=standard.id,
                seal=seal,
                person_id=actor.person_id,
            )
        )
        db.session.flush()


def _seal_with(exam: Exam, cut: Decimal) -> bytes:
    """What would be approved with this cut."""
    before = exam.pass_percent
    with db.session.no_autoflush:
        exam.pass_percent = cut
        seal = exam_queries.sealed(exam)
        exam.pass_percent = before
    return seal


def _plan(exam: Exam, cut: Decimal) -> making.Plan:
    """The exam's plan as it stands, with another cut."""
    values = {name: getattr(exam, name) for name in making.Plan.__dataclass_fields__ if hasattr(exam, name)}
    return making.Plan(**values | {"pass_percent": cut})
