"""A draft or a version as a course package, as a small content pack, and what is still wrong with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from courses.authoring.rules.words import Place, said
from courses.curricula.content.courses import CourseFile, LessonFile
from courses.curricula.formats.package import Package
from courses.curricula.formats.parts import Part
from courses.curricula.rules.files import is_played
from lms.content.formats import File, Pack, PackFile, Source, Strict, Title, digest
from lms.content.lines import Lines
from lms.i18n import _


@dataclass(frozen=True)
class Known:
    """What this installation knows: techniques and courses that a course may name."""

    techniques: frozenset[str]
    courses: frozenset[str]


@dataclass(frozen=True)
class Flaw:
    """One thing that keeps a course from being published: where, and what to do."""

    at: Place
    words: str


def file_name(number: int, code: str) -> str:
    """What a lesson's file is called, from its place and its code."""
    return f"{number:02d}-{code}.md"


def flaws(package: Package, known: Known) -> list[Flaw]:
    """Everything that is wrong with a course, all at once."""
    return [*broken(package), *_unknown(package, known)]


def broken(package: Package) -> list[Flaw]:
    """What is wrong with a course wherever it is brought."""
    lessons = list(package.lessons.values())
    found = [*_of_schema(CourseFile, {**package.course, "lessons": list(package.lessons)}, ())]
    for at, lesson in enumerate(lessons):
        found += _of_schema(LessonFile, lesson, ("lesson", at))
    for at, work in enumerate(package.sources):
        found += _of_schema(Source, work, ("sources", at))
    return [*found, *_between(package, lessons)]


def _of_schema(schema: type[Strict], value: Mapping[str, Any], at: Place) -> Iterator[Flaw]:
    try:
        schema.model_validate(value, context={})
    except ValidationError as wrong:
        for one in wrong.errors(include_url=False):
            yield Flaw((*at, *one["loc"]), said(one["type"], one.get("ctx", {}), one["msg"]))


def _unknown(package: Package, known: Known) -> Iterator[Flaw]:
    for name, there in (("techniques", known.techniques), ("prerequisites", known.courses)):
        for code in _codes(package.course.get(name)):
            if code not in there:
                yield Flaw((name,), said("unknown", {"code": code}))


def _between(package: Package, lessons: Sequence[Mapping[str, Any]]) -> Iterator[Flaw]:
    """What several files must agree on: codes once, works and files that are named are there."""
    works = [str(work.get("code")) for work in package.sources]
    if package.course.get("code") in _codes(package.course.get("prerequisites")):
        yield Flaw(("prerequisites",), str(_("A course cannot come before itself.")))
    yield from _named(package.course, "sources", works, ())
    codes = [str(lesson.get("code")) for lesson in lessons]
    for at, lesson in enumerate(lessons):
        if codes[at] in codes[:at]:
            yield Flaw(("lesson", at, "code"), str(_("Another lesson has this code.")))
        yield from _named(lesson, "sources", works, ("lesson", at))
        yield from _named(lesson, "attachments", list(package.files), ("lesson", at))
        for name in _codes(lesson.get("attachments")):
            if is_played(name) and name not in (lesson.get("seconds") or {}):
                yield Flaw(("lesson", at, "attachments"), str(_("Say how many seconds %(file)s plays.", file=name)))


def _named(entry: Mapping[str, Any], key: str, there: Sequence[str], at: Place) -> Iterator[Flaw]:
    for one in _codes(entry.get(key)):
        if one not in there:
            yield Flaw((*at, key), said("unknown", {"code": one}))


def _codes(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def canonical(package: Package) -> Package:
    """The same course with every key in its place, nothing left out that has a default; it must have no flaws."""
    lessons = [_said(LessonFile.model_validate(one, context={})) for one in package.lessons.values()]
    names = [file_name(number, lesson["code"]) for number, lesson in enumerate(lessons, 1)]
    course = CourseFile.model_validate({**package.course, "lessons": names}, context={}).model_dump(mode="json")
    del course["lessons"]
    works = [Source.model_validate(one, context={}).model_dump(mode="json") for one in package.sources]
    used = {name for lesson in lessons for name in lesson["attachments"]}
    cited = {*course["sources"], *(code for lesson in lessons for code in lesson["sources"])}
    files = {name: one for name, one in sorted(package.files.items()) if name in used}
    kept = sorted((work for work in works if work["code"] in cited), key=lambda work: str(work["code"]))
    return Package(course, dict(zip(names, lessons, strict=True)), kept, files)


def digest_of(package: Package) -> bytes:
    """SHA-256 over all that a course says, files included: what a second editor approves."""
    files = {name: one.sha256 for name, one in package.files.items()}
    plain = [dict(package.course), [dict(one) for one in package.lessons.values()], list(package.sources), files]
    return digest(plain)


def _said(lesson: LessonFile) -> dict[str, Any]:
    """What a lesson says; optional keys that say nothing, or what would follow anyhow, are left out."""
    told = lesson.model_dump(mode="json")
    if told.get("asks") == lesson.model_copy(update={"asks": None}).asked:
        del told["asks"]
    return {key: value for key, value in told.items() if value is not None and value != {}}


Written = tuple[Pack, File[CourseFile], list[File[LessonFile]]]


def as_pack(package: Package, folder: Path) -> Written:
    """The course as files of a content pack in this folder, for the one loader that makes versions of them."""
    home = folder / "courses" / str(package.course["code"])
    (home / "attachments").mkdir(parents=True)
    for name, one in package.files.items():
        with (home / "attachments" / name).open("wb") as opened:
            opened.writelines(one.read())
    course = CourseFile.model_validate({**package.course, "lessons": list(package.lessons)}, context={})
    title = Title(zh=course.title.zh, en=course.title.en)
    about = PackFile(
        code=course.code, version="1", title=title, licence="", sources=[Source(**one) for one in package.sources]
    )
    lessons = [
        _file(home / "lessons" / name, LessonFile.model_validate(one, context={}))
        for name, one in package.lessons.items()
    ]
    read: dict[str, list[File[Any]]] = {"pack": [_file(folder / "pack.yaml", about)], "lesson": [*lessons]}
    return Pack(folder, read=read), _file(home / "course.yaml", course), lessons


def _file(path: Path, value: Any) -> File[Any]:
    return File(path, path.name, value, Lines({}, {}))


def of_version(version: Any, part_of: Callable[[Any], Part]) -> Package:
    """A published version as the package it goes out as."""
    lessons = {file_name(n, lesson.code): _lesson(lesson) for n, lesson in enumerate(version.lessons, 1)}
    files = {one.name: part_of(one) for lesson in version.lessons for one in lesson.attachments}
    works = {one["code"]: one for part in (version, *version.lessons) for one in part.sources}
    course = {
        "code": version.course.code,
        "title": {"zh": version.title, "en": version.title_en},
        "summary": version.summary,
        "categories": list(version.categories),
        "hours_kind": version.hours_kind,
        "techniques": sorted(one.technique.code for one in version.teaches),
        "prerequisites": list(version.prerequisites),
        "sources": [one["code"] for one in version.sources],
    }
    sources = [{**one, "year": int(one["year"])} for one in works.values()]
    return canonical(Package(course, lessons, sources, files))


def _lesson(lesson: Any) -> dict[str, Any]:
    return {
        "code": lesson.code,
        "title": {"zh": lesson.title, "en": lesson.title_en},
        "minutes": lesson.minutes,
        "sources": [one["code"] for one in lesson.sources],
        "attachments": [one.name for one in lesson.attachments],
        "self_check": lesson.self_check,
        "asks": lesson.asks,
        "seconds": {one.name: one.seconds for one in lesson.attachments if one.seconds},
        "body": lesson.body,
    }
