"""What content packs say of courses and of curricula; courses come first, curricula name them."""

from courses.curricula.content import courses, tiers
from courses.curricula.content.courses import CourseFile, CourseRef, LessonFile, SelfCheck
from courses.curricula.rules.files import KINDS as MEDIA

KINDS = (*courses.KINDS, *tiers.KINDS)
__all__ = ["KINDS", "MEDIA", "CourseFile", "CourseRef", "LessonFile", "SelfCheck"]
