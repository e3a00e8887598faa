"""A bank with a few questions and exams in every state, made through the verbs wherever a verb makes them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.bank.models import Question, QuestionVersion
from assessments.bank.rules.content import Content
from assessments.exams.models import Attempt, Exam, PaperItem
from assessments.exams.queries import attempts
from assessments.exams.queries import exams as queries
from assessments.exams.services import making, seating, sitting
from lms import clock
from lms.authz import only
from lms.db import db
from lms.institutions.models import Institution
from lms.techniques.models import Technique
from tests.conftest import As

BANK = "small"


def technique(session: orm.Session) -> Technique:
    """One technique for the questions to be about."""
    found = session.scalar(sa.select(Technique).where(Technique.code == "bp-measurement"))
    if found is not None:
        return found
    made = Technique(
        code="bp-measurement",
        title="血压测量",
        title_en="Blood pressure measurement",
        kind="procedure",
        core=True,
        categories=["general_practitioner"],
        summary="量准血压",
        standard="坐位，测两次。",
        sources=[],
    )
    session.add(made)
    session.flush()
    return made


def question(
    session: orm.Session,
    code: str,
    *,
    kind: str = "single",
    right: str | dict[str, Any] = "A",
    topic: str = "测量",
    bank: str = BANK,
    use: str = "exam",
    level: str = "apply",
    options: str = "ABCD",
    series: tuple[int, int] | None = None,
) -> QuestionVersion:
    """One question with these options; `right` are the right keys, one after another, or a key of another shape.

    `series` is a shared stem's version and the place under it.
    """
    made = Content(
        kind=kind,
        level=level,
        topic=topic,
        technique="bp-measurement",
        stem=f"{code}：下列哪项正确？",
        options=tuple((key, f"选项{key}（{code}）") for key in options),
        key=right if isinstance(right, dict) else tuple(right),
        explanation="因为指南这样写。",
        source="guide",
        passage="第一章",
    )
    entry = Question(code=code, bank=bank, use=use)
    session.add(entry)
    session.flush()
    version = QuestionVersion.saying(
        made,
        question_id=entry.id,
        version=1,
        technique_id=technique(session).id,
        source={"code": "guide", "title": "一份指南", "year": "2025", "where": ""},
        shared_stem_version_id=series and series[0],
        series_place=series and series[1],
    )
    session.add(version)
    session.flush()
    return version


def bank(session: orm.Session) -> list[QuestionVersion]:
    """Six questions on two topics: four single choices, two multiple ones."""
    made = [
        question(session, "s-1", right="A"),
        question(session, "s-2", right="B"),
        question(session, "s-3", right="C", topic="分级"),
        question(session, "s-4", right="D", topic="分级"),
        question(session, "m-1", kind="multiple", right="AB"),
        question(session, "m-2", kind="multiple", right="BCD", topic="分级"),
    ]
    session.commit()
    return made


def plan(**changed: Any) -> making.Plan:
    """An exam that is open now, for an hour."""
    now = clock.now()
    values: dict[str, Any] = {
        "title": "高血压理论考试",
        "title_en": "Hypertension theory exam",
        "opens_at": now - timedelta(minutes=5),
        "closes_at": now + timedelta(hours=2),
        "minutes": 30,
        "pass_percent": Decimal(60),
    }
    return making.Plan(**(values | changed))


def blueprint(**changed: Any) -> making.Blueprint:
    """The whole bank, a multiple choice counting double."""
    values: dict[str, Any] = {"bank": BANK, "topics": {}, "multiple": "exact", "points": {"single": 1, "multiple": 2}}
    return making.Blueprint(**(values | changed))


class Office:
    """What officers and candidates do, each in a session of their own, as in requests of their own."""

    def __init__(self, as_: As, session: orm.Session) -> None:
        self.as_ = as_
        self.session = session

    def draft(self, officer: int, place: int, *, paper: making.Blueprint | None = None, **changed: Any) -> int:
        """A drafted exam; its id."""
        self.session.commit()
        with self.as_(officer) as actor:
            host = db.session.get_one(Institution, place)
            made = making.create(actor, host, plan=plan(**changed), blueprint=paper or blueprint())
            return made.id

    def approve(self, exam_id: int, *officers: int) -> None:
        """These officers say yes, one after the other."""
        for officer in officers:
            self.do(
                officer, exam_id, lambda actor, exam: making.approve(actor, exam, content_hash=queries.sealed(exam))
            )

    def seat(self, officer: int, exam_id: int, *persons: int) -> int:
        """Put these persons on the list."""
        return self.do(officer, exam_id, lambda a, exam: seating.add_candidates(a, exam, persons=persons))

    def start(self, person: int, exam_id: int) -> Any:
        """Begin; the attempt's id."""
        return self.do(person, exam_id, lambda actor, exam: sitting.begin(actor, only(attempts.seat(exam.id))))

    def do(self, who: int, exam_id: int, act: Callable[[Any, Exam], Any]) -> Any:
        """Something with this exam, as somebody; the test's own session lets go of its savepoint first."""
        self.session.commit()
        with self.as_(who) as actor:
            return act(actor, db.session.get_one(Exam, exam_id))

    def ready(self, officers: tuple[int, int], place: int, *persons: int, **changed: Any) -> int:
        """An approved exam with candidates; its id."""
        exam_id = self.draft(officers[0], place, **changed)
        if persons:
            self.seat(officers[0], exam_id, *persons)
        self.approve(exam_id, *officers)
        return exam_id

    def right_answers(self, exam_id: int) -> dict[int, list[str]]:
        """The key of an exam, by item."""
        self.session.expire_all()
        exam = self.session.get_one(Exam, exam_id)
        return {int(item): right for item, right in exam.key.keys.items()}

    def items(self, exam_id: int) -> Sequence[PaperItem]:
        """The items of an exam's paper, in order."""
        exam = self.session.get_one(Exam, exam_id)
        return self.session.scalars(
            sa.select(PaperItem).where(PaperItem.paper_version_id == exam.paper_version_id).order_by(PaperItem.position)
        ).all()

    def attempt(self, attempt_id: Any) -> Attempt:
        """The attempt as it stands now."""
        self.session.expire_all()
        return self.session.get_one(Attempt, attempt_id)

    def deadline(self, attempt_id: Any, at: datetime) -> None:
        """Move a deadline, as if the time had gone by."""
        attempt = self.attempt(attempt_id)
        attempt.started_at = min(attempt.started_at, at - timedelta(seconds=1))
        attempt.deadline = at
        self.session.commit()
