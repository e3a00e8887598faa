"""How somebody did by topic in the exams whose results they have been given."""

from collections.abc import Mapping
from fractions import Fraction

import sqlalchemy as sa

from assessments.bank.models import QuestionVersion
from assessments.exams.models import Exam, ExamScore, PaperItem, ScoreRun, State
from lms.db import db

#: How many of the newest exams are looked at; in a topic the newest one counts.
EXAMS = 3


def shares(person_id: int) -> Mapping[str, Fraction]:
    """Topic → the share of the points, by the newest released exam with questions of it."""
    newest = (
        sa.select(ExamScore.items)
        .join(ScoreRun, ScoreRun.id == ExamScore.run_id)
        .join(Exam, Exam.id == ScoreRun.exam_id)
        .where(ExamScore.person_id == person_id, Exam.state == State.RELEASED)
        .where(ScoreRun.version == _newest_run())
        .order_by(ScoreRun.made_at.desc())
        .limit(EXAMS)
    )
    exams = db.session.scalars(newest).all()
    topics = _topics([one["item"] for items in exams for one in items])
    found: dict[str, Fraction] = {}
    for items in reversed(exams):
        sums: dict[str, list[Fraction]] = {}
        for one in items:
            if not one.get("dropped"):
                earned, of = sums.setdefault(topics[one["item"]], [Fraction(0), Fraction(0)])
                sums[topics[one["item"]]] = [earned + Fraction(one["points"]), of + one["of"]]
        found.update({topic: earned / of for topic, (earned, of) in sums.items() if of})
    return found


def _newest_run() -> sa.ScalarSelect[int]:
    runs = ScoreRun.__table__.alias()
    query = sa.select(sa.func.max(runs.c.version)).where(runs.c.exam_id == Exam.id)
    return query.correlate(Exam).scalar_subquery()


def _topics(item_ids: list[int]) -> dict[int, str]:
    query = sa.select(PaperItem.id, QuestionVersion.topic)
    query = query.join(QuestionVersion, QuestionVersion.id == PaperItem.question_version_id)
    return dict(db.session.execute(query.where(PaperItem.id.in_(item_ids))).all())
