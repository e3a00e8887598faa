"""Courses with their versions and lessons; curricula with their tiers and requirements."""

from courses.curricula.models.courses import (
    Course,
    CoursePublication,
    CourseTechnique,
    CourseVersion,
    Lesson,
    LessonAttachment,
    Played,
)
from courses.curricula.models.tiers import (
    AssignmentRule,
    Curriculum,
    CurriculumDraft,
    CurriculumPublication,
    CurriculumRequirement,
    CurriculumTier,
    CurriculumVersion,
)

__all__ = [
    "AssignmentRule",
    "Course",
    "CoursePublication",
    "CourseTechnique",
    "CourseVersion",
    "Curriculum",
    "CurriculumDraft",
    "CurriculumPublication",
    "CurriculumRequirement",
    "CurriculumTier",
    "CurriculumVersion",
    "Lesson",
    "LessonAttachment",
    "Played",
]
