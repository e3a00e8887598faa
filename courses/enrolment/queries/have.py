"""What of a requirement that asks for a course somebody has."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from courses.curricula.models import CurriculumRequirement, Lesson
from courses.curricula.queries.kinds import asked
from courses.enrolment.models import CourseCompletion, Enrolment, LessonCompletion


def courses(_on: date) -> sa.Select[int, int, Any]:
    """Finished is one; before that the share of lessons that are done, which never comes to one by itself."""
    finished = sa.exists().where(CourseCompletion.enrolment_id == Enrolment.id)
    done = sa.select(sa.func.count()).where(LessonCompletion.enrolment_id == Enrolment.id)
    lessons = sa.select(sa.func.count()).where(Lesson.version_id == Enrolment.version_id)
    share = sa.cast(done.scalar_subquery(), sa.Numeric) / sa.func.greatest(lessons.scalar_subquery(), 1)
    return (
        sa.select(
            CurriculumRequirement.id.label("requirement_id"),
            Enrolment.person_id,
            sa.case(
                (finished, sa.literal(1, sa.Numeric)), else_=sa.func.least(share, sa.literal(0.99, sa.Numeric))
            ).label("have"),
        )
        .join(Enrolment, Enrolment.course_id == CurriculumRequirement.course_id)
        .where(asked("course"))
    )
