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
    # The score is fenced, and within reach only once released; what it hangs on is the office's.
    run, exam = ScoreRun.__table__, Exam.__table__
    others = run.alias()
    last = sa.select(sa.func.max(others.c.version)).where(others.c.exam_id == run.c.exam_id).scalar_subquery()
    newest = (
        sa.select(ExamScore.items)
        .join(run, run.c.id == ExamScore.run_id)
        .join(exam, exam.c.id == run.c.exam_id)
        .where(ExamScore.person_id == person_id, exam.c.state == State.RELEASED, run.c.version == last)
        .order_by(run.c.made_at.desc())
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


def _topics(item_ids: list[int]) -> dict[int, str]:
    query = sa.select(PaperItem.id, QuestionVersion.topic)
    query = query.join(QuestionVersion, QuestionVersion.id == PaperItem.question_version_id)
    return dict(db.session.execute(query.where(PaperItem.id.in_(item_ids))).all())
