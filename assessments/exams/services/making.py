"""Making an exam: paper and key from the bank, the window, and the yes of two different officers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from assessments.bank.rules.content import key_fault
from assessments.exams.events import ExamApproved
from assessments.exams.models import (
    Decided,
    Exam,
    ExamDecision,
    Paper,
    State,
)
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import drawing, marking, rooms
from assessments.exams.queries import exams as queries
from assessments.exams.rules import papers
from assessments.exams.services import composing
from assessments.exams.services.composing import Blueprint
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import Institution
from lms.service import service, tell

__all__ = ["Blueprint", "Plan", "amend", "approve", "create", "draw_again"]


@dataclass(frozen=True)
class Plan:
    """When an exam is, how long it lasts, and what is enough."""

    title: str
    title_en: str | None
    opens_at: datetime
    closes_at: datetime
    minutes: int
    pass_percent: Decimal
    shuffled: bool = True


@service(needs=Exams.MANAGE)
def create(actor: Actor, institution: Institution, *, plan: Plan, blueprint: Blueprint) -> Exam:
    """Draft an exam with a paper from the bank; raises Invalid naming the cell the bank cannot fill."""
    _check_plan(plan)
    paper = Paper(institution_id=institution.id, title=plan.title, made_by_id=actor.person_id)
    db.session.add(paper)
    db.session.flush()
    version = composing.compose(actor, paper, blueprint)
    exam = Exam(
        institution_id=institution.id,
        paper_version_id=version.id,
        key_id=composing.key_of(actor, version).id,
        made_by_id=actor.person_id,
        state=State.DRAFTED,
        **_values(plan),
    )
    db.session.add(exam)
    db.session.flush()
    tell(exam=exam.id, title=plan.title, items=len(version.items), paper=version.content_hash.hex())
    return exam


def _values(plan: Plan) -> dict[str, Any]:
    return {
        "title": plan.title,
        "title_en": plan.title_en,
        "opens_at": plan.opens_at,
        "closes_at": plan.closes_at,
        "minutes": plan.minutes,
        "pass_percent": plan.pass_percent,
        "shuffled": plan.shuffled,
    }


def _check_plan(plan: Plan) -> None:
    if plan.closes_at <= plan.opens_at:
        raise Invalid(_("The exam must close after it opens."), field="closes_at")
    if not 1 <= plan.minutes <= 600:
        raise Invalid(_("An exam lasts from 1 to 600 minutes."), field="minutes")
    if not 0 < plan.pass_percent <= 100:
        raise Invalid(_("The cut is more than 0 and at most 100 percent."), field="pass_percent")


@service(needs=Exams.MANAGE)
def draw_again(actor: Actor, exam: Exam, *, blueprint: Blueprint) -> None:
    """Put another paper in the place of a draft's; who had approved must look again."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.state != State.DRAFTED:
        raise Conflict(_("Paper and key are approved; they stand."))
    paper = db.session.get_one(Paper, exam.paper.paper_id)
    version = composing.compose(actor, paper, blueprint)
    exam.paper, exam.key = version, composing.key_of(actor, version)
    db.session.flush()
    tell(exam=exam.id, items=len(version.items), paper=version.content_hash.hex())


@service(needs=Exams.MANAGE)
def amend(actor: Actor, exam: Exam, *, plan: Plan) -> None:
    """Change time, window or cut before anybody has begun; what was approved is approved only if it is unchanged."""
    keep_candidates_out(actor, exam)
    _check_plan(plan)
    if exam.state not in (State.DRAFTED, State.APPROVED) or queries.count(exam).begun:
        raise Conflict(_("The exam has begun; its times and its cut stand."))
    if exam.prepared_at is not None and not _only_moved(exam, plan):
        raise Conflict(_("The exam is prepared; its time and its cut stand. Undo the preparing first."))
    _check_windows(exam, plan)
    for name, value in _values(plan).items():
        setattr(exam, name, value)
    db.session.flush()
    _settle(exam)
    tell(exam=exam.id, opens_at=plan.opens_at.isoformat(), minutes=plan.minutes, cut=str(plan.pass_percent))


def _only_moved(exam: Exam, plan: Plan) -> bool:
    """Whether the plan changes nothing but names and when the exam is open."""
    return (exam.minutes, exam.pass_percent, exam.shuffled) == (plan.minutes, plan.pass_percent, plan.shuffled)


def _check_windows(exam: Exam, plan: Plan) -> None:
    outside = [one for one in rooms.windows(exam) if one.opens_at < plan.opens_at or one.closes_at > plan.closes_at]
    if outside:
        raise Conflict(_("A window of candidates would lie outside these times. Change the windows first."))


def _settle(exam: Exam) -> None:
    """Drafted or approved, by how many officers have said yes to just this paper, key, time and cut."""
    sealed = queries.sealed(exam)
    enough = len({person for person, _name, _at in queries.decisions(exam, Decided.APPROVE, sealed)}) >= 2
    if enough and exam.state == State.DRAFTED:
        exam.state, exam.approved_hash = State.APPROVED, sealed
        publish(ExamApproved(exam.id))
    elif not enough and exam.state == State.APPROVED:
        exam.state, exam.approved_hash = State.DRAFTED, None
    db.session.flush()


@service(needs=Exams.APPROVE)
def approve(actor: Actor, exam: Exam, *, content_hash: bytes) -> None:
    """Say yes to the paper and key that were shown; the second, different officer's yes makes it approved."""
    keep_candidates_out(actor, exam)
    db.session.refresh(exam, with_for_update=True)
    if exam.state != State.DRAFTED:
        raise Conflict(_("This exam has been approved already."))
    if content_hash != queries.sealed(exam):
        raise Conflict(_("Paper, key, time or cut changed since you opened the page. Look at it again."))
    _check_paper(exam)
    _check_key(exam)
    if actor.person_id in {person for person, _name, _at in queries.decisions(exam, Decided.APPROVE, content_hash)}:
        raise Conflict(_("You have approved this already. A second officer must do it too."))
    db.session.add(
        ExamDecision(
            institution_id=exam.institution_id,
            exam_id=exam.id,
            decided=Decided.APPROVE,
            content_hash=content_hash,
            person_id=actor.person_id,
        )
    )
    db.session.flush()
    _settle(exam)
    tell(exam=exam.id, hash=content_hash.hex(), state=exam.state)


def _check_paper(exam: Exam) -> None:
    """The paper is what its hash says, and every candidate can be given what the blueprint promises."""
    paper, items = exam.paper, queries.items_of(exam.paper_version_id)
    hashed = papers.paper_hash(
        [(item.question.content_hash, item.points) for item in items],
        paper.multiple,
        paper.blueprint or (),
        [item.cell for item in items],
        paper.forms or (),
    )
    if hashed != paper.content_hash:
        raise Invalid(_("The paper is not what its hash says. The exam cannot be approved."))
    wanted, _points = papers.worth([item.points for item in items], paper.blueprint)
    if not drawing.deal_of(paper, items).always_gives(wanted):
        raise Invalid(_("The paper does not hold what its blueprint promises. The exam cannot be approved."))


def _check_key(exam: Exam) -> None:
    """Every item has a key that can be right; a placeholder, a missing one or one that is no option is refused."""
    key = marking.key_of(exam.key)
    items = queries.items_of(exam.paper_version_id)
    for item in items:
        question = item.question
        fault = key_fault(question.kind, question.option_keys, key.get(item.id, ()), question.body)
        if fault is not None:
            raise Invalid(
                _("Question %(number)s has no usable key. The exam cannot be approved.", number=item.position),
                item=item.position,
                fault=fault.value,
            )
    stray = set(key) - {item.id for item in items}
    if stray or papers.key_hash(exam.paper.content_hash, key) != exam.key.content_hash:
        raise Invalid(_("The key does not belong to this paper. The exam cannot be approved."))
