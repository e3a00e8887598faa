"""Selects over courses, versions and lessons; those over curricula lie in `tiers`, kinds of requirements in `kinds`."""

from courses.curricula.queries.courses import (
    all_courses,
    attachment,
    course_by_code,
    current,
    current_ids,
    current_of,
    documents,
    ever_published,
    lesson_documents,
    lesson_of,
    published_ids,
    teaching,
    version_by_number,
)

__all__ = [
    "all_courses",
    "attachment",
    "course_by_code",
    "current",
    "current_ids",
    "current_of",
    "documents",
    "ever_published",
    "lesson_documents",
    "lesson_of",
    "published_ids",
    "teaching",
    "version_by_number",
]
