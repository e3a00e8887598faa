"""Judging records of clinical practice: pure arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

#: Says by which arithmetic a percent was made; raise it with every change of `percent`.
RULES = 2
#: So long a doctor may appeal where the form says nothing else; as exams do.
APPEAL_DAYS = 7
_CENT = Decimal("0.01")


class Wrong(StrEnum):
    """Why the scores of a record are not taken."""

    NOT_SCORES = "not_scores"
    UNKNOWN_CRITERION = "unknown_criterion"
    MISSING_CRITERION = "missing_criterion"
    NOT_WHOLE = "not_whole"
    ABOVE_MAXIMUM = "above_maximum"


class WrongScores(ValueError):
    """Scores that break a rule; `criterion` says where."""

    def __init__(self, wrong: Wrong, criterion: str = "") -> None:
        super().__init__(wrong.value)
        self.wrong, self.criterion = wrong, criterion


@dataclass(frozen=True)
class Criterion:
    """One thing that a record is looked at for."""

    code: str
    text: str
    points: int


@dataclass(frozen=True)
class Weights:
    """How much each part counts, in percent of the whole."""

    records: int = 100
    satisfaction: int = 0
    indicators: int = 0


@dataclass(frozen=True)
class Form:
    """What is scored, how many records are needed, what else counts and how much, what is enough."""

    criteria: tuple[Criterion, ...]
    records_required: int
    pass_percent: Decimal
    weights: Weights = Weights()
    #: codes of the indicators that count: of satisfaction, and the others
    satisfaction: str | None = None
    indicators: tuple[str, ...] = ()
    appeal_days: int = APPEAL_DAYS

    @property
    def wanted(self) -> tuple[str, ...]:
        """Codes of everything that is imported for it."""
        return (*([self.satisfaction] if self.satisfaction else []), *self.indicators)

    @property
    def maximum(self) -> int:
        """All points of one record."""
        return sum(one.points for one in self.criteria)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Form":
        """From the body of a form's version."""
        return cls(
            criteria=tuple(Criterion(one["code"], one["text"], one["points"]) for one in body["criteria"]),
            records_required=body["records_required"],
            pass_percent=Decimal(str(body["pass_percent"])),
            weights=Weights(**body.get("weights", {})),
            satisfaction=body.get("satisfaction"),
            indicators=tuple(body.get("indicators", ())),
            appeal_days=body.get("appeal_days", APPEAL_DAYS),
        )


def read(form: Form, sent: Any) -> dict[str, int]:
    """The scores of one record; raises WrongScores naming what is wrong and where."""
    if not isinstance(sent, Mapping):
        raise WrongScores(Wrong.NOT_SCORES)
    known = {one.code for one in form.criteria}
    for code in sent:
        if code not in known:
            raise WrongScores(Wrong.UNKNOWN_CRITERION, str(code)[:80])
    for one in form.criteria:
        given = sent.get(one.code)
        if given is None:
            raise WrongScores(Wrong.MISSING_CRITERION, one.code)
        if type(given) is not int or given < 0:
            raise WrongScores(Wrong.NOT_WHOLE, one.code)
        if given > one.points:
            raise WrongScores(Wrong.ABOVE_MAXIMUM, one.code)
    return {one.code: int(sent[one.code]) for one in form.criteria}


def percent(form: Form, records: Sequence[Mapping[str, int]]) -> Decimal:
    """The mean of the records in percent, exact until it is rounded once, half up, to two places."""
    points = sum(record[one.code] for record in records for one in form.criteria)
    share = Fraction(points * 100, form.maximum * len(records))
    return (Decimal(share.numerator) / Decimal(share.denominator)).quantize(_CENT, ROUND_HALF_UP)


def record_percent(form: Form, scores: Mapping[str, int]) -> Decimal:
    """One record by itself."""
    return percent(form, [scores])


def means(form: Form, records: Sequence[Mapping[str, int]]) -> dict[str, Decimal]:
    """Each criterion's mean points, to one place, for the profile."""
    return {
        one.code: (Decimal(sum(record[one.code] for record in records)) / len(records)).quantize(
            Decimal("0.1"), ROUND_HALF_UP
        )
        for one in form.criteria
    }
