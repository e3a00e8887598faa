"""Lists of exams, and what stands around one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.bank.models import QuestionVersion
from assessments.exams.models import (
    Attempt,
    Candidate,
    Decided,
    Exam,
    ExamDecision,
    ExamScore,
    ExamWindow,
    Paper,
    PaperItem,
    PaperVersion,
    ScoreRun,
    State,
)
from assessments.exams.rules import papers
from lms.authz import Actor
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person


@dataclass(frozen=True)
class Sought:
    """What somebody looks for among exams; empty words do not narrow."""

    words: str = ""
    state: str = ""
    sort: str = "-opens_at"


_SORTS: dict[str, Any] = {"title": Exam.title, "state": Exam.state, "opens_at": Exam.opens_at}


def listing(actor: Actor, sought: Sought) -> sa.Select[Exam, str, int]:
    """Exams of the subtrees the actor oversees, with their institution and number of candidates."""
    sits = Candidate.__table__
    count = sa.select(sa.func.count()).where(sits.c.exam_id == Exam.id).correlate(Exam).scalar_subquery()
    query = sa.select(Exam, shown_name(), count).join(Institution, Institution.id == Exam.institution_id)
    query = query.where(Institution.path.within(list(actor.overseen)))
    if sought.words:
        query = query.where(Exam.title.icontains(sought.words, autoescape=True))
    if sought.state:
        query = query.where(Exam.state == sought.state)
    column = _SORTS.get(sought.sort.removeprefix("-"), Exam.opens_at)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, Exam.id.desc())


def in_hand(actor: Actor, most: int) -> list[Exam]:
    """Exams of the actor's area whose results are not released: somebody still has something to do; the next first."""
    query = listing(actor, Sought(sort="opens_at")).where(Exam.state != State.RELEASED).limit(most)
    return [exam for exam, _name, _count in db.session.execute(query)]


def now() -> datetime:
    """The database's clock: the only one an exam knows."""
    at: datetime = db.session.scalars(sa.select(sa.func.clock_timestamp())).one()
    return at


def something_is_due() -> bool:
    """Whether the clock has anything to open, to end or to close."""
    at = sa.func.clock_timestamp()
    running = sa.exists().where(
        Attempt.exam_id == Exam.id, Attempt.started_at.is_not(None), Attempt.closed_at.is_(None)
    )
    waiting = sa.exists().where(Exam.state.in_((State.APPROVED, State.OPEN)), Exam.closes_at <= at, ~running)
    opening = sa.exists().where(Exam.state == State.APPROVED, Exam.opens_at <= at)
    over = sa.exists().where(Attempt.closed_at.is_(None), Attempt.paused_at.is_(None), Attempt.deadline <= at)
    return bool(db.session.scalar(sa.select(sa.or_(waiting, opening, over))))


def decisions(exam: Exam, decided: Decided, content_hash: bytes) -> list[tuple[int, str, datetime]]:
    """Who has said yes to this hash: person, name, when; first come first."""
    query = (
        sa.select(ExamDecision.person_id, Person.name, ExamDecision.at)
        .join(Person, Person.id == ExamDecision.person_id)
        .where(
            ExamDecision.exam_id == exam.id,
            ExamDecision.decided == decided,
            ExamDecision.content_hash == content_hash,
        )
        .order_by(ExamDecision.at)
    )
    return [(person, name, at) for person, name, at in db.session.execute(query, execution_options=Everything)]


def items_of(paper_version_id: int, *, keyed: bool = False) -> list[PaperItem]:
    """The items of a paper with their questions; `keyed` only where the key may be seen."""
    question = orm.joinedload(PaperItem.question)
    options = [question.joinedload(QuestionVersion.question), question.joinedload(QuestionVersion.shared_stem)]
    if keyed:
        options += [question.undefer(QuestionVersion.key), question.undefer(QuestionVersion.explanation)]
    query = sa.select(PaperItem).where(PaperItem.paper_version_id == paper_version_id).order_by(PaperItem.position)
    return list(db.session.scalars(query.options(*options)))


@dataclass(frozen=True)
class Count:
    """How many sit, have begun, have ended."""

    candidates: int
    begun: int
    ended: int


def count(exam: Exam) -> Count:
    """How far the candidates of an exam are."""
    query = (
        sa.select(sa.func.count(Candidate.id), sa.func.count(Attempt.started_at), sa.func.count(Attempt.closed_at))
        .outerjoin(Attempt, Attempt.candidate_id == Candidate.id)
        .where(Candidate.exam_id == exam.id)
    )
    return Count(*db.session.execute(query, execution_options=Everything).one())


def paper_size(paper_version_id: int) -> tuple[int, int]:
    """How many questions each candidate gets of a paper, and how many points these can earn."""
    lines = sa.select(PaperVersion.blueprint, sa.func.array_agg(PaperItem.points))
    lines = lines.join(PaperItem, PaperItem.paper_version_id == PaperVersion.id)
    query = lines.where(PaperVersion.id == paper_version_id).group_by(PaperVersion.id)
    # A candidate does not reach the paper, but is told how long it is.
    blueprint, points = db.session.execute(query, execution_options=Everything).one()
    return papers.worth(points, blueprint)


def versions_of(paper: Paper) -> int:
    """The number of the newest version of a paper; 0 where there is none."""
    query = sa.select(sa.func.coalesce(sa.func.max(PaperVersion.version), 0)).where(PaperVersion.paper_id == paper.id)
    return db.session.scalars(query).one()


@dataclass(frozen=True)
class Mine:
    """One exam as its candidate sees it in a list."""

    exam: Exam
    attempt: Attempt | None
    percent: Any
    passed: bool | None
    #: from when until when this candidate can begin: their window, or while the exam is open
    opens_at: datetime
    closes_at: datetime

    def waits(self, now: datetime) -> bool:
        """Whether it is under way, or can still be begun now or later."""
        if self.attempt is not None and self.attempt.deadline is not None:
            return self.attempt.closed_at is None and not self.attempt.over(now)
        return self.exam.state in (State.APPROVED, State.OPEN) and self.closes_at > now


def mine(person_id: int) -> list[Mine]:
    """The exams somebody sits, newest first, with the attempt and, once released, the result; two statements."""
    query = (
        sa.select(Exam, Attempt, ExamWindow)
        .join(Candidate, sa.and_(Candidate.exam_id == Exam.id, Candidate.person_id == person_id))
        .outerjoin(ExamWindow, ExamWindow.id == Candidate.window_id)
        .outerjoin(Attempt, sa.and_(Attempt.candidate_id == Candidate.id, Attempt.started_at.is_not(None)))
        .where(Exam.state != State.DRAFTED)
        .order_by(Exam.opens_at.desc())
    )
    rows = db.session.execute(query).all()
    scores = _released_scores(person_id)
    found = []
    for exam, attempt, window in rows:
        percent, passed = scores.get(attempt.id, (None, None)) if attempt else (None, None)
        times = window or exam
        found.append(Mine(exam, attempt, percent, passed, times.opens_at, times.closes_at))
    return found


def _released_scores(person_id: int) -> dict[Any, tuple[Any, bool]]:
    query = sa.select(ExamScore.attempt_id, ExamScore.percent, ExamScore.passed).where(ExamScore.person_id == person_id)
    rows: Sequence[Any] = db.session.execute(query.order_by(ExamScore.run_id)).all()
    return {attempt: (percent, passed) for attempt, percent, passed in rows}


def sealed(exam: Exam) -> bytes:
    """The hash that two officers approve: paper, key, time, cut."""
    return papers.seal(exam.paper.content_hash, exam.key.content_hash, exam.minutes, exam.pass_percent)


def last_run(exam: Exam) -> ScoreRun | None:
    """The newest marking of an exam."""
    query = sa.select(ScoreRun).where(ScoreRun.exam_id == exam.id).order_by(ScoreRun.version.desc()).limit(1)
    return db.session.scalar(query)
