"""The words of self-tests."""

from assessments.selftest.rules import Felt, Outcome, Why
from lms.i18n import _l

FELT = {Felt.HARD: _l("hard"), Felt.FAIR: _l("as expected"), Felt.EASY: _l("easy")}
OUTCOMES = {Outcome.RIGHT: _l("right"), Outcome.PARTLY: _l("partly right"), Outcome.WRONG: _l("wrong")}
#: The shape that says it without colour.
SHAPES = {Outcome.RIGHT: "done", Outcome.PARTLY: "under_way", Outcome.WRONG: "attention"}
WHY = {
    Why.DUE: _l("due again"),
    Why.WEAK: _l("weak topic"),
    Why.NEW: _l("new question"),
    Why.AHEAD: _l("ahead of its day"),
}
