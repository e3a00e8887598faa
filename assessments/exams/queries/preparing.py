"""Who has an attempt that waits for them, and how far the work of preparing is."""

import sqlalchemy as sa

from assessments.exams.models import Attempt, Candidate, Exam, ExamRoom, ExamWindow
from lms.db import Everything, db
from lms.jobs import Job

#: Told by the services; here only to find the work again.
_PREPARE = "exams.prepare"


def _without(exam: Exam) -> sa.ColumnElement[bool]:
    made = sa.exists().where(Attempt.candidate_id == Candidate.id)
    return sa.and_(Candidate.exam_id == exam.id, ~made)


def unprepared(exam: Exam, most: int | None) -> list[tuple[Candidate, int]]:
    """Candidates without an attempt, held until the transaction ends, each with their place in the whole seating."""
    query = sa.select(Candidate.id).where(_without(exam)).order_by(Candidate.id).limit(most).with_for_update()
    chosen = list(db.session.scalars(query, execution_options=Everything))
    number = sa.func.row_number().over(order_by=(ExamWindow.opens_at, ExamRoom.name, Candidate.seat, Candidate.id))
    places = (
        sa.select(Candidate.id, number.label("place"))
        .outerjoin(ExamWindow, ExamWindow.id == Candidate.window_id)
        .outerjoin(ExamRoom, ExamRoom.id == Candidate.room_id)
        .where(Candidate.exam_id == exam.id)
        .subquery()
    )
    found = sa.select(Candidate, places.c.place).join(places, places.c.id == Candidate.id)
    found = found.where(Candidate.id.in_(chosen)).order_by(places.c.place)
    return [(one, place) for one, place in db.session.execute(found, execution_options=Everything)]


def left(exam: Exam) -> int:
    """How many candidates have no attempt."""
    query = sa.select(sa.func.count()).select_from(Candidate).where(_without(exam))
    return db.session.scalars(query, execution_options=Everything).one()


def work(exam: Exam) -> Job | None:
    """The work that prepares this exam, asked for last."""
    mine = sa.select(Job).where(Job.name == _PREPARE, Job.arguments["exam_id"].as_integer() == exam.id)
    return db.session.scalar(mine.order_by(Job.requested_at.desc()).limit(1))
