"""A content pack as files: read with line numbers, checked by schema, every fault named with file and line.

A feature takes part by a `content.py` with `KINDS = (Kind(…), …)`; nothing else is needed. Its schemas derive from
`Strict`; a code that others may name is `Annotated[str, names("technique")]`, a mention of one is
`Annotated[str, refers("technique")]`. Markdown files carry YAML between `---` lines; what follows is the key `body`.
"""

import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from lms import digests
from lms.content.lines import Lines, Unreadable, read
from lms.errors import Invalid

M = TypeVar("M", bound="Strict")
CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LARGEST = 2 << 20


class Strict(BaseModel):
    """Base of all schemas: an unknown key is an error, a value is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Title(Strict):
    """What a thing is called in each language."""

    zh: str = Field(min_length=1, max_length=120)
    en: str = Field(min_length=1, max_length=160)


def names(kind: str) -> AfterValidator:
    """This text is the code of a `kind`, once in the whole pack (not for use inside a union)."""

    def claim(code: str, info: ValidationInfo) -> str:
        seen: Counter[tuple[str, str]] = (info.context or {}).get("seen", Counter())
        seen[kind, code] += 1
        if seen[kind, code] > 1:
            raise PydanticCustomError("twice", "{kind} {code} is there already", {"kind": kind, "code": code})
        return code

    return AfterValidator(claim)


def refers(kind: str) -> AfterValidator:
    """This text is the code of a `kind` that stands somewhere in the pack."""

    def look_up(code: str, info: ValidationInfo) -> str:
        known: frozenset[tuple[str, str]] | None = (info.context or {}).get("known")
        if known is not None and (kind, code) not in known:
            raise PydanticCustomError("unknown", "there is no {kind} {code}", {"kind": kind, "code": code})
        return code

    return AfterValidator(look_up)


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong, and where."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class File(Generic[M]):
    """One file of a pack that kept to its schema."""

    path: Path
    name: str
    value: M
    lines: Lines

    def fault(self, message: str, *loc: str | int) -> Fault:
        """Something wrong at this place in the file."""
        return Fault(self.name, self.lines.at(loc), message)

    def beside(self, *parts: str) -> Path:
        """A file in the same folder, or below it."""
        return self.path.parent.joinpath(*parts)


@dataclass
class Tally:
    """What loading one kind came to."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def note(self, *, created: bool = False, changed: bool = False) -> None:
        """Count one thing."""
        self.created += created
        self.changed += changed and not created
        self.unchanged += not (created or changed)

    def __bool__(self) -> bool:
        return bool(self.created or self.changed)


@dataclass(frozen=True)
class Kind(Generic[M]):
    """One kind of file: where it lies, what it looks like, what else must hold, and how it gets into the database.

    `check` says what the schema cannot know (other files), of the files that kept to it; `load` upserts in the
    running transaction and never changes a version that is in use. `carries` are patterns of files that belong to it
    without a schema (pictures).
    """

    name: str
    pattern: str
    schema: type[M]
    load: "Callable[[Pack, list[File[M]]], Tally]"
    check: "Callable[[Pack, list[File[M]]], Iterable[Fault]]" = lambda _pack, _files: ()
    carries: tuple[str, ...] = ()


SourceCode = Annotated[str, Field(pattern=CODE), names("source")]
#: A mention of a source of pack.yaml.
SourceRef = Annotated[str, refers("source")]


class Source(Strict):
    """One work that the content rests on, and what of it was really read."""

    code: SourceCode
    title: str
    year: int = Field(ge=1900, le=2100)
    where: str


class PackFile(Strict):
    """pack.yaml."""

    code: str = Field(pattern=CODE)
    version: str
    title: Title
    licence: str
    sources: list[Source]


@dataclass
class Pack:
    """A whole pack that was read; complete only if `faults` is empty."""

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    read: dict[str, list[File[Any]]] = field(default_factory=dict)

    @property
    def about(self) -> PackFile:
        """What pack.yaml says."""
        value: PackFile = self.read["pack"][0].value
        return value

    def files(self, kind: str) -> list[File[Any]]:
        """All files of one kind, by name."""
        return self.read.get(kind, [])

    def source(self, code: str) -> dict[str, str]:
        """A source as it is kept beside what rests on it."""
        found = next(one for one in self.about.sources if one.code == code)
        return {"code": found.code, "title": found.title, "year": str(found.year), "where": found.where}

    @property
    def digest(self) -> bytes:
        """SHA-256 over all that was read."""
        return digest({f.name: f.value.model_dump(mode="json") for files in self.read.values() for f in files})


def digest(content: Any) -> bytes:
    """SHA-256 over the canonical JSON of plain values or of a schema's value: how versions are told apart."""
    plain = content.model_dump(mode="json") if isinstance(content, BaseModel) else content
    return digests.digest(plain)


def _no_rows(_pack: Pack, _files: list[File[PackFile]]) -> Tally:
    return Tally()


ABOUT: Kind[PackFile] = Kind("pack", "pack.yaml", PackFile, load=_no_rows, carries=("README.md", "LICENSE*"))


def kinds(features: Sequence[str]) -> list[Kind[Any]]:
    """Every kind that the features' `content.py` declare, lower features first: the order of loading."""
    found: list[Kind[Any]] = [ABOUT]
    for feature in features:
        name = f"{feature}.content"
        try:
            found += getattr(importlib.import_module(name), "KINDS", ())
        except ModuleNotFoundError as missing:
            if missing.name != name:
                raise
    return found


def open_pack(folder: Path, known: Sequence[Kind[Any]]) -> Pack:
    """Read and check a whole pack; all faults are in it, sorted, not only the first."""
    if not (folder / "pack.yaml").is_file():
        raise Invalid(f"{folder} is not a content pack: there is no pack.yaml in it")
    pack = Pack(folder)
    raw = [(kind, list(_readable(pack, kind))) for kind in known]
    seen: Counter[tuple[str, str]] = Counter()
    for kind, texts in raw:
        for _, lines in texts:
            _validate(kind, lines, {"seen": seen})
    context = {"known": frozenset(seen), "seen": Counter()}
    for kind, texts in raw:
        pack.read[kind.name] = [*_valid(pack, kind, texts, context)]
    pack.faults += [fault for kind in known for fault in kind.check(pack, pack.files(kind.name))]
    pack.faults += _strays(pack, known)
    pack.faults.sort()
    return pack


def _readable(pack: Pack, kind: Kind[Any]) -> Iterator[tuple[Path, Lines]]:
    for path in sorted(pack.folder.glob(kind.pattern)):
        name = path.relative_to(pack.folder).as_posix()
        try:
            if path.stat().st_size > LARGEST:
                raise Unreadable(1, f"larger than {LARGEST >> 20} MB")
            yield path, read(path)
        except Unreadable as wrong:
            pack.faults.append(Fault(name, wrong.line, wrong.message))


def _validate(kind: Kind[M], lines: Lines, context: dict[str, Any]) -> M | ValidationError:
    try:
        return kind.schema.model_validate(lines.plain, context=context)
    except ValidationError as wrong:
        return wrong


def _valid(pack: Pack, kind: Kind[M], texts: list[tuple[Path, Lines]], context: dict[str, Any]) -> Iterator[File[M]]:
    for path, lines in texts:
        name = path.relative_to(pack.folder).as_posix()
        value = _validate(kind, lines, context)
        if isinstance(value, ValidationError):
            pack.faults += [Fault(name, lines.at(e["loc"]), _words(e)) for e in value.errors(include_url=False)]
        else:
            yield File(path, name, value, lines)


def _words(error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "this key is not known"
    return f"{where}: {message}" if where else message


def _strays(pack: Pack, known: Sequence[Kind[Any]]) -> Iterator[Fault]:
    patterns = [pattern for kind in known for pattern in (kind.pattern, *kind.carries)]
    expected = {path for pattern in patterns for path in pack.folder.glob(pattern)}
    for path in sorted(pack.folder.rglob("*")):
        if path.is_file() and path not in expected and not path.name.startswith("."):
            yield Fault(path.relative_to(pack.folder).as_posix(), 1, "no feature knows this file")
