"""What is measured in a trace is what was done: known runs are found again, and judged as the guideline says."""

import json
from dataclasses import asdict, replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.traces.rules.drawing import BAND, POINTS, bands, drawn, outline
from assessments.traces.rules.judging import Aspect, Finding, How, is_evidence, judge, percent
from assessments.traces.rules.report import steps, tell
from assessments.traces.rules.signal import (
    Measured,
    Numbers,
    Trace,
    Unmeasurable,
    Wrong,
    find,
    measure,
    missing_seconds,
    stretch_seconds,
)
from assessments.traces.rules.synthetic import Person, trace_of
from assessments.traces.rules.targets import Targets

ADULT = Targets(50, 60, 100, 120, 5, 5, Decimal("2"), 10, 60, 80, 10, 110)
INFANT = replace(ADULT, depth_low=40, depth_high=None)


def measured(who: Person, targets: Targets = ADULT) -> Measured:
    return measure(find(trace_of(who), targets), targets)


def finding(who: Person, aspect: Aspect, targets: Targets = ADULT) -> Finding:
    return {one.aspect: one for one in judge(measured(who, targets), targets)}[aspect]


PEOPLE = st.builds(
    Person,
    rate=st.floats(60, 160),
    depth=st.floats(25, 75),
    compressions=st.integers(20, 120),
    left=st.floats(0, 9),
    pauses=st.dictionaries(st.integers(2, 18), st.floats(2.5, 20), max_size=2),
    shake=st.sampled_from([0.0, 0.3, 0.6]),
    hertz=st.sampled_from([20, 25, 50, 100]),
    seed=st.integers(0, 999),
)


@settings(deadline=None, max_examples=60)
@given(PEOPLE)
def test_what_was_done_is_found_again(who: Person) -> None:
    found = measured(who)
    assert found.compressions == who.compressions
    assert found.rate_mean == pytest.approx(who.rate, rel=0.01)
    assert found.rate_median == pytest.approx(who.rate, rel=0.02)
    assert found.depth_mean == pytest.approx(who.depth, abs=2)
    assert found.leaning_mean == pytest.approx(who.left, abs=2)
    assert sorted(one.lasts for one in found.pauses) == pytest.approx(sorted(who.pauses.values()), abs=0.1)
    whole = who.compressions * 60 / who.rate + sum(who.pauses.values())
    assert found.lasts == pytest.approx(whole, abs=0.2)
    assert found.fraction == pytest.approx(1 - sum(who.pauses.values()) / whole, abs=0.01)


@settings(deadline=None, max_examples=30)
@given(PEOPLE, st.floats(0, 500))
def test_when_the_clock_began_does_not_matter(who: Person, later: float) -> None:
    trace = trace_of(who)
    moved = Trace(trace.seconds + round(later), trace.depth)
    before, after = (asdict(measure(find(one, ADULT), ADULT)) for one in (trace, moved))
    for times in ("begins", "pauses", "stretches"):
        del before[times], after[times]
    assert before == pytest.approx(after, abs=0.02)


@settings(deadline=None, max_examples=60)
@given(PEOPLE)
def test_shares_stay_between_nothing_and_everything(who: Person) -> None:
    found = judge(measured(who), ADULT)
    assert [one.aspect for one in found] == list(Aspect)
    assert all(0 <= one.share <= 100 for one in found)
    assert 0 <= percent(found) <= 100
    assert all(one.met for one in found if one.how is How.GOOD)
    told = tell(found)
    assert len(told.change) <= 2
    assert not {one.aspect for one in told.good} & {one.aspect for one in told.change}


@pytest.mark.parametrize(
    ("who", "aspect", "met", "how"),
    [
        (Person(depth=55), Aspect.DEPTH, True, How.GOOD),
        (Person(depth=44), Aspect.DEPTH, False, How.SHALLOW),
        (Person(depth=66), Aspect.DEPTH, False, How.DEEP),
        (Person(depth=56, fade=16), Aspect.DEPTH, False, How.FADING),
        (Person(depth=58, fade=12), Aspect.DEPTH, True, How.FADING),
        (Person(rate=88), Aspect.RATE, False, How.SLOW),
        (Person(rate=131), Aspect.RATE, False, How.FAST),
        (Person(rate=110), Aspect.RATE, True, How.GOOD),
        (Person(left=8), Aspect.RECOIL, False, How.LEANING),
        (Person(left=3), Aspect.RECOIL, True, How.GOOD),
        (Person(pauses={30: 9}), Aspect.PAUSES, True, How.GOOD),
        (Person(pauses={30: 14}), Aspect.PAUSES, False, How.LONG_PAUSE),
        (Person(compressions=60, pauses={20: 9, 40: 9}), Aspect.FRACTION, True, How.LOW_FRACTION),
        (Person(compressions=30, pauses={10: 9, 20: 9}), Aspect.FRACTION, False, How.LOW_FRACTION),
        (Person(compressions=220), Aspect.FRACTION, True, How.GOOD),
    ],
)
def test_each_aspect_is_judged_by_the_guidelines_number(who: Person, aspect: Aspect, met: bool, how: How) -> None:
    found = finding(who, aspect)
    assert (found.met, found.how) == (met, how)


def test_the_ends_of_a_range_belong_to_it() -> None:
    """Depths of exactly 50 and 60 mm, twice a second, released to exactly 5 mm: nothing to change."""
    deep = np.tile([5.0, 5, 5, 25, 50, 25, 5, 5, 5, 5, 5, 5, 5, 25, 60, 25, 5, 5, 5, 5], 60)
    trace = Trace(spaced(deep.size, 0.05), deep)
    found = measure(find(trace, ADULT), ADULT)
    assert (found.depth_in_range, found.shallow, found.deep) == (120, 0, 0)
    assert (found.released, found.rate_median) == (120, 120)
    assert (found.intervals_in_range, found.intervals) == (119, 119)
    assert percent(judge(found, ADULT)) == 100
    assert not tell(judge(found, ADULT)).change


def test_where_no_deepest_is_stated_none_is_asked() -> None:
    assert finding(Person(depth=62), Aspect.DEPTH, INFANT).how is How.GOOD
    assert measured(Person(depth=62), INFANT).deep == 0


def test_tiredness_is_told_in_millimetres_a_minute() -> None:
    found = measured(Person(depth=60, fade=12, compressions=220))
    assert found.depth_slope == pytest.approx(-12 / 2, abs=0.2), "12 mm in two minutes"
    assert (found.depth_first, found.depth_last) == pytest.approx((58, 50), abs=0.3)


def test_a_short_run_is_practice() -> None:
    assert is_evidence(measured(Person(compressions=220)), ADULT)
    assert not is_evidence(measured(Person(compressions=60)), ADULT)


def test_the_two_things_are_the_worst_that_are_not_met() -> None:
    shares = {Aspect.DEPTH: 40, Aspect.RATE: 30, Aspect.RECOIL: 90, Aspect.PAUSES: 100, Aspect.FRACTION: 70}
    how = {Aspect.PAUSES: How.GOOD}
    found = [Finding(one, share > 60, how.get(one, How.SHALLOW), Decimal(share)) for one, share in shares.items()]
    told = tell(found)
    assert [one.aspect for one in told.change] == [Aspect.RATE, Aspect.DEPTH]
    assert [one.aspect for one in told.good] == [Aspect.RECOIL, Aspect.PAUSES, Aspect.FRACTION]
    better = [replace(one, share=one.share + 5) for one in found]
    assert {step.name: step.difference for step in steps(found, better)} == dict.fromkeys(Aspect, 5)


def spaced(count: int, step: float) -> Numbers:
    return np.arange(count, dtype=np.float64) * step


def flat(*depths: float) -> Trace:
    return Trace(spaced(len(depths), 0.05), np.array(depths))


@pytest.mark.parametrize(
    ("trace", "wrong"),
    [
        (flat(*[0.0] * 110), Wrong.NO_COMPRESSION),
        (flat(*[55.0] * 110), Wrong.NO_COMPRESSION),
        (flat(*[0.0, 5.5] * 100), Wrong.IN_CENTIMETRES),
        (flat(*[0.0] * 90, 30.0, 55.0, 30.0, *[0.0] * 90), Wrong.ONE_COMPRESSION),
        (Trace(spaced(400, 0.001), trace_of(Person()).depth[:400]), Wrong.TOO_SHORT),
        (Trace(trace_of(Person()).seconds / 10, trace_of(Person()).depth), Wrong.TOO_FAST),
        (Trace(spaced(100, 0.2), np.tile([0.0, 55.0], 50)), Wrong.TOO_FEW_READINGS),
        (flat(55.0), Wrong.TOO_FEW_READINGS),
    ],
)
def test_what_is_no_run_is_refused(trace: Trace, wrong: Wrong) -> None:
    with pytest.raises(Unmeasurable) as refused:
        find(trace, ADULT)
    assert refused.value.wrong is wrong


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-20, 200), min_size=1, max_size=400), st.sampled_from([0.01, 0.05, 0.1]))
def test_no_readings_break_it(depths: list[float], step: float) -> None:
    trace = Trace(spaced(len(depths), step), np.array(depths))
    try:
        found = find(trace, ADULT)
    except Unmeasurable:
        return
    figures = measure(found, ADULT)
    judge(figures, ADULT)
    json.dumps(asdict(figures), allow_nan=False)
    json.dumps(drawn(trace, found, ADULT), allow_nan=False)


def test_noise_of_any_length_costs_no_time() -> None:
    """Prominence is looked for within a window: rising noise cannot make it look through everything each time."""
    count = 200_000
    rising = np.tile([0.0, 5.0], count // 2) + np.linspace(0, 150, count)
    with pytest.raises(Unmeasurable):
        find(Trace(spaced(count, 0.01), rising), ADULT)


def test_an_outline_keeps_every_extreme_and_stays_small() -> None:
    trace = trace_of(Person(compressions=3000, hertz=50, pauses={100: 30}))
    seconds, depth = outline(trace)
    assert seconds.size <= POINTS < trace.seconds.size
    assert (np.diff(seconds) > 0).all()
    assert (depth.max(), depth.min()) == (trace.depth.max(), trace.depth.min())
    made = drawn(trace, find(trace, ADULT), ADULT)
    assert len(json.dumps(made)) < 60_000
    assert sum(number for _begin, number in bands(made["depths"], BAND)) == 3000


def test_bands_leave_no_gap() -> None:
    assert bands({"41": 2, "44": 1, "55": 3}, 5) == [(40, 3), (45, 0), (50, 0), (55, 3)]


def test_what_the_instrument_did_not_write_down_is_told() -> None:
    trace = trace_of(Person(compressions=40))
    cut = (trace.seconds < 5) | (trace.seconds > 9)
    assert missing_seconds(trace) == 0
    assert missing_seconds(Trace(trace.seconds[cut], trace.depth[cut])) == pytest.approx(4, abs=0.05)


def test_stretches_cover_the_run_and_stay_few() -> None:
    found = measured(Person(compressions=220))
    assert sum(one.compressions for one in found.stretches) == 220
    assert [stretch_seconds(lasts) for lasts in (120, 301, 901, 3600)] == [20, 60, 120, 300]
