"""A question between the bank and a file, and what is said of everything that a file has and the bank has not.

Every format writes what others can read in its own words, and beside it, where it allows an extension, what it has no
word for (`extension`). Nothing that a file holds goes without a word: it is kept, changed, left out or refused, by
name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assessments.bank.rules.content import Content, plain_key
from assessments.bank.rules.kinds import Kind, Level, Use

#: The questions one file may have, and the characters one text may have.
MOST_ITEMS, LONGEST = 10_000, 20_000


class Done(StrEnum):
    """What became of something that does not fit."""

    #: kept, but where only this system looks for it
    EXTENSION = "extension"
    CHANGED = "changed"
    LEFT_OUT = "left_out"
    REFUSED = "refused"


@dataclass(frozen=True)
class Report:
    """One thing that does not fit: the element as its format calls it, what was done, and a code for why."""

    place: str
    name: str
    element: str
    done: Done
    why: str


@dataclass(frozen=True)
class Series:
    """The case that a question stands under with others, and its place among them."""

    code: str
    text: str
    place: int


@dataclass(frozen=True)
class Entry:
    """Everything one version of a question says, with its code, bank, use, series and pictures.

    `pictures` holds the bytes of what `content.body` names by their SHA-256.
    """

    code: str
    content: Content
    bank: str = ""
    use: str = Use.EXAM.value
    series: Series | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True)
class Item:
    """One item of a file: the question in it, if there is one, and all that was to be said of it."""

    place: str
    name: str
    entry: Entry | None
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class Read:
    """A whole file, item by item; `reports` are about the file itself."""

    items: tuple[Item, ...]
    reports: tuple[Report, ...] = ()

    @property
    def entries(self) -> list[Entry]:
        """The questions that were understood."""
        return [item.entry for item in self.items if item.entry is not None]

    @property
    def all_reports(self) -> list[Report]:
        """Everything that was to be said."""
        return [*self.reports, *(report for item in self.items for report in item.reports)]


@dataclass(frozen=True)
class Written:
    """A file, and what other systems will not see of it."""

    data: bytes
    reports: tuple[Report, ...] = ()


class Notes:
    """What is said of one item while it is read."""

    def __init__(self, place: str, name: str) -> None:
        self.place, self.name = place, name
        self._reports: dict[Report, None] = {}

    @property
    def reports(self) -> tuple[Report, ...]:
        """All of it, once each, in order."""
        return tuple(self._reports)

    @property
    def refused(self) -> bool:
        """Whether the item cannot be taken."""
        return any(report.done is Done.REFUSED for report in self._reports)

    def say(self, element: str, done: Done, why: str) -> None:
        """Say what was done with an element."""
        self._reports[Report(self.place, self.name, element[:60], done, why)] = None

    def changed(self, element: str, why: str) -> None:
        """It was kept in another form."""
        self.say(element, Done.CHANGED, why)

    def left_out(self, element: str, why: str) -> None:
        """It was not kept; the question was."""
        self.say(element, Done.LEFT_OUT, why)

    def refuse(self, element: str, why: str) -> None:
        """Because of it the item cannot be a question here."""
        self.say(element, Done.REFUSED, why)

    def lost(self, elements: Mapping[str, bool]) -> None:
        """Elements of formatted text: True where their words went with them."""
        for element, gone in elements.items():
            self.say(f"<{element}>", Done.LEFT_OUT if gone else Done.CHANGED, "formatting")


Text = Annotated[str, Field(max_length=LONGEST)]


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _PlainSeries(_Plain):
    code: str = Field(min_length=1, max_length=80)
    text: Text = Field(min_length=1)
    place: int = Field(ge=1, le=1000)


class _Prompt(_Plain):
    key: str = Field(min_length=1, max_length=20)
    text: Text = Field(min_length=1)


class _Body(BaseModel):
    """What only some kinds have; a kind that comes later may bring more."""

    model_config = ConfigDict(extra="allow", strict=True)
    prompts: list[_Prompt] = Field(default_factory=list, max_length=60)
    picture: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    alt: str = Field(default="", max_length=1000)


class Told(_Plain):
    """A whole question as plain values: what an extension may bring, checked like everything from outside."""

    code: str = Field(default="", max_length=80)
    bank: str = Field(default="", max_length=80)
    use: str = ""
    kind: str
    level: str = ""
    topic: str = Field(default="", max_length=80)
    technique: str = Field(default="", max_length=80)
    stem: Text = Field(min_length=1)
    options: list[list[Text]] = Field(default_factory=list, max_length=26)
    key: list[str] | dict[str, Any]
    explanation: Text = ""
    source: str = Field(default="", max_length=80)
    passage: str = Field(default="", max_length=200)
    body: _Body = Field(default_factory=_Body)
    series: _PlainSeries | None = None


def plain(entry: Entry) -> dict[str, Any]:
    """A question as plain values; what it does not have is not there."""
    content = entry.content
    told: dict[str, Any] = {"code": entry.code, "bank": entry.bank, "use": entry.use}
    names = ("kind", "level", "topic", "technique", "stem", "explanation", "source", "passage")
    told |= {name: getattr(content, name) for name in names}
    told["options"] = [list(pair) for pair in content.options]
    told["key"] = plain_key(content.key)
    if content.body:
        told["body"] = dict(content.body)
    if entry.series is not None:
        told["series"] = vars(entry.series).copy()
    return told


def entry(told: Mapping[str, Any], pictures: Mapping[str, bytes], notes: Notes) -> Entry | None:
    """Plain values as a question, or None with what is wrong with them."""
    if not told.get("kind"):
        return None
    try:
        one = Told.model_validate(dict(told))
        kind, options = Kind(one.kind), tuple((key, text) for key, text in one.options)
        known = one.level in ("", *Level) and one.use in ("", *Use)
    except (ValidationError, ValueError) as wrong:
        first = wrong.errors()[0]["loc"] if isinstance(wrong, ValidationError) else ("kind",)
        notes.refuse(".".join(map(str, first)), "broken_value")
        return None
    if not known:
        notes.refuse("level/use", "broken_value")
        return None
    series = Series(**one.series.model_dump()) if one.series else None
    content = Content(
        kind=kind.value,
        level=one.level,
        topic=one.topic,
        technique=one.technique,
        stem=one.stem,
        options=options,
        key=one.key if isinstance(one.key, dict) else tuple(one.key),
        explanation=one.explanation,
        source=one.source,
        passage=one.passage,
        body=dict(told.get("body", {})),
    )
    if _faulty(content, notes):
        return None
    named = str(content.body.get("picture", ""))
    shown = {named: pictures[named]} if named in pictures else {}
    return Entry(one.code, content, one.bank, one.use, series, shown, notes.place)


def _faulty(content: Content, notes: Notes) -> bool:
    """Whether the key cannot mark answers; which is said."""
    try:
        fault = content.fault()
    except (TypeError, KeyError, AttributeError, ValueError, IndexError):
        notes.refuse("key", "broken_value")
        return True
    if fault is not None:
        notes.refuse("key", fault.value)
    return fault is not None
