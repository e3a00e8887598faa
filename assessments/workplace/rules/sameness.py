"""Whether an assessor tells performances apart at all: a kind word to oneself, never a figure about others. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from assessments.stations.rules import Checklist

#: From so many assessments on, over at least so many doctors, sameness is no chance.
ENOUGH, DOCTORS = 5, 2


class Same(StrEnum):
    """In what somebody's assessments are all the same."""

    #: every domain of every sheet got the same share of its points
    EVERY_MARK = "every_mark"
    #: every domain within a sheet got the same share, whatever it was on that sheet (halo)
    WITHIN_SHEETS = "within_sheets"
    #: every doctor got the same level of entrustment
    EVERY_LEVEL = "every_level"


@dataclass(frozen=True)
class Given:
    """What one assessment gave: to whom, the share of each domain's points, the level."""

    doctor: int
    shares: frozenset[Fraction]
    domains: int
    level: int


def given(doctor: int, checklist: Checklist, marks: Mapping[str, int], level: int) -> Given:
    """One assessment as shares of the points, so that domains of different weight can be compared."""
    points = {item.code: item.points for item in checklist.items}
    return Given(
        doctor, frozenset(Fraction(mark, points[code]) for code, mark in marks.items()), len(marks), level
    )  # fmt: skip


def sameness(sheets: Sequence[Given]) -> Same | None:
    """In what these assessments are all the same, or None where they differ or are too few to say."""
    if len(sheets) < ENOUGH or len({one.doctor for one in sheets}) < DOCTORS:
        return None
    telling = [one for one in sheets if one.domains > 1]
    if len(telling) == len(sheets) and all(len(one.shares) == 1 for one in sheets):
        return Same.EVERY_MARK if len({share for one in sheets for share in one.shares}) == 1 else Same.WITHIN_SHEETS
    return Same.EVERY_LEVEL if len({one.level for one in sheets}) == 1 else None
