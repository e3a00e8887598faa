"""What a file would do to the bank, item by item, and how that is kept between check and import: sealed and packed."""

import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from assessments.bank.formats.document import Done, Entry, Item, Read, Report
from assessments.bank.queries.exchange import Known
from assessments.bank.rules.content import Content, case_digest
from assessments.bank.rules.kinds import Level, Use
from lms import vault
from lms.content.formats import CODE

_CONTEXT = b"question import plan"


class Outcome(StrEnum):
    """What becomes of one item."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Defaults:
    """What holds for questions that do not say it themselves."""

    bank: str = ""
    use: str = Use.EXAM.value
    level: str = ""
    topic: str = ""
    technique: str = ""
    source: str = ""
    passage: str = ""


@dataclass(frozen=True)
class Line:
    """One item of a plan as it is shown."""

    place: str
    code: str
    kind: str
    stem: str
    outcome: str
    reports: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Decided:
    """One item with what is to be written, if it is not refused."""

    item: Item
    entry: Entry | None
    outcome: Outcome
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class Plan:
    """Everything a file would do."""

    items: tuple[Decided, ...]
    reports: tuple[Report, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many items come to each outcome."""
        found = Counter(one.outcome for one in self.items)
        return {outcome.value: found[outcome] for outcome in Outcome}

    @property
    def digest(self) -> str:
        """A hash of everything it would do, to see whether it would still do the same later."""
        said = [[one.item.place, one.outcome.value, *(_named(one.entry) if one.entry else ())] for one in self.items]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    @property
    def lines(self) -> list[Line]:
        """The plan ready to be shown."""
        return [_line(one) for one in self.items]


def _named(entry: Entry) -> tuple[str, ...]:
    place = str(entry.series.place) if entry.series else ""
    return entry.code, entry.bank, entry.use, whole(entry).digest().hex(), place


def whole(entry: Entry) -> Content:
    """The content of a question with the case that it stands under."""
    return replace(entry.content, shared_stem=case_digest(entry.series.text).hex() if entry.series else "")


def fill(item: Item, defaults: Defaults) -> Item:
    """An item whose question has what it does not say itself, a code among it, the same every time."""
    entry = item.entry
    if entry is None:
        return item
    content = entry.content
    names = ("level", "topic", "technique", "source", "passage")
    content = replace(content, **{name: getattr(content, name) or getattr(defaults, name) for name in names})
    bank = entry.bank if re.fullmatch(CODE, entry.bank) else defaults.bank or entry.bank
    code = entry.code or f"{bank or 'q'}-{content.digest().hex()[:12]}"
    return replace(item, entry=replace(entry, content=content, bank=bank, code=code, use=entry.use or defaults.use))


def make(read: Read, known: Known) -> Plan:
    """Judge every item against the others and against the bank."""
    codes = Counter(entry.code for entry in read.entries)
    cases: dict[str, set[str]] = {}
    for entry in read.entries:
        if entry.series:
            cases.setdefault(entry.series.code, set()).add(entry.series.text)
    torn = {code for code, texts in cases.items() if len(texts) > 1}
    twice = {code for code, times in codes.items() if times > 1}
    for code, texts in cases.items():
        said, members = known.series.get(code, (b"", ()))
        # a case that says something new says it to all its questions, or to none
        if said not in {b"", *map(case_digest, texts)} and not set(members) <= set(codes):
            torn.add(code)
    return Plan(tuple(_decide(item, known, twice, torn) for item in read.items), read.reports)


def _decide(item: Item, known: Known, twice: set[str], torn: set[str]) -> Decided:
    entry = item.entry
    if entry is None:
        return Decided(item, None, Outcome.REFUSED, item.reports)
    wrong = [Report(item.place, entry.code, *said) for said in _wrong(entry, known, twice, torn)]
    if any(one.done is Done.REFUSED for one in wrong):
        return Decided(item, None, Outcome.REFUSED, (*item.reports, *wrong))
    stands = known.questions.get(entry.code)
    if stands is None:
        outcome = Outcome.CREATED
    else:
        entry = replace(entry, bank=stands.bank, use=stands.use)
        place = entry.series.place if entry.series else None
        same = (stands.digest, stands.place) == (whole(entry).digest(), place)
        outcome = Outcome.UNCHANGED if same else Outcome.CHANGED
    return Decided(item, entry, outcome, (*item.reports, *wrong))


def _wrong(entry: Entry, known: Known, twice: set[str], torn: set[str]) -> list[tuple[str, Done, str]]:
    """Everything in which a question does not fit the bank: element, what is done, why."""
    content, body = entry.content, entry.content.body
    stands = known.questions.get(entry.code)
    refused = {
        ("code", "bad_code"): not re.fullmatch(CODE, entry.code) or len(entry.code) > 80,
        ("code", "twice"): entry.code in twice,
        ("bank", "no_bank"): not re.fullmatch(CODE, entry.bank),
        ("level", "not_given"): content.level not in tuple(Level),
        ("topic", "not_given"): not content.topic,
        ("technique", "not_given"): not content.technique,
        (f"technique {content.technique}", "no_technique"): bool(content.technique)
        and content.technique not in known.techniques,
        ("source", "not_given"): not content.source,
        (f"source {content.source}", "no_source"): bool(content.source) and content.source not in known.sources,
        ("code", "retired"): stands is not None and stands.retired,
        ("series", "torn_series"): entry.series is not None and entry.series.code in torn,
        ("picture", "picture_missing"): bool(body.get("picture"))
        and body["picture"] not in entry.pictures
        and body["picture"] not in known.pictures,
        ("picture", "no_alt"): bool(body.get("picture")) and not body.get("alt"),
        ("units", "unit_not_offered"): content.unit_fault() is not None,
    }
    found = [(element, Done.REFUSED, why) for (element, why), is_so in refused.items() if is_so]
    if stands is not None and stands.bank != entry.bank:
        found.append((f"bank {entry.bank}", Done.LEFT_OUT, "bank_stays"))
    if stands is not None and stands.use != entry.use:
        found.append((f"use {entry.use}", Done.LEFT_OUT, "use_stays"))
    return found


def _line(one: Decided) -> Line:
    entry = one.entry or one.item.entry
    return Line(
        place=one.item.place,
        code=entry.code if entry else one.item.name,
        kind=entry.content.kind if entry else "",
        stem=(entry.content.stem if entry else one.item.name)[:200],
        outcome=one.outcome.value,
        reports=[(report.element, report.done.value, report.why) for report in one.reports],
    )


def pack(lines: Sequence[Line], reports: Sequence[Report]) -> bytes:
    """For the database: keys do not stand in it, but questions do."""
    about = [(report.name or report.place, report.element, report.done.value, report.why) for report in reports]
    text = json.dumps({"lines": [asdict(line) for line in lines], "about": about}, ensure_ascii=False)
    return vault.current().seal(zlib.compress(text.encode(), 1), _CONTEXT)


def unpack(packed: bytes | None) -> tuple[list[Line], list[tuple[str, str, str, str]]]:
    """From the database: the lines, and what was said of the file itself."""
    if packed is None:
        return [], []
    raw: Mapping[str, Any] = json.loads(zlib.decompress(vault.current().open(packed, _CONTEXT)))
    lines = [Line(**{**one, "reports": [tuple(said) for said in one["reports"]]}) for one in raw["lines"]]
    return lines, [tuple(one) for one in raw["about"]]
