"""Figures of stations, circuits and examiners: pure arithmetic against what was put in."""

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.osce.rules import examiners as rules
from assessments.osce.rules import quality
from assessments.osce.rules.examiners import Estimate, Hint, Row, examiners
from assessments.osce.rules.outcome import Asked, Seen, Stand, outcome
from assessments.osce.rules.quality import Basis, Mark
from assessments.psychometrics.rules.borderline import Guard

D = Decimal


def marks(*pairs: tuple[int, int], first: int = 1) -> list[Mark]:
    return [Mark(first + at, D(percent), grade) for at, (grade, percent) in enumerate(pairs)]


STEADY = [(0, 40), (1, 50), (1, 54), (2, 62), (2, 66), (3, 74), (3, 78), (4, 90)]


def test_a_station_in_figures() -> None:
    found = quality.station(Basis(marks(*STEADY), 1), 5)
    assert (found.n, found.mean, found.ratings) == (8, 64.25, (1, 2, 2, 2, 1))
    assert found.sd == pytest.approx(np.std([percent for _grade, percent in STEADY], ddof=1))
    assert found.own is not None
    assert found.own.guards == (Guard.FEW_CANDIDATES,)
    assert found.pooled is None
    # Sxx = 12, Sxy = 148, means 2 and 64.25: slope 148/12, height at grade 1 64.25 − 148/12
    assert (found.own.slope, found.own.cut) == (Fraction(148, 12), Fraction(257, 4) - Fraction(148, 12))


def test_earlier_sittings_are_pooled_where_this_one_is_small() -> None:
    basis = Basis(marks(*STEADY), 1, marks(*STEADY * 6, first=100), 6)
    found = quality.station(basis, 5)
    assert found.pooled is not None
    assert (found.pooled.n, found.sittings, found.pooled.guards) == (56, 6, ())
    large = quality.station(Basis(marks(*STEADY * 7), 1, marks(*STEADY, first=100), 1), 5)
    assert (large.pooled, large.sittings) == (None, 0)


def test_nobody_and_no_borderline_rating_give_no_line() -> None:
    assert quality.station(Basis([], 1), 5).own is None
    assert quality.station(Basis(marks(*STEADY), None), 5).own is None


@pytest.mark.parametrize(
    ("value", "percent"),
    [(Fraction(2, 3) * 100, "66.67"), (Fraction("50.005"), "50.01"), (Fraction(-3), "0.00"), (Fraction(120), "100.00")],
)
def test_a_cut_is_rounded_once_half_up_and_stays_on_the_scale(value: Fraction, percent: str) -> None:
    assert str(quality.rounded(value)) == percent


def seen(percents: list[int], cuts: list[int], **more: object) -> list[Seen]:
    return [
        Seen(at, D(cut), Stand.MARKED, D(percent), **more)  # type: ignore[arg-type]
        for at, (percent, cut) in enumerate(zip(percents, cuts, strict=True), 1)
    ]


CANDIDATES = st.lists(
    st.lists(st.tuples(st.integers(0, 100), st.booleans(), st.sampled_from([*Stand])), min_size=3, max_size=3),
    min_size=1,
    max_size=12,
)


@given(CANDIDATES, st.sampled_from([None, D(0), D("55.5"), D(70), D(100)]), st.integers(0, 3))
def test_consequences_are_what_the_outcome_says(candidates, exam, least) -> None:  # type: ignore[no-untyped-def]
    found = [
        [
            Seen(at, D(60), stand, D(percent) if stand is Stand.MARKED else None, critical, weight=at)
            for at, (percent, critical, stand) in enumerate(one, 1)
        ]
        for one in candidates
    ]
    table = quality.consequences(found, [exam])
    expected = sum(outcome(one, Asked(exam, least)).passed for one in found)
    assert table[least].passing[0] == expected
    passing = [row.passing[0] for row in table[1 if exam is None else 0 :]]
    assert passing == sorted(passing, reverse=True), "asking for more stations never lets more pass"


def test_consequences_of_nobody() -> None:
    assert quality.consequences([], [None]) == []


def test_the_exam_cut_is_the_weighed_mean_and_errors_on_top() -> None:
    cuts, weights = {1: D(60), 2: D(50)}, {1: 3, 2: 1}
    assert quality.exam_cut(cuts, weights, D("4.0"), D(0)) == D("57.50")
    assert quality.exam_cut(cuts, weights, D("4.0"), D("1.64")) == D("64.06")
    assert quality.exam_cut(cuts, weights, None, D(1)) == D("57.50")
    assert quality.exam_cut({1: D(99)}, {1: 1}, D(4), D("1.96")) == D("100.00")


def test_reliability_over_stations() -> None:
    chance = random.Random(3)
    true = [chance.gauss(70, 10) for _candidate in range(60)]
    percents = {
        place: {at: D(f"{value + chance.gauss(0, 8):.2f}") for at, value in enumerate(true)} for place in range(1, 9)
    }
    found = quality.reliability(percents, dict.fromkeys(percents, 1))
    assert (found.n, found.stations) == (60, 8)
    # Spearman–Brown of 8 stations with 100/(100 + 64) each
    assert found.alpha == pytest.approx(8 * 0.61 / (1 + 7 * 0.61), abs=0.05)
    assert found.sem == pytest.approx(8 / np.sqrt(8), abs=0.6)
    assert found.phi is not None
    assert found.alpha is not None
    assert found.phi <= found.alpha + 1e-9
    assert found.stations_wanted is not None
    assert found.stations_wanted <= 8
    twice = quality.reliability(percents, dict.fromkeys(percents, 2))
    for name in ("alpha", "sem", "mean"):
        assert getattr(twice, name) == pytest.approx(getattr(found, name))


def test_who_missed_a_station_is_left_out_of_reliability() -> None:
    percents = {1: {1: D(50), 2: D(60), 3: D(70)}, 2: {1: D(55), 2: D(61)}}
    found = quality.reliability(percents, {1: 1, 2: 1})
    assert found.n == 2
    alone = quality.reliability({1: {1: D(50)}, 2: {2: D(60)}}, {1: 1, 2: 1})
    assert (alone.alpha, alone.sem, alone.reason) == (None, None, "few")
    assert quality.reliability({}, {}).reason == "few"


def test_a_station_that_goes_against_the_others_shows() -> None:
    chance = random.Random(5)
    percents: dict[int, dict[int, Decimal]] = {1: {}, 2: {}, 3: {}, 4: {}}
    for at in range(50):
        value = chance.gauss(60, 10)
        for place in (1, 2, 3):
            percents[place][at] = D(f"{value + chance.gauss(0, 5):.2f}")
        percents[4][at] = D(f"{120 - value:.2f}")
    found = quality.reliability(percents, dict.fromkeys(percents, 1))
    assert found.with_rest[4] is not None
    assert found.with_rest[4] < 0
    assert found.alpha is not None
    assert found.without[4] > found.alpha  # type: ignore[operator]


# ---------------------------------------------------------------------------------------------------------- examiners


def row(examiner: int, candidate: int, percent: float, *, station: int = 1, grade: int = 2, even: float = 0.0) -> Row:
    shares = {f"i{at}": min(1.0, max(0.0, percent / 100 + (even if at % 2 else -even))) for at in range(6)}
    return Row(station, candidate, examiner, percent, grade, 5, shares)


def crowd(
    offsets: dict[int, float], *, seed: int = 1, stations: int = 3, people: int = 60, noise: float = 3
) -> list[Row]:
    """Every candidate at every station by one of these examiners in turn, who add so many points."""
    chance, rows = random.Random(seed), []
    for candidate in range(people):
        true = chance.gauss(65, 12)
        for station in range(stations):
            who = [*offsets][(candidate + station) % len(offsets)]
            percent = min(100.0, max(0.0, true + offsets[who] + chance.gauss(0, noise)))
            grade = min(4, max(0, round((percent - 45) / 10 + chance.gauss(0, 0.6))))
            rows.append(row(who, candidate, percent, station=station, grade=grade, even=0.2))
    return rows


def test_severity_is_found_with_its_interval() -> None:
    found = {one.examiner: one for one in examiners(crowd({1: -8, 2: 0, 3: 0}))}
    severe = found[1].severity
    assert severe.n == 60
    assert severe.value == pytest.approx(-8, abs=1.5)
    assert severe.beyond(rules.NOTABLE)
    assert severe.high is not None
    assert severe.high < -rules.NOTABLE
    assert Hint.SEVERE in found[1].hints
    assert Hint.SEVERE not in found[2].hints


def test_who_had_the_weaker_candidates_is_not_severe() -> None:
    chance, rows = random.Random(2), []
    for candidate in range(60):
        true = chance.gauss(55 if candidate < 30 else 75, 6)
        for station in range(4):
            # at station 0 examiner 1 has all the weaker half; elsewhere a third marks everybody
            who = (1 if candidate < 30 else 2) if not station else 10 + station
            rows.append(row(who, candidate, true + chance.gauss(0, 3), station=station))
    found = {one.examiner: one for one in examiners(rows)}
    assert found[1].severity.value == pytest.approx(0, abs=3)
    assert found[1].hints == ()
    assert found[11].severity == Estimate(0), "nobody else marked there: nothing can be said"


@pytest.mark.parametrize("nested", [True, False])
def test_the_interval_of_severity_holds_what_is_true_as_often_as_it_says(nested: bool) -> None:
    """Two examiners six points apart, each with candidates of their own, or sharing them: 100 circuits each."""
    held = 0
    for seed in range(100):
        chance, rows = random.Random(seed), []
        for candidate in range(40):
            true = chance.gauss(70, 10)
            for station in range(3):
                who = candidate % 2 if nested else (candidate + station) % 2
                rows.append(row(who, candidate, true + chance.gauss(0, 6) - 6 * (who == 0), station=station))
        found = examiners(rows)[0].severity
        assert found.low is not None
        assert found.high is not None
        held += found.low <= -6 <= found.high
    assert 88 <= held <= 100


def test_too_few_to_tell() -> None:
    found = examiners([row(1, 1, 50), row(2, 1, 60), row(1, 2, 55)])
    assert [one.examiner for one in found] == [1, 2]
    for one in found:
        for name in ("severity", "against", "spread", "icc", "kappa", "equal", "halo", "evenness"):
            assert getattr(one, name).value is None
        assert one.hints == ()
    assert examiners([]) == []


def test_two_who_mark_the_same_candidates() -> None:
    chance, rows = random.Random(4), []
    for candidate in range(40):
        percent = chance.uniform(40, 90)
        grade = int((percent - 40) // 10)
        rows += [row(1, candidate, percent, grade=grade), row(2, candidate, percent + 5, grade=grade)]
    one, other = examiners(rows)
    assert one.against.n == 40
    assert one.against.value == pytest.approx(-5)
    assert other.against.value == pytest.approx(5)
    assert one.kappa.value == pytest.approx(1)
    assert one.icc.value is not None
    assert 0.8 < one.icc.value < 1
    assert one.equal.value == pytest.approx(0)
    alike = examiners(
        [row(1, at, 40 + at, grade=at % 5) for at in range(20)]
        + [row(2, at, 40 + at, grade=at % 5) for at in range(20)]
    )
    assert alike[0].equal.value == pytest.approx(1)
    assert alike[0].icc.value == pytest.approx(1)


def test_a_narrow_range_shows() -> None:
    rows = crowd({1: 0, 2: 0}, people=80, stations=2)
    squeezed = [
        Row(one.station, one.candidate, 1, 65 + (one.percent - 65) * 0.4, one.grade, 5, one.shares)
        if one.examiner == 1
        else one
        for one in rows
    ]
    found = {one.examiner: one for one in examiners(squeezed)}
    assert found[1].spread.value == pytest.approx(0.4, abs=0.12)
    assert Hint.NARROW in found[1].hints
    assert Hint.NARROW not in found[2].hints


def test_a_halo_shows_in_the_items_and_in_the_rating() -> None:
    chance, rows = random.Random(6), []
    for candidate in range(80):
        percent = chance.uniform(45, 89)
        for who in (1, 2):
            grade = (
                int((percent - 40) // 10)
                if who == 1
                else min(4, max(0, round((percent - 45) / 10 + chance.gauss(0, 1))))
            )
            rows.append(row(who, candidate, percent, grade=grade, even=0.0 if who == 1 else 0.25))
    found = {one.examiner: one for one in examiners(rows)}
    assert {Hint.EVEN, Hint.HALO} <= {*found[1].hints}
    assert not {Hint.EVEN, Hint.HALO} & {*found[2].hints}


@given(st.integers(0, 50), st.integers(-20, 20))
def test_more_points_for_all_change_nothing_between_examiners(seed: int, more: int) -> None:
    rows = crowd({1: 0, 2: 4}, seed=seed, people=12, stations=2)
    moved = [
        Row(one.station, one.candidate, one.examiner, one.percent + more, one.grade, 5, one.shares) for one in rows
    ]
    for before, after in zip(examiners(rows), examiners(moved), strict=True):
        assert before.severity.value == pytest.approx(after.severity.value)
        assert before.spread.value == pytest.approx(after.spread.value)


@given(st.integers(0, 50))
def test_two_examiners_differ_by_the_same_amount_both_ways(seed: int) -> None:
    chance, rows = random.Random(seed), []
    for candidate in range(15):
        rows += [row(who, candidate, chance.uniform(30, 90), grade=chance.randrange(5)) for who in (1, 2)]
    one, other = examiners(rows)
    assert one.against.value == pytest.approx(-(other.against.value or 0))
    assert one.kappa.value == pytest.approx(other.kappa.value)
    assert one.icc.value == pytest.approx(other.icc.value)
