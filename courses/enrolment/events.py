"""What others may want to hear of learning."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LessonCompleted:
    """Somebody has learned a lesson; `minutes` of it count."""

    completion_id: int
    person_id: int
    minutes: int


@dataclass(frozen=True)
class MinutesAdded:
    """Minutes of a lesson became known after it was complete: a device had kept them."""

    supplement_id: int
    person_id: int
    minutes: int


@dataclass(frozen=True)
class CourseCompleted:
    """Somebody has learned every lesson of a course."""

    enrolment_id: int
    person_id: int
    version_id: int


@dataclass(frozen=True)
class CourseAssigned:
    """A course was given to people of a category in a subtree; `enrolled` of them had not begun it yet."""

    course_id: int
    institution_id: int
    category: str
    enrolled: int


@dataclass(frozen=True)
class LearningBroughtIn:
    """What people at or below an institution had learned of a course elsewhere was entered; told once for all."""

    institution_id: int
    version_id: int
    enrolled: int
    hash: str


@dataclass(frozen=True)
class CurriculaGiven:
    """People have a curriculum who had none, or had another one; each of these changes says whose."""

    change_ids: list[int]


@dataclass(frozen=True)
class DaysRuled:
    """Another post, place or rule holds for people from now on, so that their days may be others."""

    change_ids: list[int]


@dataclass(frozen=True)
class VersionsTaken:
    """People went over to another version of their curriculum."""

    change_ids: list[int]
