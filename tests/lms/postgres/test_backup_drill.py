"""What a drill came to is held against its aims: each thing that can go wrong is named, and nothing else is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lms.postgres.backup_drill import Found, Marks, _outcome

MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
MARKS = Marks((0, 1), (2, 3), MOMENT, MOMENT + timedelta(minutes=3))
END = Found({0, 1, 2, 3}, MARKS.last_at, 0)
BACK = Found({0, 1}, MOMENT, 200)
GOOD = {"ok": True}


def outcome(end: Found = END, back: Found = BACK, slowest: float = 5, **checks: dict[str, Any]) -> dict[str, Any]:
    """A drill that went well, but for what is given."""
    return _outcome(MARKS, end, back, slowest, {"checks": {"backups": GOOD, "to_a_time": GOOD} | checks})


def test_a_drill_that_went_well_has_no_fault() -> None:
    told = outcome()
    assert (told["ok"], told["faults"], told["lost"], told["rpo_seconds"]) == (True, [], 0, 0.0)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"backups": {"ok": False}}, "what the backups hold does not pass"),
        ({"to_a_time": {}}, "what was restored to a time does not pass"),
        ({"end": Found(END.marks, END.last_at, 200)}, "the accident was not in"),
        ({"back": Found({0}, MOMENT, 200)}, "before the chosen moment are missing"),
        ({"back": Found({0, 1, 2}, MOMENT, 200)}, "after the chosen moment came back"),
        ({"end": Found({0, 1}, MOMENT, 0)}, "more than 60 s of acknowledged work was lost"),
        ({"end": Found(set(), None, 0)}, "more than 60 s of acknowledged work was lost"),
        ({"slowest": 601}, "took more than 600 s"),
    ],
)
def test_each_fault_is_named_alone(given: dict[str, Any], word: str) -> None:
    told = outcome(**given)
    assert not told["ok"]
    (fault,) = told["faults"]
    assert word in fault


def test_a_loss_within_the_aim_is_told_and_no_fault() -> None:
    told = outcome(end=Found({0, 1, 2}, MARKS.last_at - timedelta(seconds=1), 0))
    assert (told["ok"], told["lost"], told["rpo_seconds"]) == (True, 1, 1.0)
