"""Scoring a consultation: pure functions of what a case says and of what was done.

Each section is scored by itself: F1 of what is needed against what was done, so that asking for everything costs as
much as leaving things out. What is optional counts neither way. A section in which nothing is needed and nothing
needless was done is complete. The whole is the weighted mean of the sections, exact until it is rounded once, half up,
to two places.

An act that can harm caps the whole, however well the rest was done. Leaving an essential act out does not cap: what was
not done has cost its share already. Both are a critical failure, as a failed critical item is at a station.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from lms.digests import digest

#: Says by which arithmetic a percent was made; raise it with every change of `score`.
RULES = 1


class Section(StrEnum):
    """The parts of a consultation, in their order: 问诊、查体、辅助检查、处置、转诊."""

    ASK = "ask"
    EXAMINE = "examine"
    TEST = "test"
    DECIDE = "decide"
    REFER = "refer"


#: What was asked was asked and what was seen was seen; an order may be taken back until the consultation ends.
#: Therefore these two sections show what came of an act only in the report.
REVOCABLE = frozenset({Section.DECIDE, Section.REFER})


class Worth(StrEnum):
    """What an act is worth in this case."""

    NEEDED = "needed"
    OPTIONAL = "optional"
    NEEDLESS = "needless"


class Happened(StrEnum):
    """What an event says of its act."""

    DONE = "done"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class Act:
    """One thing that can be done in a case, and what it is worth there."""

    code: str
    section: Section
    worth: Worth
    essential: bool = False
    dangerous: bool = False


@dataclass(frozen=True)
class Key:
    """What a case is scored by."""

    acts: tuple[Act, ...]
    weights: Mapping[Section, int]
    danger_cap: Decimal

    @classmethod
    def of(cls, key: Mapping[str, Any]) -> "Key":
        """From the key of a case's version."""
        acts = (
            Act(code, Section(said["section"]), Worth(said["worth"]), said["essential"], bool(said["danger"]))
            for code, said in key["acts"].items()
        )
        weights = {Section(name): int(weight) for name, weight in key["weights"].items()}
        return cls(tuple(acts), weights, Decimal(str(key["danger_cap"])))

    def of_worth(self, worth: Worth, section: Section | None = None) -> frozenset[str]:
        """The acts of this worth, in one section or in all."""
        return frozenset(a.code for a in self.acts if a.worth is worth and section in (None, a.section))


@dataclass(frozen=True)
class SectionScore:
    """How one section went."""

    section: Section
    needed: int
    hit: int
    extra: int

    @property
    def share(self) -> Fraction:
        """F1, from 0 to 1, exact."""
        missed = self.needed - self.hit
        whole = 2 * self.hit + self.extra + missed
        return Fraction(2 * self.hit, whole) if whole else Fraction(1)

    @property
    def percent(self) -> Decimal:
        """The same to be shown, whole percents; nothing is computed from it."""
        return _rounded(self.share * 100, 0)


@dataclass(frozen=True)
class Score:
    """How a consultation went."""

    percent: Decimal
    sections: tuple[SectionScore, ...]
    dangerous: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def critical(self) -> bool:
        """Whether something was done that can harm, or something essential was left out."""
        return bool(self.dangerous or self.left_out)

    @classmethod
    def of(cls, percent: Decimal, kept: Mapping[str, Any]) -> "Score":
        """From what was kept of it."""
        # what a database keeps of a mapping is not its order
        sections = tuple(SectionScore(section, **kept["sections"][section.value]) for section in Section)
        return cls(percent, sections, tuple(kept["dangerous"]), tuple(kept["left_out"]))

    def plain(self) -> dict[str, Any]:
        """As it is kept beside the percent."""
        return {
            "sections": {
                one.section.value: {"needed": one.needed, "hit": one.hit, "extra": one.extra} for one in self.sections
            },
            "dangerous": list(self.dangerous),
            "left_out": list(self.left_out),
        }


def standing(events: Iterable[tuple[str, str]]) -> list[str]:
    """What stands as done after these events (act, happened), in the order in which it was done first."""
    done: dict[str, None] = {}
    for code, happened in events:
        if happened == Happened.TAKEN_BACK:
            done.pop(code, None)
        else:
            done.setdefault(code)
    return list(done)


def score(key: Key, done: Collection[str]) -> Score:
    """How it went; the order of what was done and doing it twice make no difference."""
    did = set(done)
    sections = tuple(_section(key, section, did) for section in Section)
    weighed = sum((key.weights[one.section] * one.share for one in sections), Fraction(0))
    whole = weighed * 100 / sum(key.weights[one.section] for one in sections)
    dangerous = tuple(sorted(act.code for act in key.acts if act.dangerous and act.code in did))
    if dangerous:
        whole = min(whole, Fraction(key.danger_cap))
    left_out = tuple(sorted(act.code for act in key.acts if act.essential and act.code not in did))
    return Score(_rounded(whole, 2), sections, dangerous, left_out)


def _section(key: Key, section: Section, did: set[str]) -> SectionScore:
    needed = key.of_worth(Worth.NEEDED, section)
    return SectionScore(section, len(needed), len(needed & did), len(key.of_worth(Worth.NEEDLESS, section) & did))


def _rounded(value: Fraction, places: int) -> Decimal:
    """Half up, in whole numbers, so that nothing is rounded before."""
    return Decimal(math.floor(value * 10**places + Fraction(1, 2))).scaleb(-places)


def input_hash(version: bytes, events: Sequence[tuple[str, str, str]]) -> bytes:
    """Over all that a score rests on: the case's version, every event (id, act, happened) in order, the rules."""
    content: Any = {"version": version.hex(), "events": [list(event) for event in events], "rules": RULES}
    return digest(content)
