"""Making a paper from a blueprint: its pool, what one candidate gets of it, its hash, and what two officers approve.

A blueprint is a list of cells: so many questions of one topic, level and kind, each for so many points. The pool of a
cell may hold more than a candidate gets; then each candidate gets a draw of their own. Or the pool makes several
equivalent forms, and each candidate gets one. Everybody gets the same number of questions of each cell, so the same
points can be earned. A series under one case goes whole and in order, and counts as its questions.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assessments.bank.rules.content import digest
from assessments.exams.rules import equivalent
from assessments.exams.rules.draws import Below, Urn, shuffled
from assessments.exams.rules.scoring import RULES, Key, key_plain

#: The kind of a cell that asks for series under one case; the other kinds ask for questions that stand alone.
SERIES = "series"
#: How often a pool is drawn anew that cannot be shared out as wanted, because of its series.
_TRIES = 200


@dataclass(frozen=True)
class Cell:
    """So many questions for each candidate, of one topic, level and kind (empty: any), each for so many points."""

    topic: str = ""
    level: str = ""
    kind: str = ""
    count: int = 1
    points: int = 1
    #: how many lie in the pool from which each candidate draws; None: just as many as each gets
    pool: int | None = None

    def takes(self, unit: "Unit") -> bool:
        """Whether the unit belongs here."""
        return all(getattr(self, side) in ("", getattr(unit, side)) for side in ("topic", "level", "kind"))

    def plain(self) -> dict[str, Any]:
        """The cell as it is kept with the paper."""
        pool = {"pool": self.pool} if self.pool is not None else {}
        return {name: getattr(self, name) for name in ("topic", "level", "kind", "count", "points")} | pool


@dataclass(frozen=True)
class Shortage(Exception):
    """A cell that the bank cannot fill; `near` says which numbers it could, where series must stay whole."""

    cell: Cell
    wanted: int
    there: int
    near: tuple[int, ...] = ()


@dataclass(frozen=True)
class Overlap(Exception):
    """Two cells that ask for the same questions."""

    first: Cell
    second: Cell


@dataclass(frozen=True)
class Offer:
    """One question of the bank, as a blueprint sees it."""

    topic: str
    level: str
    kind: str
    series: int | None = None
    place: int = 0
    facility: float | None = None


@dataclass(frozen=True)
class Unit:
    """What goes on a paper together: one question, or a series in order, which stands where its first question does."""

    members: tuple[int, ...]
    topic: str
    level: str
    kind: str


@dataclass(frozen=True)
class Filled:
    """What lies in the pool: numbers in the offer with their cell, in the paper's order; and the forms, if any."""

    items: list[tuple[int, int]]
    forms: list[list[int]] = field(default_factory=list)


def units(offered: Sequence[Offer]) -> list[Unit]:
    """The questions as they go together, each series where its first question stands."""
    together: dict[Any, list[int]] = {}
    for number, one in enumerate(offered):
        together.setdefault(("alone", number) if one.series is None else one.series, []).append(number)
    found = []
    for name, members in together.items():
        ordered = tuple(sorted(members, key=lambda n: (offered[n].place, n)))
        first = offered[ordered[0]]
        kind = first.kind if isinstance(name, tuple) else SERIES
        found.append(Unit(ordered, first.topic, first.level, kind))
    return found


def fill(cells: Sequence[Cell], offered: Sequence[Offer], forms: int, below: Below) -> Filled:
    """Fill every cell by lot; raises Shortage or Overlap naming the cell that cannot be.

    Every pool that can be filled and shared out as wanted is equally likely.
    """
    every = units(offered)
    owners = [[number for number, cell in enumerate(cells) if cell.takes(unit)] for unit in every]
    for its in owners:
        if len(its) > 1:
            raise Overlap(cells[its[0]], cells[its[1]])
    hard = equivalent.difficulties([one.level for one in offered], [one.facility for one in offered])
    chosen: dict[int, int] = {}
    shared: list[list[int]] = [[] for _ in range(forms if forms > 1 else 0)]
    for number, cell in enumerate(cells):
        there = [at for at, its in enumerate(owners) if its == [number]]
        pool, groups = _fill_cell(cell, [every[at] for at in there], hard, forms, below)
        chosen |= {there[at]: number for at in pool}
        for form, group in zip(shared, groups, strict=True):
            form += [there[at] for at in group]
    items = [(member, chosen[at]) for at in sorted(chosen) for member in every[at].members]
    return Filled(items, [[member for at in sorted(form) for member in every[at].members] for form in shared])


def _fill_cell(
    cell: Cell, there: Sequence[Unit], hard: Sequence[float], forms: int, below: Below
) -> tuple[list[int], list[list[int]]]:
    """Which units lie in the pool of a cell, and how they are shared out to the forms."""
    sizes = [len(unit.members) for unit in there]
    wanted = cell.count * forms if forms > 1 else cell.pool if cell.pool is not None else cell.count
    urn = Urn(sizes, sum(sizes))
    for _ in range(_TRIES if urn.ways(wanted) else 0):
        pool = urn.draw(wanted, below)
        own = [sizes[at] for at in pool]
        if forms > 1:
            weights = [sum(hard[member] for member in there[at].members) for at in pool]
            groups = equivalent.split(own, weights, cell.count, forms)
            if groups is not None:
                return pool, [[pool[at] for at in group] for group in groups]
        elif Urn(own, cell.count).ways(cell.count):
            return pool, []
    total = sum(sizes)
    raise Shortage(cell, wanted, total, tuple(urn.near(wanted)) if total >= wanted else ())


@dataclass(frozen=True)
class Line:
    """One item of a paper: its cell, and the series it belongs to."""

    id: int
    cell: int | None = None
    series: int | None = None


class Deal:
    """What candidates get of one paper: all of it, a draw of their own from each cell, or one of its forms."""

    def __init__(
        self, lines: Sequence[Line], blueprint: Sequence[Mapping[str, Any]] = (), forms: Sequence[Sequence[int]] = ()
    ) -> None:
        self._forms = [list(form) for form in forms]
        together: dict[Any, list[Line]] = {}
        for line in lines:
            together.setdefault(("alone", line.id) if line.series is None else line.series, []).append(line)
        self._units = list(together.values())
        self._cells: dict[int | None, list[int]] = {}
        for at, unit in enumerate(self._units):
            self._cells.setdefault(unit[0].cell, []).append(at)
        self._urns = {
            number: (Urn([len(self._units[at]) for at in self._cells.get(number, ())], cell["count"]), cell["count"])
            for number, cell in enumerate(blueprint)
        }

    @property
    def forms(self) -> int:
        """How many forms there are; 0 where candidates draw for themselves or all get the same."""
        return len(self._forms)

    def always_gives(self, count: int) -> bool:
        """Whether every candidate gets just so many items."""
        if self._forms:
            return all(len(form) == len(set(form)) == count for form in self._forms)
        alone = sum(len(self._units[at]) for at in self._cells.get(None, ()))
        drawn = sum(wanted for _urn, wanted in self._urns.values())
        return all(urn.ways(wanted) for urn, wanted in self._urns.values()) and alone + drawn == count

    def drawn(self, below: Below, form: int | None = None) -> list[int]:
        """The items one candidate gets, in the paper's order; `form` where one is given out and not drawn."""
        if self._forms:
            return list(self._forms[below(len(self._forms)) if form is None else form])
        taken: set[int] = set(self._cells.get(None, ()))
        for number, (urn, count) in self._urns.items():
            taken |= {self._cells[number][at] for at in urn.draw(count, below)}
        return [line.id for at in sorted(taken) for line in self._units[at]]

    def mixed(self, items: Sequence[int], below: Below) -> list[int]:
        """The same items in an order of the candidate's own, series whole and in order."""
        these = set(items)
        kept = [[line.id for line in unit if line.id in these] for unit in self._units]
        return [item for unit in shuffled([unit for unit in kept if unit], below) for item in unit]


def worth(points: Iterable[int], blueprint: Sequence[Mapping[str, Any]] | None) -> tuple[int, int]:
    """How many questions each candidate gets, and how many points these can earn."""
    if blueprint:
        return sum(cell["count"] for cell in blueprint), sum(cell["count"] * cell["points"] for cell in blueprint)
    every = list(points)
    return len(every), sum(every)


def paper_hash(
    items: Iterable[tuple[bytes, int]],
    multiple: str,
    blueprint: Sequence[Mapping[str, Any]] = (),
    cells: Sequence[int | None] = (),
    forms: Sequence[Sequence[int]] = (),
) -> bytes:
    """The hash of a paper: its questions by their own hashes, in order, with their points, and the marking rule.

    Where it is a pool: also the blueprint, the cell of each item, and the forms as places on the paper.
    """
    told: dict[str, Any] = {"items": [[content.hex(), points] for content, points in items], "multiple": multiple}
    if blueprint:
        told |= {"blueprint": [dict(cell) for cell in blueprint], "cells": list(cells)}
    if forms:
        told["forms"] = [list(form) for form in forms]
    return digest(told)


def key_hash(paper: bytes, key: Key, dropped: Iterable[int] = ()) -> bytes:
    """The hash of a key, which is a key to one paper; with the items that count for everybody, if there are any."""
    plain = {"paper": paper.hex(), "key": key_plain(key)}
    return digest(plain | ({"dropped": given} if (given := sorted(dropped)) else {}))


def seal(paper: bytes, key: bytes, minutes: int, cut: Decimal) -> bytes:
    """What two officers approve: paper, key, time, cut and the version of the marking rules."""
    plain = {"paper": paper.hex(), "key": key.hex(), "minutes": minutes, "cut": f"{cut:.2f}", "rules": RULES}
    return digest(plain)


def receipt_key(secret: str, attempt: str) -> bytes:
    """The secret by which one attempt's page knows that an acknowledgement is the centre's."""
    return hmac.new(secret.encode(), b"exam receipt\0" + attempt.encode(), hashlib.sha256).digest()


def receipt(key: bytes, attempt: str, ids: Iterable[str]) -> str:
    """The proof that the centre holds these events: a MAC over their ids."""
    text = "\n".join([attempt, *sorted(ids)])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
