"""One assessment as it was handed in: the sheet, what was watched, and what the two said to each other. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from assessments.stations.rules import Checklist, Written, read
from lms.texts import can_be_kept

#: Levels of the entrustment scale; the global rating of a workplace form is this scale.
LEVELS = 5
LONGEST = {"about": 200, "good": 2000, "improve": 2000, "action": 2000, "reason": 400}
#: Texts an assessment is worthless without.
NEEDED = ("good", "improve", "action")
MINUTES = {"observe_minutes": (1, 480), "feedback_minutes": (1, 240)}


class Setting(StrEnum):
    """Where the work was watched."""

    OUTPATIENT = "outpatient"
    WARD = "ward"
    EMERGENCY = "emergency"
    HOME_VISIT = "home_visit"
    OTHER = "other"


class Difficulty(StrEnum):
    """How hard the case was for a doctor of this kind."""

    LOW = "low"
    AVERAGE = "average"
    HIGH = "high"


class Fault(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NOT_A_CHOICE = "not_a_choice"
    NOT_MINUTES = "not_minutes"
    NOT_A_DAY = "not_a_day"


class WrongField(ValueError):
    """A field that breaks a rule."""

    def __init__(self, field: str, fault: Fault) -> None:
        super().__init__(f"{field}: {fault.value}")
        self.field, self.fault = field, fault


@dataclass(frozen=True)
class Seen:
    """What an assessor hands in, every value checked."""

    written: Written
    level: int
    observed_on: date
    setting: Setting
    difficulty: Difficulty
    about: str
    good: str
    improve: str
    action: str
    observe_minutes: int
    feedback_minutes: int

    def plain(self) -> dict[str, Any]:
        """All of it as plain values: what the hash is taken of."""
        return {
            "marks": dict(self.written.marks),
            "rating": self.written.rating,
            "comment": self.written.comment,
            "begun_at": self.written.begun_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "own_clock": self.written.own_clock,
            "reason": self.written.reason,
            "level": self.level,
            "observed_on": self.observed_on.isoformat(),
            "setting": self.setting.value,
            "difficulty": self.difficulty.value,
            "about": self.about,
            "good": self.good,
            "improve": self.improve,
            "action": self.action,
            "observe_minutes": self.observe_minutes,
            "feedback_minutes": self.feedback_minutes,
        }


def entrusts(checklist: Checklist) -> bool:
    """Whether the form's global rating is the entrustment scale: five levels, the lowest first."""
    return len(checklist.levels) == LEVELS


def level_of(checklist: Checklist, rating: str) -> int:
    """The entrustment level a global rating says: its place among the form's levels."""
    return [level.code for level in checklist.levels].index(rating) + 1


#: The mark at which evidence passes everywhere (assessments.proficiency): a form's own pass mark is brought to it.
PASS = Decimal(60)


def as_evidence(percent: Decimal, pass_percent: Decimal) -> Decimal:
    """A percent on the scale on which evidence passes at 60, rounded once, half up, to two places.

    Straight lines from 0 to the form's own pass mark and from there to 100: where three cells mean below, meets and
    above what is asked, a doctor who meets it everywhere has half of the points and has passed.
    """
    if percent <= pass_percent:
        found = Fraction(percent) * Fraction(PASS) / Fraction(pass_percent)
    else:
        over = Fraction(percent - pass_percent) / Fraction(100 - pass_percent)
        found = Fraction(PASS) + over * Fraction(100 - PASS)
    return (Decimal(found.numerator) / Decimal(found.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def read_seen(checklist: Checklist, sent: Any) -> Seen:
    """An assessment out of what a page sent; raises WrongSheet or WrongField saying what is wrong and where."""
    written = read(checklist, sent)
    if len(written.reason) > LONGEST["reason"]:
        raise WrongField("reason", Fault.TOO_LONG)
    return Seen(
        written=written,
        level=level_of(checklist, written.rating),
        observed_on=_day(sent.get("observed_on")),
        setting=_choice(Setting, "setting", sent),
        difficulty=_choice(Difficulty, "difficulty", sent),
        about=_text("about", sent),
        good=_text("good", sent),
        improve=_text("improve", sent),
        action=_text("action", sent),
        observe_minutes=_minutes("observe_minutes", sent),
        feedback_minutes=_minutes("feedback_minutes", sent),
    )


def _day(sent: Any) -> date:
    try:
        return date.fromisoformat(sent)
    except (TypeError, ValueError):
        raise WrongField("observed_on", Fault.NOT_A_DAY) from None


def _choice(words: type[Any], field: str, sent: Mapping[str, Any]) -> Any:
    given, known = sent.get(field), {str(one) for one in words}
    if not isinstance(given, str) or given not in known:
        raise WrongField(field, Fault.NOT_A_CHOICE)
    return words(given)


def _text(field: str, sent: Mapping[str, Any]) -> str:
    given = sent.get(field, "")
    if not isinstance(given, str) or not can_be_kept(given):
        raise WrongField(field, Fault.MISSING)
    if len(given) > LONGEST[field]:
        raise WrongField(field, Fault.TOO_LONG)
    clean = given.strip()
    if not clean and field in NEEDED:
        raise WrongField(field, Fault.MISSING)
    return clean


def _minutes(field: str, sent: Mapping[str, Any]) -> int:
    given, (least, most) = sent.get(field), MINUTES[field]
    if type(given) is not int or not least <= given <= most:
        raise WrongField(field, Fault.NOT_MINUTES)
    return given
