"""What is counted, over which time, and how counts are added, taken away and kept from telling on one person. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

#: Primary-care doctors; others are not counted.
CATEGORIES = ("general_practitioner", "village_doctor", "nurse")
#: Marks pass from here on where the exam or station they come from does not say another.
PASS_PERCENT = 60
#: A standing or an entrustment proves a technique from this level on.
PROVED_LEVEL = 3
#: A group of fewer people tells on single ones.
LEAST = 5
STARS = tuple(str(star) for star in range(6))


class Period(StrEnum):
    """Over which time something is counted."""

    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    LAST_12_MONTHS = "last_12_months"


@dataclass(frozen=True)
class Window:
    """A period as days; both belong to it."""

    begins: date
    ends: date


def window(period: Period, today: date) -> Window:
    """The days a period means today."""
    if period is Period.THIS_YEAR:
        return Window(date(today.year, 1, 1), today)
    if period is Period.LAST_YEAR:
        return Window(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    return Window(today - timedelta(days=364), today)


class Measure(StrEnum):
    """What a figure counts; behind each, what its key names."""

    PEOPLE = "people"  # category
    STARS = "stars"  # 0–5
    HOURS = "hours"  # theory, simulation, practice: people who have any, and their minutes
    REACHED = "reached"  # Reach: how much of the yearly target people have
    THEORY = "theory"  # band of marks
    THEORY_PASSED = "theory_passed"
    PRACTICAL = "practical"  # band of marks
    PRACTICAL_PASSED = "practical_passed"
    TRAINED = "trained"  # technique
    BY_COURSE = "by_course"  # technique
    BY_CASE = "by_case"  # technique
    CONVERTED = "converted"  # technique: trained, and it is proved
    PROVED = "proved"  # technique: proved, trained or not
    FLAGS = "flags"  # Fate


#: Their keys are codes of techniques.
OF_TECHNIQUES = frozenset({Measure.TRAINED, Measure.BY_COURSE, Measure.BY_CASE, Measure.CONVERTED, Measure.PROVED})


class Reach(StrEnum):
    """How much of the year's hours somebody has."""

    NONE = "none"
    UNDER_HALF = "under_half"
    OVER_HALF = "over_half"
    MET = "met"


class Fate(StrEnum):
    """What became of a flag; the newest answer counts."""

    OPEN = "open"
    ACCEPTED = "accepted"
    NOT_A_PROBLEM = "not_a_problem"
    HANDLED = "handled"


#: Bands of ten percent; 100 is in the last.
BANDS = tuple(str(tens) for tens in range(10))


@dataclass(frozen=True)
class Cell:
    """How many, and what they come to."""

    n: int = 0
    total: Decimal = Decimal(0)

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.n + other.n, self.total + other.total)

    def __sub__(self, other: "Cell") -> "Cell":
        return Cell(self.n - other.n, self.total - other.total)


@dataclass(frozen=True)
class Counts:
    """All figures of one group of people."""

    cells: Mapping[tuple[str, str], Cell]

    def cell(self, measure: Measure, key: str | None = None) -> Cell:
        """One figure, or a measure's whole."""
        if key is not None:
            return self.cells.get((measure.value, key), Cell())
        return sum((cell for (name, _), cell in self.cells.items() if name == measure), Cell())

    def n(self, measure: Measure, key: str | None = None) -> int:
        """How many."""
        return self.cell(measure, key).n

    def mean(self, measure: Measure) -> Decimal | None:
        """The mean of what was measured; None where nothing was."""
        whole = self.cell(measure)
        return whole.total / whole.n if whole.n else None

    def keys(self, measure: Measure) -> list[str]:
        """The keys a measure has here."""
        return [key for name, key in self.cells if name == measure]

    def of_technique(self, code: str) -> "Counts":
        """The same with one technique alone."""
        return Counts({k: cell for k, cell in self.cells.items() if k[0] not in OF_TECHNIQUES or k[1] == code})

    def in_one(self) -> "Counts":
        """The same with all techniques together."""
        made: dict[tuple[str, str], Cell] = {}
        for (name, key), cell in self.cells.items():
            at = (name, "" if name in OF_TECHNIQUES else key)
            made[at] = made.get(at, Cell()) + cell
        return Counts(made)

    def __add__(self, other: "Counts") -> "Counts":
        keys = {*self.cells, *other.cells}
        return Counts({k: self.cells.get(k, Cell()) + other.cells.get(k, Cell()) for k in keys})

    def __sub__(self, other: "Counts") -> "Counts":
        keys = {*self.cells, *other.cells}
        left = {k: self.cells.get(k, Cell()) - other.cells.get(k, Cell()) for k in keys}
        return Counts({k: cell for k, cell in left.items() if cell != Cell()})


NOTHING = Counts({})


def share(part: int, whole: int) -> Decimal | None:
    """So many percent; None of nothing."""
    return Decimal(100 * part) / whole if whole else None


@dataclass(frozen=True)
class Group:
    """One row of a comparison: an institution with all below it, people at the parent itself, small ones together."""

    institution_ids: tuple[int, ...]
    counts: Counts
    itself: bool = False

    @property
    def people(self) -> int:
        """How many people it is about."""
        return self.counts.n(Measure.PEOPLE)

    @property
    def together(self) -> bool:
        """Whether these are several in one row."""
        return len(self.institution_ids) > 1


def compare(above: Sequence[tuple[int, Counts]], below: Sequence[tuple[int, Counts]]) -> list[Group]:
    """Institutions side by side, then the people at what stands above them itself, nearest first.

    `above` goes down from the institution that is looked at: each but the first stands alone below the one before.
    """
    groups = [Group((one,), counts) for one, counts in below]
    under = sum((counts for _, counts in below), NOTHING)
    for one, counts in reversed(above):
        own, under = counts - under, counts
        if own.n(Measure.PEOPLE):
            groups.append(Group((one,), own, itself=True))
    return groups


def keep_small_ones_in(groups: Iterable[Group], least: int = LEAST) -> list[Group]:
    """Rows of which none is about one to `least - 1` people: small ones stand together in a last row.

    Where they are still too few together, the smallest of the others joins them: else the sum would tell.
    """
    rows = list(groups)
    small = [one for one in rows if 0 < one.people < least]
    if not small:
        return rows
    others = sorted((one for one in rows if one.people >= least), key=lambda one: one.people, reverse=True)
    while sum(one.people for one in small) < least and others:
        small.append(others.pop())
    ids = tuple(one for group in small for one in group.institution_ids)
    kept = [one for one in rows if all(one is not other for other in small)]
    alone = len(small) == 1
    return [*kept, *small] if alone else [*kept, Group(ids, sum((one.counts for one in small), NOTHING))]
