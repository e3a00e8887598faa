"""Making an exam: paper and key from the bank, the window, and the yes of two different officers."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from assessments.bank import queries as bank
from assessments.bank.models import QuestionVersion
from assessments.bank.rules.content import key_fault
from assessments.exams.events import ExamApproved
from assessments.exams.models import (
    AnswerKey,
    Decided,
    Exam,
    ExamDecision,
    Paper,
    PaperItem,
    PaperVersion,
    State,
)
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as queries
from assessments.exams.queries import marking
from assessments.exams.rules import papers, scoring
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import Institution
from lms.service import service, tell

_draw = secrets.SystemRandom()


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


@dataclass(frozen=True)
class Blueprint:
    """What goes on the paper: so many of each topic of a bank, or the whole bank where nothing is asked for."""

    bank: str
    topics: Mapping[str, int]
    multiple: str
    points: Mapping[str, int]


@service(needs=Exams.MANAGE)
def create(actor: Actor, institution: Institution, *, plan: Plan, blueprint: Blueprint) -> Exam:
    """Draft an exam with a paper from the bank; raises Invalid naming the cell the bank cannot fill."""
    _check_plan(plan)
    version = _paper(actor, institution, plan.title, _chosen(blueprint), blueprint)
    exam = Exam(
        institution_id=institution.id,
        paper_version_id=version.id,
        key_id=_key(actor, version).id,
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


def _chosen(blueprint: Blueprint) -> list[QuestionVersion]:
    offered = [(version, version.topic) for version in bank.of_bank(blueprint.bank)]
    wanted = {topic: count for topic, count in blueprint.topics.items() if count}
    if not wanted:
        chosen = [version for version, _topic in offered]
    else:
        try:
            chosen = papers.choose(wanted, offered, _draw.sample)
        except papers.Shortage as short:
            raise Invalid(
                _(
                    "“%(topic)s”: %(wanted)s questions are asked for, the bank has %(there)s.",
                    topic=short.topic,
                    wanted=short.wanted,
                    there=short.there,
                ),
                field=short.topic,
            ) from None
    if not chosen:
        raise Invalid(_("This bank holds no question."), field="bank")
    return chosen


def _paper(
    actor: Actor, place: Institution, title: str, chosen: Sequence[QuestionVersion], blueprint: Blueprint
) -> PaperVersion:
    points = [blueprint.points.get(version.kind, 1) for version in chosen]
    if not all(1 <= one <= 100 for one in points):
        raise Invalid(_("A question earns from 1 to 100 points."), field="points")
    paper = Paper(institution_id=place.id, title=title, made_by_id=actor.person_id)
    db.session.add(paper)
    db.session.flush()
    hashed = papers.paper_hash(
        zip((version.content_hash for version in chosen), points, strict=True), blueprint.multiple
    )
    version = PaperVersion(
        institution_id=place.id,
        paper_id=paper.id,
        version=1,
        multiple=blueprint.multiple,
        content_hash=hashed,
        made_by_id=actor.person_id,
    )
    version.items = [
        PaperItem(position=position, question_version_id=question.id, points=earns)
        for position, (question, earns) in enumerate(zip(chosen, points, strict=True), 1)
    ]
    db.session.add(version)
    db.session.flush()
    return version


def _key(actor: Actor, version: PaperVersion) -> AnswerKey:
    right = {item.id: item.question.key for item in queries.items_of(version.id, keyed=True)}
    key = AnswerKey(
        institution_id=version.institution_id,
        paper_version_id=version.id,
        version=1,
        keys=scoring.key_plain(right),
        content_hash=papers.key_hash(version.content_hash, right),
        made_by_id=actor.person_id,
    )
    db.session.add(key)
    db.session.flush()
    return key


@service(needs=Exams.MANAGE)
def amend(actor: Actor, exam: Exam, *, plan: Plan) -> None:
    """Change time, window or cut before anybody has begun; what was approved is approved only if it is unchanged."""
    _check_plan(plan)
    if exam.state not in (State.DRAFTED, State.APPROVED) or queries.count(exam).begun:
        raise Conflict(_("The exam has begun; its times and its cut stand."))
    for name, value in _values(plan).items():
        setattr(exam, name, value)
    db.session.flush()
    _settle(exam)
    tell(exam=exam.id, opens_at=plan.opens_at.isoformat(), minutes=plan.minutes, cut=str(plan.pass_percent))


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
