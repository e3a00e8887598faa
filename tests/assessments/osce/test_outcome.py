"""Outcomes over a circuit: exact, independent of order, and never worse for a candidate by what was ruled out."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.osce.rules.outcome import Asked, Failing, Outcome, Seen, Short, Stand, outcome

PERCENTS = st.decimals(0, 100, places=2)


@st.composite
def seen(draw: st.DrawFn, station: int = 1) -> Seen:
    stand = draw(st.sampled_from([Stand.MARKED, Stand.MARKED, Stand.MARKED, *Stand]))
    return Seen(
        station,
        draw(PERCENTS),
        stand,
        draw(PERCENTS) if stand is Stand.MARKED else None,
        draw(st.sampled_from([False, False, False, True])),
        draw(st.sampled_from([True, True, True, False])),
        draw(st.integers(1, 30)),
    )


CIRCUITS = st.integers(1, 12).flatmap(lambda n: st.tuples(*(seen(at) for at in range(1, n + 1))))
ASKED = st.builds(Asked, st.none() | PERCENTS, st.integers(0, 12))


def marked(station: int, percent: str, cut: str = "60", weight: int = 1, **more: bool) -> Seen:
    return Seen(station, Decimal(cut), Stand.MARKED, Decimal(percent), weight=weight, **more)


def void(station: int, cut: str = "60", weight: int = 1) -> Seen:
    return Seen(station, Decimal(cut), Stand.VOIDED, weight=weight)


@given(CIRCUITS, ASKED)
def test_it_is_bounded_and_says_why(stations: tuple[Seen, ...], asked: Asked) -> None:
    found = outcome(stations, asked)
    assert found.percent is None or 0 <= found.percent <= 100
    assert 0 <= found.stations_passed <= found.stations_counted <= len(stations)
    assert found.passed == (not found.why)
    assert all(one.passed == (not one.why) for one in found.stations if one.stand is not Stand.VOIDED)
    if found.passed:
        assert found.percent is not None
        assert found.cut is None or found.percent >= found.cut
        assert found.stations_passed >= found.stations_needed
        assert all(one.stand is not Stand.MISSING for one in found.stations)


@given(CIRCUITS, ASKED, st.randoms(use_true_random=False))
def test_the_order_of_stations_changes_nothing(stations: tuple[Seen, ...], asked: Asked, lot: object) -> None:
    other = list(stations)
    lot.shuffle(other)  # type: ignore[attr-defined]
    first, second = outcome(stations, asked), outcome(other, asked)
    assert without_order(first) == without_order(second)


def without_order(found: Outcome) -> object:
    return sorted(map(str, found.stations)), found.percent, found.cut, found.stations_passed, sorted(found.why)


@given(CIRCUITS, ASKED)
def test_the_percent_is_the_weighed_mean_rounded_once(stations: tuple[Seen, ...], asked: Asked) -> None:
    found = outcome(stations, asked)
    given_ = [(one.percent or Decimal(0), one.weight) for one in stations if one.stand in (Stand.MARKED, Stand.ABSENT)]
    if not given_:
        assert found.percent is None
        return
    exact = sum(Fraction(value) * weight for value, weight in given_) / sum(weight for _, weight in given_)
    assert found.percent is not None
    assert -Fraction(1, 200) <= exact - Fraction(found.percent) <= Fraction(1, 200)


@given(CIRCUITS, ASKED, st.data())
def test_a_better_mark_never_fails_anybody(stations: tuple[Seen, ...], asked: Asked, data: st.DataObject) -> None:
    before = outcome(stations, asked)
    at = data.draw(st.integers(0, len(stations) - 1))
    one = stations[at]
    if one.stand is not Stand.MARKED or one.percent is None:
        return
    better = Seen(
        one.station, one.cut, one.stand, data.draw(st.decimals(one.percent, 100, places=2)), weight=one.weight
    )
    after = outcome((*stations[:at], better, *stations[at + 1 :]), asked)
    assert after.passed >= before.passed
    assert after.stations_passed >= before.stations_passed


@given(st.lists(PERCENTS, min_size=2, max_size=12), st.integers(1, 12), st.data())
def test_voiding_one_station_asks_for_at_most_one_less_and_never_for_more(
    percents: list[Decimal], least: int, data: st.DataObject
) -> None:
    stations = [Seen(at, Decimal(60), Stand.MARKED, percent) for at, percent in enumerate(percents)]
    asked = Asked(None, min(least, len(stations)))
    before = outcome(stations, asked)
    at = data.draw(st.integers(0, len(stations) - 1))
    after = outcome([*stations[:at], void(at), *stations[at + 1 :]], asked)
    assert before.stations_needed - 1 <= after.stations_needed <= before.stations_needed
    assert after.stations_needed >= min(1, before.stations_needed), "but something is asked where something was"


@given(st.lists(st.booleans(), min_size=2, max_size=12).filter(lambda done: sum(done) > 1), st.data())
def test_nobody_loses_a_pass_because_a_station_was_voided(done: list[bool], data: st.DataObject) -> None:
    stations = [marked(at, "100" if one else "0") for at, one in enumerate(done)]
    asked = Asked(None, sum(done))
    assert outcome(stations, asked).passed
    at = data.draw(st.sampled_from([at for at, one in enumerate(done) if one]))
    assert outcome([*stations[:at], void(at), *stations[at + 1 :]], asked).passed


@given(st.lists(st.tuples(PERCENTS, st.integers(1, 9)), min_size=2, max_size=9), st.decimals(0, 20, places=2))
def test_what_a_standard_adds_to_the_mean_of_the_cuts_stays(cuts: list[tuple[Decimal, int]], more: Decimal) -> None:
    stations = [Seen(at, cut, Stand.MARKED, Decimal(50), weight=weight) for at, (cut, weight) in enumerate(cuts)]
    mean = sum(Fraction(cut) * weight for cut, weight in cuts) / sum(weight for _, weight in cuts)
    exam = (Decimal(mean.numerator) / mean.denominator + more).quantize(Decimal("0.01"))
    first, (_, *rest) = stations[0], stations
    found = outcome([Seen(first.station, first.cut, Stand.VOIDED, weight=first.weight), *rest], Asked(exam))
    others = sum(Fraction(one.cut) * one.weight for one in rest) / sum(one.weight for one in rest)
    assert found.cut is not None
    wanted = min(max(others + Fraction(exam) - mean, Fraction(0)), Fraction(100))
    assert abs(Fraction(found.cut) - wanted) <= Fraction(1, 200)


def test_reasons_are_told_apart() -> None:
    stations = [
        marked(1, "59.99"),
        marked(2, "100", critical=True),
        marked(3, "80", keys_met=False),
        Seen(4, Decimal(60), Stand.ABSENT),
        Seen(5, Decimal(60), Stand.MISSING),
        void(6),
        marked(7, "60"),
    ]
    found = outcome(stations, Asked(Decimal(60), 4))
    assert [one.why for one in found.stations] == [
        (Failing.CUT,),
        (Failing.CRITICAL,),
        (Failing.KEY_RULE,),
        (Failing.ABSENT,),
        (Failing.MISSING,),
        (),
        (),
    ]
    assert found.why == (Short.MISSING, Short.STATIONS)
    assert (found.percent, found.stations_passed, found.stations_counted) == (Decimal("60.00"), 1, 6)
    assert found.stations_needed == 3  # four of seven become 4 × 6 / 7 = 3.4 of six


@pytest.mark.parametrize(
    ("asked", "passed"),
    [(Asked(), False), (Asked(Decimal(60)), True), (Asked(None, 1), True), (Asked(Decimal(60), 2), False)],
)
def test_without_a_standard_every_station_must_be_passed(asked: Asked, passed: bool) -> None:
    assert outcome([marked(1, "50"), marked(2, "90")], asked).passed is passed


def test_a_heavier_station_weighs_more() -> None:
    assert outcome([marked(1, "50", weight=3), marked(2, "90")], Asked(Decimal(60))).percent == Decimal("60.00")


def test_half_a_hundredth_is_rounded_up_once() -> None:
    found = outcome([marked(1, "59.99"), marked(2, "60.00")], Asked(Decimal("60")))
    assert (found.percent, found.passed) == (Decimal("60.00"), True)


def test_with_every_station_voided_nothing_is_passed() -> None:
    found = outcome([void(1), void(2)], Asked(Decimal(60)))
    assert (found.percent, found.why, found.passed) == (None, (Short.NOTHING,), False)
