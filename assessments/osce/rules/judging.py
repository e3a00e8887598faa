"""Which sheet counts: one, several that agree, several that differ until settled; and what officers ruled.

Sheets never change. Rulings say for whom a sheet counts, whether one that lay aside counts, and which stations count;
a ruling that was undone says nothing any more.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lms.digests import digest

Place = tuple[int, int]  # circuit station, candidate


@dataclass(frozen=True)
class Handed:
    """A sheet that stands, as far as it decides: whose, what, and its hash."""

    id: str
    examiner: int
    marks: Mapping[str, int]
    rating: str
    content_hash: bytes


class Cell(StrEnum):
    """How one candidate stands at one station."""

    MISSING = "missing"
    MARKED = "marked"
    AGREED = "agreed"
    DIFFERENT = "different"
    SETTLED = "settled"
    #: the candidate was not there, excused: a make-up is to come
    AWAITED = "awaited"
    #: the candidate was not there, not excused: the station counts as failed
    ABSENT = "absent"
    #: the station does not count for this candidate
    VOIDED = "voided"


class Ruled(StrEnum):
    """What an officer says of a sheet or a station."""

    #: the sheet was written for the wrong candidate
    MOVED = "moved"
    #: the candidate was not at the station
    MISSED = "missed"
    #: the station does not count, for one candidate or for all
    VOIDED = "voided"
    #: a sheet that lay aside counts
    ACCEPTED = "accepted"
    #: a sheet that lay aside does not count
    REFUSED = "refused"
    #: an earlier ruling no longer holds
    UNDONE = "undone"


class Missed(StrEnum):
    """What follows when a candidate was not at a station."""

    EXCUSED = "excused"
    FAILED = "failed"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Kept:
    """A sheet as it lies in the archive: where, for whom it was written, and which one it corrects."""

    id: str
    station: int
    candidate: int
    supersedes: str | None = None


@dataclass(frozen=True)
class Ruling:
    """A ruling as far as it decides; `candidate` None: everybody at the station."""

    id: int
    ruled: Ruled
    station: int
    candidate: int | None = None
    sheet: str | None = None
    to: int | None = None
    missed: Missed | None = None
    alone: bool = False
    undoes: int | None = None
    over: bytes = b""


@dataclass(frozen=True)
class Judged:
    """Which sheet counts for one candidate at one station, if one does, and what was ruled instead."""

    cell: Cell
    counts: str | None
    over: bytes
    ruled: str = ""


def in_force(rulings: Iterable[Ruling]) -> list[Ruling]:
    """The rulings that no later one has undone, in the order in which they were made."""
    rulings = sorted(rulings, key=lambda one: one.id)
    undone = {one.undoes for one in rulings if one.ruled is Ruled.UNDONE}
    return [one for one in rulings if one.ruled is not Ruled.UNDONE and one.id not in undone]


def placed(sheets: Iterable[Kept], rulings: Iterable[Ruling], conditional: Collection[str]) -> dict[Place, list[str]]:
    """For whom at which station each sheet counts, by number; what was corrected there, or not accepted, is left out.

    `rulings` are those in force; `conditional` are the sheets that once lay aside: they count only while accepted.
    A correction takes the place of a sheet only where both are about the same candidate.
    """
    rulings = list(rulings)
    moved = {one.sheet: one.to for one in rulings if one.ruled is Ruled.MOVED}
    accepted = {one.sheet for one in rulings if one.ruled is Ruled.ACCEPTED}
    about = {
        one.id: (one, moved.get(one.id) or one.candidate)
        for one in sheets
        if one.id not in conditional or one.id in accepted
    }
    corrected = {
        one.supersedes
        for one, candidate in about.values()
        if one.supersedes in about and about[one.supersedes][1] == candidate
    }
    found: dict[Place, list[str]] = defaultdict(list)
    for number, (one, candidate) in sorted(about.items()):
        if number not in corrected:
            found[one.station, candidate].append(number)
    return dict(found)


def judge(sheets: Sequence[Handed], settled: Mapping[bytes, str]) -> Judged:
    """One sheet, several that say the same, or several that differ until somebody settles just these.

    `settled` names the sheet that counts by the hash over the sheets that differed. The order of sheets, and who
    wrote which, changes nothing about the mark.
    """
    over = digest(sorted(sheet.content_hash.hex() for sheet in sheets))
    if not sheets:
        return Judged(Cell.MISSING, None, over)
    first = min(sheets, key=lambda sheet: sheet.id)
    if all(sheet.marks == first.marks and sheet.rating == first.rating for sheet in sheets):
        return Judged(Cell.MARKED if len(sheets) == 1 else Cell.AGREED, first.id, over)
    chosen = settled.get(over)
    if chosen in {sheet.id for sheet in sheets}:
        return Judged(Cell.SETTLED, chosen, over)
    return Judged(Cell.DIFFERENT, None, over)


def alone(sheets: Sequence[Handed], rulings: Iterable[Ruling]) -> Sequence[Handed]:
    """The sheets between which is judged: all, or the one that was last accepted in place of all others."""
    chosen = [one.sheet for one in rulings if one.ruled is Ruled.ACCEPTED and one.alone]
    there = {sheet.id: sheet for sheet in sheets}
    last = next((number for number in reversed(chosen) if number in there), None)
    return [there[last]] if last is not None else sheets


def ruled(judged: Judged, rulings: Iterable[Ruling]) -> Judged:
    """The same with what officers said of this candidate at this station.

    A void holds whatever comes; a word about somebody who was not there holds as long as there is no sheet.
    """
    rulings = list(rulings)
    if any(one.ruled is Ruled.VOIDED for one in rulings):
        return Judged(Cell.VOIDED, None, judged.over, Ruled.VOIDED)
    said = [one.missed for one in rulings if one.ruled is Ruled.MISSED and one.over == judged.over]
    if not said or judged.cell is not Cell.MISSING:
        return judged
    cells = {Missed.EXCUSED: Cell.AWAITED, Missed.FAILED: Cell.ABSENT, Missed.LEFT_OUT: Cell.VOIDED}
    last = said[-1]
    assert last is not None
    return Judged(cells[last], None, judged.over, last)


def whole_hash(cells: Iterable[tuple[int, int, Judged]]) -> bytes:
    """The hash of all that counts in a circuit: (station, candidate, judgement) in any order."""
    return digest(
        {
            f"{station}:{candidate}": [
                judged.over.hex(),
                judged.counts or "",
                *([judged.ruled] if judged.ruled else []),
            ]
            for station, candidate, judged in cells
        }
    )
