"""The level that follows from evidence: bounded, cautious, and the same in whatever order the evidence came."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assessments.proficiency.rules import CURRENT_DAYS, HIGHEST, MOST_BY_MARKS, Level, Proof, Way, conclude
from lms.techniques.models import TechniqueKind

DAY = date(2026, 6, 1)


def proof(value: int, ago: int = 0, way: Way = Way.DEED, **more: object) -> Proof:
    return Proof(way, Decimal(value), DAY - timedelta(days=ago), **more)  # type: ignore[arg-type]


def level(*proofs: Proof, kind: str = "procedure", on: date = DAY) -> int | None:
    made = conclude(proofs, kind, on)
    return made.level if made else None


days = st.integers(0, 500).map(lambda ago: DAY - timedelta(days=ago))
marks = st.builds(
    Proof,
    way=st.sampled_from([Way.DEED, Way.EXAM, Way.THEORY]),
    value=st.integers(0, 100).map(Decimal),
    on_day=days,
    critical_failure=st.booleans(),
    valid_until=st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
)
trust = st.builds(Proof, way=st.just(Way.ENTRUSTMENT), value=st.integers(1, 5).map(Decimal), on_day=days)
evidence = st.lists(marks | trust, max_size=12)
kinds = st.sampled_from(sorted(CURRENT_DAYS))


def test_the_kinds_are_those_of_the_catalogue() -> None:
    assert set(CURRENT_DAYS) == {str(kind) for kind in TechniqueKind}


@pytest.mark.parametrize(
    ("proofs", "expected"),
    [
        ((), None),
        ((proof(95, way=Way.THEORY),), 1),
        ((proof(95),), 2),
        ((proof(40),), 2),
        ((proof(40), proof(95, way=Way.THEORY)), 2),
        ((proof(70), proof(70, 5)), 3),
        ((proof(70, way=Way.EXAM),), 3),
        ((proof(59, way=Way.EXAM),), 2),
        ((proof(50), proof(70, 5)), 3),
        ((proof(40), proof(70, 5)), 2),
        ((proof(100), proof(100, 1), proof(100, 2, critical_failure=True)), 3),
        ((proof(100, critical_failure=True), proof(100, 1), proof(100, 2)), 2),
        ((proof(40), proof(40, 1), proof(100, 2, way=Way.EXAM), proof(100, 3)), 3),
        ((proof(20), proof(40, 1), proof(40, 2), proof(100, 3)), 2),
        ((proof(4, 10, Way.ENTRUSTMENT),), 4),
        ((proof(4, 10, Way.ENTRUSTMENT), proof(5, 20, Way.ENTRUSTMENT)), 4),
        ((proof(5, 10, Way.ENTRUSTMENT), proof(30, 2)), 5),
        ((proof(5, 10, Way.ENTRUSTMENT), proof(30, 2, critical_failure=True)), 2),
        ((proof(5, 10, Way.ENTRUSTMENT), proof(30, 2, critical_failure=True), proof(80)), 5),
        ((proof(5, 10, Way.ENTRUSTMENT), proof(30, 20, critical_failure=True)), 5),
        ((proof(1, 1, Way.ENTRUSTMENT), proof(90), proof(90, 2)), 1),
    ],
)
def test_examples(proofs: tuple[Proof, ...], expected: int | None) -> None:
    assert level(*proofs) == expected


@pytest.mark.parametrize(("kind", "length"), [("emergency", 90), ("procedure", 180), ("knowledge", 365)])
def test_a_proof_stays_current_as_long_as_its_kind_says(kind: str, length: int) -> None:
    made = conclude([proof(80), proof(80, 1)], kind, DAY)
    assert made == Level(3, DAY, DAY + timedelta(days=length))
    assert made.current(DAY + timedelta(days=length))
    assert not made.current(DAY + timedelta(days=length + 1))


def test_a_failed_mark_does_not_lengthen_the_proof() -> None:
    made = conclude([proof(90, 30), proof(90, 20), proof(50)], "procedure", DAY)
    assert made == Level(3, DAY - timedelta(days=20), DAY - timedelta(days=20) + timedelta(days=180))


def test_a_faded_level_stays_readable_and_gives_way_to_what_is_current() -> None:
    faded = proof(5, 200, Way.ENTRUSTMENT)
    assert level(faded) == 5
    assert not conclude([faded], "procedure", DAY).current(DAY)  # type: ignore[union-attr]
    assert level(faded, proof(80, 3), proof(80, 9)) == 3
    assert level(faded, proof(95, way=Way.THEORY)) == 5


def test_a_gap_begins_a_new_run() -> None:
    steady = conclude([proof(80, 300), proof(80, 290), proof(80, 150), proof(80)], "procedure", DAY)
    assert steady is not None
    assert steady.since == DAY - timedelta(days=290)
    broken = conclude([proof(80, 400), proof(80, 390), proof(80, 10), proof(80)], "procedure", DAY)
    assert broken is not None
    assert broken.since == DAY


@given(evidence, kinds, st.randoms())
def test_the_order_of_arrival_changes_nothing(proofs: list[Proof], kind: str, draw: object) -> None:
    shuffled = list(proofs)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert conclude(shuffled, kind, DAY) == conclude(proofs, kind, DAY)


@given(st.lists(marks, max_size=12), kinds)
def test_marks_alone_never_give_more_than_three(proofs: list[Proof], kind: str) -> None:
    made = conclude(proofs, kind, DAY)
    assert (made is None) == (not proofs)
    assert made is None or 1 <= made.level <= MOST_BY_MARKS


@given(evidence, kinds)
def test_it_lies_on_the_scale_and_in_time(proofs: list[Proof], kind: str) -> None:
    made = conclude(proofs, kind, DAY)
    if made is not None:
        assert 1 <= made.level <= HIGHEST
        assert made.since <= DAY
        assert made.valid_until <= DAY + timedelta(days=CURRENT_DAYS[kind])
        assert made.since in {one.on_day for one in proofs}


@given(evidence, kinds, st.integers(1, 400))
def test_what_comes_later_does_not_change_what_was(proofs: list[Proof], kind: str, ago: int) -> None:
    then = DAY - timedelta(days=ago)
    known = [one for one in proofs if one.on_day <= then]
    assert conclude(proofs, kind, then) == conclude(known, kind, then)


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # most that is drawn stays below four, as it should
@given(evidence, kinds)
def test_a_four_or_five_that_is_current_has_an_entrustment_in_date(proofs: list[Proof], kind: str) -> None:
    made = conclude(proofs, kind, DAY)
    assume(made is not None and made.level > MOST_BY_MARKS and made.current(DAY))
    earliest = DAY - timedelta(days=CURRENT_DAYS[kind])
    assert any(one.way is Way.ENTRUSTMENT and one.on_day >= earliest and one.value == made.level for one in proofs)  # type: ignore[union-attr]


@settings(max_examples=200)
@given(st.lists(marks, min_size=1, max_size=8), kinds, st.integers(0, 7), st.integers(60, 100))
def test_turning_a_failed_mark_into_a_pass_never_lowers_the_level(
    proofs: list[Proof], kind: str, which: int, better: int
) -> None:
    at = which % len(proofs)
    before = proofs[at]
    assume(not before.critical_failure and before.value < better)
    raised = [*proofs[:at], Proof(before.way, Decimal(better), before.on_day, False, before.valid_until)]
    raised += proofs[at + 1 :]
    low, high = conclude(proofs, kind, DAY), conclude(raised, kind, DAY)
    assert low is not None
    assert high is not None
    assert high.level >= low.level or (high.current(DAY) and not low.current(DAY))
