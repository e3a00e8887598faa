"""What judges or officers put in to set a cut, and what it comes to in percent of an exam's points; all exact."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from assessments.psychometrics.rules import standards
from assessments.psychometrics.rules.standards import EbelCell


class NoCut(Exception):
    """What was put in does not come to a cut; the word says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Outcome:
    """A cut in percent, the standard error of the judges' mean, and each judge's own cut, round by round."""

    percent: Fraction
    judge_error: Fraction | None = None
    rounds: tuple[tuple[int, "Outcome"], ...] = ()
    judges: tuple[tuple[str, Fraction], ...] = ()
    #: for each question, how far the judges of the last round are apart (standard deviation), in percent
    apart: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Basis:
    """What a cut is worked out on: the points of each question on the paper, and what candidates scored, in percent.

    Of a pool each question counts as much as a candidate may expect to get of it.
    """

    points: Sequence[Fraction]
    scores: Sequence[Fraction] = ()


class Given(Protocol):
    """One method with what was put into it."""

    def plain(self) -> dict[str, Any]:
        """As JSON, numbers as they were written."""

    def outcome(self, basis: Basis) -> Outcome:
        """What it comes to; raises NoCut."""


@dataclass(frozen=True)
class Angoff:
    """Round by round, each judge's estimate for each question."""

    rounds: Mapping[int, Mapping[str, Sequence[Fraction]]]

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rounds": {
                str(number): {judge: [written(one) for one in row] for judge, row in judges.items()}
                for number, judges in self.rounds.items()
            }
        }

    def outcome(self, basis: Basis) -> Outcome:
        """The mean over judges of the points they expect of a borderline candidate; the last round counts."""
        if any(len(row) != len(basis.points) for judges in self.rounds.values() for row in judges.values()):
            raise NoCut("questions")
        weighed = {
            number: {
                judge: [one * of for one, of in zip(row, basis.points, strict=True)] for judge, row in judges.items()
            }
            for number, judges in self.rounds.items()
        }
        rounds = tuple(
            (number, _judged(standards.angoff(weighed[number]), sum(basis.points, Fraction(0))))
            for number in sorted(weighed)
        )
        last = rounds[-1][1]
        columns = zip(*self.rounds[rounds[-1][0]].values(), strict=True)
        apart = tuple(None if (one := standards.deviation([*column])) is None else 100 * one for column in columns)
        return Outcome(last.percent, last.judge_error, rounds, last.judges, apart)


@dataclass(frozen=True)
class Ebel:
    """Each judge's cells: how many questions of this relevance and difficulty, and the share expected."""

    cells: Mapping[str, Sequence[EbelCell]]

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "judges": {
                judge: [
                    {
                        "relevance": cell.relevance,
                        "difficulty": cell.difficulty,
                        "items": cell.items,
                        "proportion": written(cell.proportion),
                    }
                    for cell in row
                ]
                for judge, row in self.cells.items()
            }
        }

    def outcome(self, basis: Basis) -> Outcome:
        """The mean over judges of the questions they expect a borderline candidate to get."""
        if any(sum(cell.items for cell in row) != len(basis.points) for row in self.cells.values()):
            raise NoCut("questions")
        return _judged(standards.ebel(self.cells), Fraction(len(basis.points)))


def _judged(found: standards.JudgedCut, most: Fraction) -> Outcome:
    error = None if found.judge_se is None else Fraction(found.judge_se).limit_denominator(10**9) * 100 / most
    return Outcome(100 * found.cut / most, error, judges=tuple((j.judge, 100 * j.total / most) for j in found.judges))


@dataclass(frozen=True)
class Hofstee:
    """The least and the greatest cut, and the fewest and the most failing, that are acceptable; in percent."""

    cut_min: Fraction
    cut_max: Fraction
    fail_min: Fraction
    fail_max: Fraction

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {name: written(getattr(self, name)) for name in ("cut_min", "cut_max", "fail_min", "fail_max")}

    def outcome(self, basis: Basis) -> Outcome:
        """Where what is acceptable meets what would happen."""
        if not basis.scores:
            raise NoCut("scores")
        if not (0 <= self.cut_min < self.cut_max <= 100 and 0 <= self.fail_min < self.fail_max <= 100):
            raise NoCut("bounds")
        found = standards.hofstee(
            basis.scores, cut_min=self.cut_min, cut_max=self.cut_max, fail_min=self.fail_min, fail_max=self.fail_max
        )
        if found.cut is None:
            least = standards.share_below(basis.scores, self.cut_min)
            raise NoCut("too_many_fail" if least > self.fail_max else "too_few_fail")
        return Outcome(found.cut)


@dataclass(frozen=True)
class Cohen:
    """What guessing scores, which percentile are the best, and which part of the way between is enough; in percent."""

    guess: Fraction
    top_percent: Fraction = standards.TOP
    multiplier: Fraction = standards.MULTIPLIER

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {name: written(getattr(self, name)) for name in ("guess", "top_percent", "multiplier")}

    def outcome(self, basis: Basis) -> Outcome:
        """A part of the way from guessing to the best."""
        if not basis.scores:
            raise NoCut("scores")
        if not (0 <= self.guess < 100 and 50 <= self.top_percent <= 100 and 0 < self.multiplier <= 1):
            raise NoCut("bounds")
        found = standards.cohen(
            basis.scores, guess=self.guess, top_percent=self.top_percent, multiplier=self.multiplier
        )
        if found.top_score <= self.guess:
            raise NoCut("guessing")
        return Outcome(found.cut)


def given(method: str, figures: Mapping[str, Any]) -> Given:
    """What was kept of a standard setting, to work it out again."""
    if method == "angoff":
        return Angoff(
            {
                int(number): {judge: [Fraction(one) for one in row] for judge, row in judges.items()}
                for number, judges in figures["rounds"].items()
            }
        )
    if method == "ebel":
        return Ebel(
            {
                judge: [
                    EbelCell(one["relevance"], one["difficulty"], one["items"], Fraction(one["proportion"]))
                    for one in row
                ]
                for judge, row in figures["judges"].items()
            }
        )
    numbers = {name: Fraction(value) for name, value in figures.items()}
    return Hofstee(**numbers) if method == "hofstee" else Cohen(**numbers)


def written(value: Fraction) -> str:
    """A decimal number in digits, exactly."""
    digits = next(d for d in range(40) if 10**d % value.denominator == 0)
    return f"{Decimal(value.numerator * 10**digits // value.denominator).scaleb(-digits):f}"


def rounded(value: Fraction, places: int) -> Decimal:
    """The nearest decimal, half away from zero."""
    units = math.floor(abs(value) * 10**places + Fraction(1, 2))
    return Decimal(units if value >= 0 else -units).scaleb(-places)


def moved(percent: Fraction, error: Decimal | None, errors: Decimal) -> Decimal:
    """What is needed to pass: the cut, and so many errors of measurement on top, in two places."""
    if error is None:
        return rounded(percent, 2)
    return rounded(standards.with_error(percent, Fraction(error), Fraction(errors)), 2)


def failing(scores: Sequence[Fraction], cut: Decimal) -> Fraction | None:
    """The percent of candidates below a cut; None where nobody has been marked."""
    return 100 * Fraction(sum(score < cut for score in scores), len(scores)) if scores else None


def what_if(
    cut: Decimal, error: Decimal | None, scores: Sequence[Fraction]
) -> list[tuple[int, Decimal, Fraction | None]]:
    """Who fails at this cut, and one and two errors of measurement beside it: (errors, cut, percent failing)."""
    if error is None or not scores:
        return []
    cuts = [(step, moved(Fraction(cut), error, Decimal(step))) for step in (-2, -1, 0, 1, 2)]
    return [(step, one, failing(scores, one)) for step, one in cuts]


def chance_percent(options: Sequence[tuple[int, int]]) -> Fraction:
    """What guessing earns: for each question its points and, for one right answer of so many, how many (0: nothing)."""
    whole = sum(points for points, _count in options)
    return 100 * sum((Fraction(points, count) for points, count in options if count), Fraction(0)) / (whole or 1)
