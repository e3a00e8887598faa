"""Courses out of a content pack: courses/<code>/course.yaml, its lessons and attachments."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import Field, model_validator

from courses.curricula.content import attachments
from courses.curricula.models import Course, CoursePublication, CourseTechnique, CourseVersion, Lesson
from courses.curricula.rules.files import is_played
from courses.curricula.rules.tiers import cycle
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, digest, names, refers
from lms.db import db
from lms.people.models import Category
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

CourseRef = Annotated[str, refers("course")]
Asked = Literal["read", "watched", "check"]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]


class SelfCheck(Strict):
    """One question of a lesson to oneself; it is not an exam, so the answer may be in the page."""

    stem: str = Field(min_length=1)
    options: list[str] = Field(min_length=2, max_length=8)
    right: list[int] = Field(min_length=1)
    explanation: str = Field(min_length=1)

    @model_validator(mode="after")
    def _right_ones_exist(self) -> "SelfCheck":
        if len(set(self.right)) < len(self.right):
            raise ValueError("right: an option is named twice")
        if wrong := [n for n in self.right if not 0 <= n < len(self.options)]:
            raise ValueError(f"right: there is no option {wrong[0]} (they are counted from 0)")
        if len(self.right) == len(self.options):
            raise ValueError("right: not every option can be right")
        if len(set(self.options)) < len(self.options):
            raise ValueError("options: one stands there twice")
        return self


class LessonFile(Strict):
    """One lesson: front matter and text."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("lesson")]
    title: Title
    minutes: int = Field(ge=1, le=15)
    sources: list[SourceRef] = []
    attachments: list[FileName] = []
    #: how long films and sounds play, where their files do not say it themselves
    seconds: dict[FileName, Annotated[int, Field(ge=1, le=86400)]] = {}
    #: what must be done before the lesson counts; left out: all there is of reading, watching and the self-check
    asks: list[Asked] | None = Field(default=None, min_length=1)
    self_check: list[SelfCheck] = Field(min_length=1)
    body: str = Field(min_length=1)

    @model_validator(mode="after")
    def _asks_what_there_is(self) -> "LessonFile":
        if self.asks and len(set(self.asks)) < len(self.asks):
            raise ValueError("asks: one stands there twice")
        if self.asks and "watched" in self.asks and not self.plays:
            raise ValueError("asks: there is nothing to watch")
        return self

    @property
    def plays(self) -> bool:
        """Whether there is a film or a sound in it."""
        return any(is_played(name) for name in self.attachments)

    @property
    def asked(self) -> list[str]:
        """What must be done, whether it was said or follows."""
        return list(self.asks or (["read", "watched", "check"] if self.plays else ["read", "check"]))


class CourseFile(Strict):
    """A course and the order of its lessons."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("course")]
    title: Title
    summary: str = Field(min_length=1)
    categories: list[Category] = Field(min_length=1)
    hours_kind: Literal["theory", "simulation", "practice"]
    techniques: list[TechniqueRef]
    prerequisites: list[CourseRef] = []
    sources: list[SourceRef] = Field(min_length=1)
    lessons: list[FileName] = Field(min_length=1)


def check_courses(_pack: Pack, files: list[File[CourseFile]]) -> Iterator[Fault]:
    """Lessons named are there, lessons there are named, no course before itself."""
    for file in files:
        there = {path.name for path in file.beside("lessons").glob("*.md")}
        for n, name in enumerate(file.value.lessons):
            if name not in there:
                yield file.fault(f"lessons.{n}: there is no lessons/{name}", "lessons", n)
            elif file.value.lessons.index(name) < n:
                yield file.fault(f"lessons.{n}: {name} stands there already", "lessons", n)
        for name in sorted(there - set(file.value.lessons)):
            yield file.fault(f"lessons: lessons/{name} is not named", "lessons")
        if file.path.parent.name != file.value.code:
            yield file.fault(f"code: the folder is called {file.path.parent.name}", "code")
        if file.value.code in file.value.prerequisites:
            yield file.fault("prerequisites: a course cannot come before itself", "prerequisites")
    yield from _circles(files)


def _circles(files: list[File[CourseFile]]) -> Iterator[Fault]:
    """A circle of several courses, named at the first of them."""
    before = {file.value.code: [c for c in file.value.prerequisites if c != file.value.code] for file in files}
    if circle := cycle(before):
        file = next(one for one in files if one.value.code == circle[0])
        yield file.fault(f"prerequisites: they go in a circle: {' → '.join(circle)}", "prerequisites")


def check_lessons(_pack: Pack, files: list[File[LessonFile]]) -> Iterator[Fault]:
    """Attachments named are there, of a kind and size that can be shown."""
    for file in files:
        for n, name in enumerate(file.value.attachments):
            if wrong := attachments.fault(_attachment(file, name), file.value.seconds.get(name)):
                yield file.fault(f"attachments.{n}: {wrong}", "attachments", n)
        for wrong in attachments.faults_of_lengths(file.value.seconds, file.value.attachments):
            yield file.fault(wrong, "seconds")


def load_courses(pack: Pack, files: list[File[CourseFile]]) -> Tally:
    """New courses are open at once; a changed one becomes a new version that waits for an editor."""
    tally = Tally()
    for file in files:
        lessons = {one.path.name: one for one in _lessons(pack, file)}
        ordered = [lessons[name] for name in file.value.lessons]
        _bring(pack, file, ordered, tally)
    return tally


def _bring(pack: Pack, file: File[CourseFile], lessons: list[File[LessonFile]], tally: Tally) -> None:
    version, fresh = keep(pack, file, lessons)
    first = fresh and version.number == 1
    if first:
        db.session.add(CoursePublication(course_id=version.course_id, version_id=version.id))
        db.session.flush()
    tally.note(created=first, changed=fresh and not first)


def keep(pack: Pack, file: File[CourseFile], lessons: list[File[LessonFile]]) -> tuple[CourseVersion, bool]:
    """The version that says what these files say, and whether it had to be written; nobody is given it yet.

    What a course has said before is that version still: a pack brought in again after an editor's own version does
    not bring the older one back.
    """
    signs = digest([file.value.model_dump(mode="json"), [_lesson_digest(one).hex() for one in lessons]])
    course = db.session.scalar(sa.select(Course).where(Course.code == file.value.code))
    if course is None:
        course = Course(code=file.value.code)
        db.session.add(course)
        db.session.flush()
    said = sa.select(CourseVersion).where(CourseVersion.course_id == course.id)
    known = db.session.scalar(said.where(CourseVersion.digest == signs).order_by(CourseVersion.number.desc()))
    if known is not None:
        return known, False
    last = db.session.scalar(said.order_by(CourseVersion.number.desc()))
    version = _version(pack, file.value, course.id, last.number + 1 if last else 1, signs)
    version.lessons = [_lesson(pack, one, n) for n, one in enumerate(lessons, 1)]
    db.session.add(version)
    db.session.flush()
    return version, True


def _version(pack: Pack, value: CourseFile, course_id: int, number: int, signs: bytes) -> CourseVersion:
    techniques = db.session.scalars(sa.select(Technique).where(Technique.code.in_(value.techniques)))
    return CourseVersion(
        course_id=course_id,
        number=number,
        digest=signs,
        title=value.title.zh,
        title_en=value.title.en,
        summary=value.summary,
        categories=[str(category) for category in value.categories],
        hours_kind=value.hours_kind,
        prerequisites=value.prerequisites,
        sources=[pack.source(code) for code in value.sources],
        teaches=[CourseTechnique(technique=technique) for technique in techniques],
    )


def _lesson(pack: Pack, file: File[LessonFile], position: int) -> Lesson:
    value = file.value
    return Lesson(
        position=position,
        code=value.code,
        title=value.title.zh,
        title_en=value.title.en,
        minutes=value.minutes,
        body=value.body,
        self_check=[one.model_dump(mode="json") for one in value.self_check],
        sources=[pack.source(code) for code in value.sources],
        digest=_lesson_digest(file),
        asks=value.asked,
        attachments=[
            attachments.attached(_attachment(file, name), value.seconds.get(name)) for name in value.attachments
        ],
    )


def _lesson_digest(file: File[LessonFile]) -> bytes:
    files = {name: attachments.sign(_attachment(file, name)) for name in file.value.attachments}
    # what is left out is not hashed: lessons from before there was such a key keep their names
    return digest([file.value.model_dump(mode="json", exclude=_left_out(file.value)), files])


def _left_out(value: LessonFile) -> set[str]:
    return {name for name in ("asks", "seconds") if not getattr(value, name)}


def _attachment(file: File[Any], name: str) -> Path:
    return file.path.parents[1] / "attachments" / name


def _lessons(pack: Pack, course: File[CourseFile]) -> list[File[LessonFile]]:
    return [file for file in pack.files("lesson") if file.path.parents[1] == course.path.parent]


def _with_their_course(_pack: Pack, files: list[File[LessonFile]]) -> Tally:
    """Lessons come with their course; counted there."""
    return Tally(unchanged=len(files))


KINDS = (
    Kind("lesson", "courses/*/lessons/*.md", LessonFile, _with_their_course, check_lessons),
    Kind(
        "course",
        "courses/*/course.yaml",
        CourseFile,
        load_courses,
        check_courses,
        carries=("courses/*/attachments/*", "courses/*/films/*"),
    ),
)
