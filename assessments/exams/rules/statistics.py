"""How an exam's questions and its paper worked: the exam's answers laid out for `assessments.psychometrics`.

Candidates go by what they sat: where a paper is drawn from a pool, a question is judged by those who had it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments.exams.rules.scoring import Marked
from assessments.psychometrics.rules import items as classical
from assessments.psychometrics.rules import keys
from assessments.psychometrics.rules.responses import responses

#: Below this many candidates nothing is said about single items, and no error of measurement is given.
ENOUGH = 30


@dataclass(frozen=True, eq=False)
class Sheet:
    """An exam as its statistics see it: items with their points, and what each candidate earned on each, in shares."""

    items: tuple[int, ...]
    points: NDArray[np.float64]
    #: candidates × items, 0 to 1; NaN where the candidate did not have the item
    shares: NDArray[np.float64]
    #: item by item, candidate by candidate; None where the candidate did not have the item
    answers: tuple[tuple[tuple[str, ...] | None, ...], ...]

    @property
    def candidates(self) -> int:
        """How many there are."""
        return len(self.shares)

    def percents(self) -> NDArray[np.float64]:
        """What each candidate earned of what could be earned, in percent."""
        could = np.where(np.isnan(self.shares), 0.0, self.points).sum(axis=1)
        earned = np.nansum(self.shares * self.points, axis=1)
        found: NDArray[np.float64] = 100 * np.divide(earned, could, out=np.zeros_like(earned), where=could > 0)
        return found

    def rests(self, at: int) -> NDArray[np.float64]:
        """What share each candidate earned of everything but one item."""
        return responses(self.shares * self.points, most=self.points).rests(at)


def sheet(points: Mapping[int, int], scores: Iterable[Sequence[Marked]]) -> Sheet:
    """Lay out marked answers by the items of the paper (`points` by item)."""
    rows = [{one.item: one for one in score} for score in scores]
    shares = [[float(row[item].points / row[item].of) if item in row else np.nan for item in points] for row in rows]
    return Sheet(
        tuple(points),
        np.array(list(points.values()), dtype=float),
        np.array(shares, dtype=float).reshape(len(rows), len(points)),
        tuple(tuple(row[item].answer if item in row else None for row in rows) for item in points),
    )


def whole(laid: Sheet) -> classical.Test | None:
    """Every classical figure of the exam; None where nobody sat it."""
    if not laid.candidates or not laid.items:
        return None
    names = [str(item) for item in laid.items]
    return classical.analyse(laid.shares * laid.points, names=names, most=laid.points)


def suspects(laid: Sheet) -> keys.Verdict:
    """Which keys look wrong, and where that cannot be told."""
    columns = zip(laid.items, laid.answers, laid.shares.T, laid.points, strict=True)
    return keys.suspects([keys.Sat(item, given, shares.tolist(), float(of)) for item, given, shares, of in columns])


@dataclass(frozen=True)
class ItemFigures:
    """One item among those who had it: the share of its points earned, and how it goes with the rest of the paper."""

    item: int
    facility: float
    discrimination: float | None
    flags: tuple[str, ...]
    #: how many chose each option or gave each answer; "" for none
    chosen: Mapping[str, int]


def item_figures(laid: Sheet, found: classical.Test, verdict: keys.Verdict) -> list[ItemFigures]:
    """Figures and flags of every item, in the order of the paper."""
    suspected = {one.item for one in verdict.suspects}
    made = []
    for item, one, given in zip(laid.items, found.items, laid.answers, strict=True):
        chosen = Counter(key for answer in given if answer is not None for key in answer or ("",))
        marks = flags(one, item in suspected)
        made.append(ItemFigures(item, one.p or 0.0, one.r_ir, marks, dict(chosen)))
    return made


def flags(one: classical.Item, suspected: bool) -> tuple[str, ...]:
    """What stands out about one item; nothing where too few had it."""
    if one.n < ENOUGH or one.p is None:
        return ()
    said = {
        "key": suspected,
        "backwards": one.r_ir is not None and one.r_ir < 0,
        "weak": one.r_ir is not None and 0 <= one.r_ir < 0.1,
        "hard": one.p < 0.2,
        "easy": one.p > 0.95,
    }
    return tuple(name for name, there in said.items() if there)


@dataclass(frozen=True)
class PaperFigures:
    """The whole paper among all candidates, in percent."""

    candidates: int
    mean: Decimal
    deviation: Decimal | None
    reliability: Decimal | None
    error: Decimal | None


def paper_figures(laid: Sheet, found: classical.Test | None) -> PaperFigures:
    """Figures of the paper; KR-20 (alpha with part marks) and the error from it where there were enough candidates."""
    if found is None:
        return PaperFigures(laid.candidates, _decimal(0.0), None, None, None)
    unit = 1.0 if found.percent else 100 / float(laid.points.sum())
    enough = found.alpha is not None and found.n >= ENOUGH
    return PaperFigures(
        found.n,
        _decimal(found.mean * unit),
        None if found.sd is None else _decimal(found.sd * unit),
        _decimal(found.alpha) if enough and found.alpha is not None else None,
        _decimal(found.sem * unit) if enough and found.sem is not None else None,
    )


def figures(laid: Sheet) -> tuple[dict[str, Any], Decimal | None]:
    """What is kept with a marking, as plain JSON, and the standard error of one result in percent."""
    found, verdict = whole(laid), suspects(laid)
    paper = paper_figures(laid, found)
    shown = item_figures(laid, found, verdict) if found else []
    kept = {
        "candidates": paper.candidates,
        "mean": str(paper.mean),
        "deviation": None if paper.deviation is None else str(paper.deviation),
        "reliability": None if paper.reliability is None else str(paper.reliability),
        "items": [
            {
                "item": one.item,
                "facility": round(one.facility, 3),
                "discrimination": None if one.discrimination is None else round(one.discrimination, 3),
                "flags": list(one.flags),
                "chosen": dict(one.chosen),
            }
            for one in shown
        ],
        "keys": _kept(verdict),
    }
    return kept, paper.error


def _kept(verdict: keys.Verdict) -> dict[str, Any]:
    """Whether keys could be told, which not, and those to look at with the answer that behaves like the right one."""
    suspected = [
        {"item": one.item, "rival": None if one.rival is None else list(one.rival), "evidence": round(one.evidence, 2)}
        for one in verdict.suspects
    ]
    return {"can_tell": verdict.can_tell, "untold": list(verdict.untold), "suspects": suspected}


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal("0.001"), ROUND_HALF_UP)
