"""Courses out of a content pack: courses/<code>/course.yaml, its lessons and attachments."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import Field, model_validator

from courses.curricula.models import (
    Course,
    CoursePublication,
    CourseTechnique,
    CourseVersion,
    Lesson,
    LessonAttachment,
)
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, digest, names, refers
from lms.db import db
from lms.people.models import Category
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

CourseRef = Annotated[str, refers("course")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]
LARGEST = 5 << 20
MEDIA = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
}


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
    self_check: list[SelfCheck] = Field(min_length=1)
    body: str = Field(min_length=1)


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


def check_lessons(_pack: Pack, files: list[File[LessonFile]]) -> Iterator[Fault]:
    """Attachments named are there, of a kind and size that can be shown."""
    for file in files:
        for n, name in enumerate(file.value.attachments):
            path = _attachment(file, name)
            if not path.is_file():
                yield file.fault(f"attachments.{n}: there is no attachments/{name}", "attachments", n)
            elif path.suffix not in MEDIA:
                yield file.fault(f"attachments.{n}: only {' '.join(MEDIA)} can be attached", "attachments", n)
            elif path.stat().st_size > LARGEST:
                yield file.fault(f"attachments.{n}: larger than {LARGEST >> 20} MB", "attachments", n)


def load_courses(pack: Pack, files: list[File[CourseFile]]) -> Tally:
    """New courses are open at once; a changed one becomes a new version that waits for an editor."""
    tally = Tally()
    for file in files:
        lessons = {one.path.name: one for one in _lessons(pack, file)}
        ordered = [lessons[name] for name in file.value.lessons]
        _bring(pack, file, ordered, tally)
    return tally


def _bring(pack: Pack, file: File[CourseFile], lessons: list[File[LessonFile]], tally: Tally) -> None:
    signs = digest([file.value.model_dump(mode="json"), [_lesson_digest(one).hex() for one in lessons]])
    course = db.session.scalar(sa.select(Course).where(Course.code == file.value.code))
    if course is None:
        course = Course(code=file.value.code)
        db.session.add(course)
        db.session.flush()
    last = db.session.scalar(
        sa.select(CourseVersion).where(CourseVersion.course_id == course.id).order_by(CourseVersion.number.desc())
    )
    if last is not None and last.digest == signs:
        tally.note()
        return
    version = _version(pack, file.value, course.id, last.number + 1 if last else 1, signs)
    version.lessons = [_lesson(pack, one, n) for n, one in enumerate(lessons, 1)]
    db.session.add(version)
    db.session.flush()
    if last is None:
        db.session.add(CoursePublication(course_id=course.id, version_id=version.id))
        db.session.flush()
    tally.note(created=last is None, changed=last is not None)


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
        attachments=[_attached(_attachment(file, name)) for name in value.attachments],
    )


def _attached(path: Path) -> LessonAttachment:
    content = path.read_bytes()
    return LessonAttachment(name=path.name, media_type=MEDIA[path.suffix], size=len(content), content=content)


def _lesson_digest(file: File[LessonFile]) -> bytes:
    files = {name: hashlib.sha256(_attachment(file, name).read_bytes()).hexdigest() for name in file.value.attachments}
    return digest([file.value.model_dump(mode="json"), files])


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
        "course", "courses/*/course.yaml", CourseFile, load_courses, check_courses, carries=("courses/*/attachments/*",)
    ),
)
