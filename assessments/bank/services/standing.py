"""How a version comes to be asked, and stops: reviewed by another than its author, made ready, doubted, retired."""

import sqlalchemy as sa

from assessments.bank.models import Question, QuestionStatus, QuestionVersion
from assessments.bank.policy import Bank
from assessments.bank.queries.finding import Sought, listing
from assessments.bank.queries.standing import before_retired, status_of
from assessments.bank.rules.standing import Status, first, may_follow
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell


@service(needs=Bank.REVIEW)
def review(actor: Actor, version: QuestionVersion, *, note: str = "") -> None:
    """Say that a draft asks what it should and that its key is right; its author cannot say so."""
    if version.made_by_id == actor.person_id:
        raise Conflict(_("You wrote this version. Somebody else must review it."))
    _say(actor, version, Status.REVIEWED, note)


@service(needs=Bank.REVIEW)
def give_back(actor: Actor, version: QuestionVersion, *, note: str) -> None:
    """Send a version back to its beginning, with the reason; until it is ready again it is not asked."""
    _say(actor, version, Status.DRAFT, _reason(note))


@service(needs=Bank.EDIT)
def make_ready(actor: Actor, version: QuestionVersion, *, note: str = "") -> None:
    """Let papers and self-tests ask a reviewed version from now on; those before it are not asked any more."""
    _say(actor, version, Status.READY, note)


@service(needs=Bank.EDIT)
def retire(actor: Actor, question: Question, *, reason: str) -> None:
    """Take a question out of use, with the reason; papers that have it keep it."""
    db.session.refresh(question, with_for_update=True)
    if question.retired:
        raise Conflict(_("This question has been retired already."))
    _say(actor, _newest(question), Status.RETIRED, _reason(reason))
    question.retired = True


@service(needs=Bank.EDIT)
def bring_back(actor: Actor, question: Question, *, reason: str) -> None:
    """Take a retired question into use again, as far along as it was, with the reason."""
    db.session.refresh(question, with_for_update=True)
    if not question.retired:
        raise Conflict(_("This question is in use."))
    version = _newest(question)
    _say(actor, version, Status(before_retired(version.id) or first(version.origin)), _reason(reason))
    question.retired = False


@service(needs=Bank.REVIEW)
def doubt(actor: Actor, source: None, *, code: str, reason: str) -> int:
    """Send back every question that is reviewed or ready and rests on this source; how many these were."""
    found = db.session.execute(listing(Sought(source=code)).with_for_update(of=Question)).all()
    doubted = [version for version, status in found if may_follow(status, Status.DRAFT)]
    if not doubted:
        raise Conflict(_("No question that is reviewed or ready rests on this source."))
    words = _reason(reason)
    for version in doubted:
        _add(actor, version, Status.DRAFT, words)
    tell(source=code, questions=len(doubted), reason=words)
    return len(doubted)


def _newest(question: Question) -> QuestionVersion:
    query = sa.select(QuestionVersion).where(QuestionVersion.question_id == question.id)
    return db.session.scalars(query.order_by(QuestionVersion.version.desc()).limit(1)).one()


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid(_("Give a reason."), field="reason")
    return text.strip()[:400]


def _say(actor: Actor, version: QuestionVersion, status: Status, note: str) -> None:
    db.session.execute(sa.select(Question.id).where(Question.id == version.question_id).with_for_update())
    now = db.session.scalars(sa.select(status_of(QuestionVersion)).where(QuestionVersion.id == version.id)).one()
    if not may_follow(now, status):
        raise Conflict(_("Somebody else has moved this version on meanwhile. Look at it again."))
    _add(actor, version, status, note)
    tell(question=version.question.code, version=version.version, status=status.value, note=note)


def _add(actor: Actor, version: QuestionVersion, status: Status, note: str) -> None:
    said = QuestionStatus(question_version_id=version.id, status=status.value, note=note, by_id=actor.person_id)
    db.session.add(said)
    db.session.flush()
