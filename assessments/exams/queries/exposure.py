"""How often questions were asked in exams: what the bank shows beside them."""

from collections.abc import Collection

import sqlalchemy as sa

from assessments.exams.models import Attempt, Exam, PaperItem


def asked(version_ids: Collection[int]) -> sa.Select[int, int, int, int]:
    """Of these versions: papers, exams held on them, and candidates who had them before them, whoever held these."""
    item = PaperItem.__table__
    exam = Exam.__table__
    attempt = Attempt.__table__
    had = sa.and_(
        attempt.c.exam_id == exam.c.id, attempt.c.started_at.is_not(None), item.c.id == sa.any_(attempt.c["items"])
    )
    papers = sa.func.count(item.c.paper_version_id.distinct())
    query = sa.select(
        item.c.question_version_id, papers, sa.func.count(exam.c.id.distinct()), sa.func.count(attempt.c.id)
    )
    joined = item.outerjoin(exam, exam.c.paper_version_id == item.c.paper_version_id).outerjoin(attempt, had)
    query = query.select_from(joined).where(item.c.question_version_id.in_(list(version_ids)))
    return query.group_by(item.c.question_version_id)
