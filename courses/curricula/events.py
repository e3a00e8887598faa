"""What others may want to hear of courses."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CoursePublished:
    """A version of a course is the one people begin with from now on."""

    course_id: int
    version_id: int


@dataclass(frozen=True)
class CourseRetired:
    """Nobody new begins a course any more, or people may begin it again."""

    course_id: int
