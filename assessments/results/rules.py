"""Arithmetic and words of evidence. Pure."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lms.i18n import _l

#: What each kind is called.
KINDS: Final = {
    "theory_exam": _l("Theory exam"),
    "practical_exam": _l("Practical station"),
    "practice_evaluation": _l("Evaluation of practice"),
    "simulated_case": _l("Simulated case"),
    "workplace_encounter": _l("Workplace encounter"),
    "entrustment": _l("Entrustment"),
    "simulation_hours": _l("Simulation hours"),
    "theory_hours": _l("Theory hours"),
    "practice_hours": _l("Practice hours"),
    "rotation_days": _l("Rotation"),
}
#: What a value is counted in.
UNITS: Final = {
    "theory_exam": "%",
    "practical_exam": "%",
    "practice_evaluation": "%",
    "simulated_case": "%",
    "workplace_encounter": "",
    "entrustment": _l("level"),
    "simulation_hours": _l("hours"),
    "theory_hours": _l("hours"),
    "practice_hours": _l("hours"),
    "rotation_days": _l("days"),
}
#: What a mark is worth today, with the shape that says the same.
STANDINGS: Final = {
    "counts": _l("counts today"),
    "expired": _l("no longer counts"),
    "corrected": _l("corrected"),
    "withdrawn": _l("withdrawn"),
}
SHAPES: Final = {"counts": "done", "expired": "waiting", "corrected": "paused", "withdrawn": "stopped"}

#: Places a value is kept with.
_PLACES: Final = Decimal("0.001")


def in_hours(minutes: int) -> Decimal:
    """Minutes as hours with three places, half up: near enough that `in_minutes` gives the minutes back."""
    return (Decimal(minutes) / 60).quantize(_PLACES, ROUND_HALF_UP)


def in_minutes(hours: Decimal) -> int:
    """The whole minutes that hours with three places stand for."""
    return int((hours * 60).to_integral_value(ROUND_HALF_UP))


def shown(value: Decimal) -> str:
    """A value as people read it: without zeros that say nothing."""
    return format(value.normalize(), "f")
