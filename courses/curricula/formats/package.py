"""Packing a course into one zip and taking it out again; docs/course-package.md says what stands in it.

The same course gives the same bytes: names in order, no times, nothing compressed. Of what comes in the list is looked
at first; texts and pictures are unpacked by a child process that can open nothing, films are read a piece at a time.
"""

import base64
import hashlib
import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from courses.curricula.formats import canonical
from courses.curricula.formats.parts import Part, Zip, part
from courses.curricula.rules.files import PLAYED, is_played
from lms.content.lines import Unreadable, parse
from lms.errors import Invalid, Refused, TooLarge
from lms.i18n import _
from lms.media import PIECE, largest
from lms.web import readers
from lms.web.intake import ZipLimits, check_zip

NAME, VERSION = "course-package", 1
#: Of all but films and sounds, which have their own setting.
MOST_BESIDE = 96 << 20
#: Of one text; a lesson of ten minutes has some 10 kB.
LONGEST = 256 << 10
DEEPEST = 8
_CHILD = Path(__file__).with_name("package_child.py")
_PATHS = re.compile(r"course\.yaml|sources\.yaml|package\.json|lessons/[^/]+\.md|attachments/[^/]+")


@dataclass(frozen=True)
class Package:
    """A course as plain values: what its files say, nothing checked yet but that they can be read."""

    course: Mapping[str, Any]
    #: file name → front matter and body, in the course's order
    lessons: Mapping[str, Mapping[str, Any]]
    sources: Sequence[Mapping[str, Any]] = ()
    files: Mapping[str, Part] = field(default_factory=dict)

    def texts(self) -> Iterator[tuple[str, bytes]]:
        """Every text of the package but its list, by path."""
        entry = {**self.course, "lessons": list(self.lessons)}
        yield "course.yaml", canonical.course(entry).encode()
        for name, lesson in self.lessons.items():
            yield f"lessons/{name}", canonical.lesson(lesson).encode()
        works = [dict(one) for one in sorted(self.sources, key=lambda one: str(one["code"]))]
        yield "sources.yaml", canonical.course({"sources": works}).encode()


def most() -> int:
    """How many bytes a package may have, packed or not: one largest film, and all else."""
    return largest() + MOST_BESIDE


def pack(package: Package) -> Zip:
    """The zip: the same course gives the same bytes, today and elsewhere."""
    files = {f"attachments/{name}": one for name, one in package.files.items()}
    parts = dict(sorted({**{path: part(text) for path, text in package.texts()}, **files}.items()))
    about = {"format": NAME, "version": VERSION, "files": {path: one.sha256 for path, one in parts.items()}}
    listed = (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()
    return Zip({"package.json": part(listed), **parts})


def look_at(file: IO[bytes]) -> int:
    """Refuse what is no zip, or holds what a course cannot, by its own list; how many bytes it has."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > most():
        raise TooLarge(_("The file is larger than %(size)s MB.", size=most() >> 20))
    if not is_one(file.read(4)):
        raise Invalid(_("This is no course package of a version that is known here."), field="file")
    check_zip(file, ZipLimits(entries=500, total=most(), ratio=100))
    return size


def is_one(head: bytes) -> bool:
    """Whether a file that begins like this can be a package."""
    return head[:4] in (b"PK\3\4", b"PK\5\6")


def unpack(file: IO[bytes]) -> Package:
    """What a package holds, read and compared with its own list; raises with the reason and the file.

    Films stay in the file and are read out of it later: it must stay open as long as the package is wanted.
    """
    look_at(file)
    told = _told(file)
    if "refused" in told:
        raise _refusal(told["refused"])
    parts = {path: part(base64.b64decode(content)) for path, content in told["files"].items()}
    parts |= _films(file)
    for path in parts:
        if not _PATHS.fullmatch(path):
            raise Invalid(_("%(file)s does not belong into a course.", file=path[:120]), field="file")
    _compare(parts)
    return _read(parts)


def _told(file: IO[bytes]) -> dict[str, Any]:
    """What the child process reads; it is given a file on disk."""
    file.seek(0)
    try:
        file.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            copy.write(file.read())
            copy.seek(0)
            return readers.ask(_CHILD, *sorted(PLAYED), data=copy)
    told = readers.ask(_CHILD, *sorted(PLAYED), data=file)
    file.seek(0, 2)  # the child has moved about in it: nothing that was read ahead is true any more
    return told


def _films(file: IO[bytes]) -> dict[str, Part]:
    """Films and sounds, each read once to its end to know its sum."""
    archive = zipfile.ZipFile(file)
    found = {}
    for entry in archive.infolist():
        if entry.filename.startswith("attachments/") and is_played(entry.filename):
            if entry.file_size > largest():
                name = entry.filename[:120]
                raise TooLarge(_("%(file)s is larger than %(size)s MB.", file=name, size=largest() >> 20))
            read = partial(_pieces, archive, entry)
            sign = hashlib.sha256()
            for piece in read():
                sign.update(piece)
            found[entry.filename] = Part(entry.file_size, sign.hexdigest(), read)
    return found


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    left = entry.file_size
    try:
        with archive.open(entry) as opened:
            while piece := opened.read(PIECE):
                left -= len(piece)
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError):
        left = -1
    if left:
        raise _refusal("damaged")


def _refusal(code: str) -> Refused:
    if code in ("too large", "too much text"):
        return TooLarge(_("Unpacked, the file would be larger than %(size)s MB.", size=MOST_BESIDE >> 20))
    return Invalid(_("The file is damaged and cannot be read."), field="file")


def _compare(parts: Mapping[str, Part]) -> None:
    """Against the list that the package brings: all that is named is there, nothing else, nothing changed."""
    listed = _listed(parts["package.json"].content if "package.json" in parts else b"")
    there = {path: one.sha256 for path, one in parts.items() if path != "package.json"}
    for path in sorted({*listed, *there}):
        if path not in there:
            raise Invalid(_("%(file)s is missing in the file.", file=path[:120]), field="file")
        if path not in listed:
            raise Invalid(_("%(file)s does not belong into a course.", file=path[:120]), field="file")
        if listed[path] != there[path]:
            raise Invalid(_("%(file)s is not what the file's own list says.", file=path[:120]), field="file")


def _listed(text: bytes) -> dict[str, str]:
    try:
        about = json.loads(text)
        files = about["files"]
        known = about["format"] == NAME and isinstance(files, dict) and about["version"] == VERSION
    except (ValueError, TypeError, KeyError, RecursionError):
        known = False
    if not known:
        raise Invalid(_("This is no course package of a version that is known here."), field="file")
    return {str(path): str(digest) for path, digest in files.items()}


def _read(parts: Mapping[str, Part]) -> Package:
    course = _entry_of(parts, "course.yaml")
    names = course.pop("lessons", None)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _unreadable("course.yaml", 1, "lessons")
    for path in parts:
        if path.startswith("lessons/") and path.removeprefix("lessons/") not in names:
            raise Invalid(_("%(file)s does not belong into a course.", file=path[:120]), field="file")
    lessons = {name: _entry_of(parts, f"lessons/{name}") for name in names}
    works = _entry_of(parts, "sources.yaml").get("sources")
    if not isinstance(works, list) or not all(isinstance(one, dict) and "code" in one for one in works):
        raise _unreadable("sources.yaml", 1, "sources")
    files = {path.removeprefix("attachments/"): parts[path] for path in parts if path.startswith("attachments/")}
    return Package(course, lessons, works, files)


def _entry_of(parts: Mapping[str, Part], path: str) -> dict[str, Any]:
    if path not in parts:
        raise Invalid(_("%(file)s is missing in the file.", file=path[:120]), field="file")
    if parts[path].size > LONGEST:
        raise TooLarge(_("%(file)s is longer than %(size)s kB.", file=path[:120], size=LONGEST >> 10))
    try:
        text = parts[path].content.decode().replace("\r\n", "\n")
        _plain_yaml(text, front_matter=path.endswith(".md"))
        read = parse(text, front_matter=path.endswith(".md")).plain
    except UnicodeDecodeError:
        raise _unreadable(path, 1, "UTF-8") from None
    except Unreadable as wrong:
        raise _unreadable(path, wrong.line, wrong.message) from None
    if not isinstance(read, dict):
        raise _unreadable(path, 1, "YAML")
    return read


def _plain_yaml(text: str, *, front_matter: bool) -> None:
    """No names that stand for other places, by which a few lines become millions; no endless depth."""
    head = _front(text) if front_matter else text
    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(head):
            kind = type(event).__name__
            depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
            if kind == "AliasEvent" or getattr(event, "anchor", None) or depth > DEEPEST:
                raise Unreadable(event.start_mark.line + 1, "YAML: & * …")
    except YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise Unreadable((mark.line if mark else 0) + 1, getattr(wrong, "problem", None) or "YAML") from None


def _front(text: str) -> str:
    lines = text.splitlines(keepends=True)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), len(lines))
    return "".join(lines[1:end])


def _unreadable(path: str, line: int, why: str) -> Invalid:
    words = _("%(file)s, line %(line)s cannot be read: %(why)s", file=path[:120], line=line, why=why)
    return Invalid(words, field="file")
