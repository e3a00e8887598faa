"""What follows from stars, worked out by hand and by properties."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

import config
from assessments.certification.rules import follows as f

DEFAULT = YAML(typ="safe").load(config.CHECKOUT / "content" / "follows" / "default.yaml")
POLICY = f.Follows.model_validate(DEFAULT)
DAY = date(2026, 11, 30)
INTERMEDIATE, CHIEF = POLICY.promotions
FIVE_STAR = POLICY.honours[0]


def facts(star=0, since=date(2025, 1, 1), posts=(), on=DAY, primary_now=True, active=True):
    held = f.Held(star, "5303022026000001", dict.fromkeys(range(1, star + 1), since)) if star else None
    return f.Facts(on, held, [f.Served(*post) for post in posts], primary_now, active)


def test_five_stars_are_worth_eight_hundred_and_four_nothing() -> None:
    assert [f.rate_of(POLICY.subsidy, star) for star in range(6)] == [0, 0, 0, 0, 0, 800]
    assert f.subsidy_of(POLICY, facts(5)).yuan == Decimal(800)
    assert f.subsidy_of(POLICY, facts(4)).yuan == 0


@pytest.mark.parametrize(
    ("given_", "missing"),
    [
        ({"star": 5, "primary_now": False}, ["post"]),
        ({"star": 5, "active": False}, ["active"]),
        ({"star": 3}, ["star", "rate"]),
        ({"star": 0, "primary_now": False, "active": False}, ["star", "post", "active", "rate"]),
    ],
)
def test_who_gets_nothing_is_told_why(given_, missing) -> None:
    row = f.subsidy_of(POLICY, facts(**given_))
    assert (row.yuan, [one.what for one in row.missing]) == (0, missing)


@pytest.mark.parametrize(
    ("counted_on", "month", "day"),
    [
        ("first", date(2026, 2, 1), date(2026, 2, 1)),
        ("last", date(2026, 2, 1), date(2026, 2, 28)),
        ("last", date(2024, 2, 1), date(2024, 2, 29)),
        ("last", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_stars_are_looked_at_on_one_day_of_the_month(counted_on, month, day) -> None:
    subsidy = POLICY.subsidy.model_copy(update={"counted_on": counted_on})
    assert f.day_of(subsidy, month) == day


@pytest.mark.parametrize(
    ("posts", "years", "full_on"),
    [
        ([(date(2011, 11, 30),)], 15, date(2026, 11, 30)),
        ([(date(2011, 12, 1),)], 14, date(2026, 12, 1)),
        ([(date(2012, 2, 29),)], 14, date(2027, 3, 1)),
        # five years away: 2006–2016 and 2021–2026 make fifteen years and some days
        ([(date(2006, 1, 1), date(2016, 1, 1)), (date(2021, 1, 1),)], 15, date(2026, 1, 2)),
        # two posts at once count once
        ([(date(2016, 11, 30),), (date(2018, 1, 1), date(2020, 1, 1))], 10, date(2031, 11, 30)),
        # the years in the county hospital do not count
        ([(date(2000, 1, 1), date(2016, 11, 30), False), (date(2016, 11, 30),)], 10, date(2031, 11, 30)),
        ([], 0, None),
    ],
)
def test_years_in_primary_care(posts, years, full_on) -> None:
    row = f.claim_of(CHIEF, facts(5, posts=posts))
    reason = next(one for one in row.reasons if one.what == "years")
    assert (reason.have, reason.met) == (years, years >= 15)
    if full_on is not None and full_on > DAY:
        assert reason.day == full_on


def test_ten_years_are_enough_for_the_intermediate_title_whatever_the_star() -> None:
    assert f.claim_of(INTERMEDIATE, facts(0, posts=[(date(2016, 11, 30),)])).met
    row = f.claim_of(INTERMEDIATE, facts(5, posts=[(date(2016, 12, 1),)]))
    assert [(one.what, one.day) for one in row.missing] == [("years", date(2026, 12, 1))]


def test_associate_chief_needs_both() -> None:
    long = [(date(2000, 1, 1),)]
    assert f.claim_of(CHIEF, facts(5, posts=long)).met
    assert [one.what for one in f.claim_of(CHIEF, facts(4, posts=long)).missing] == ["star"]
    assert [one.what for one in f.claim_of(CHIEF, facts(5, posts=[(date(2020, 1, 1),)])).missing] == ["years"]


def test_an_honour_asks_how_long_the_star_was_held() -> None:
    assert f.claim_of(FIVE_STAR, facts(5, since=date(2025, 11, 30))).met
    (missing,) = f.claim_of(FIVE_STAR, facts(5, since=date(2025, 12, 15))).missing
    assert (missing.have, missing.asked, missing.day) == (11, 12, date(2026, 12, 15))


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([], None),
        ([(date(2024, 1, 1), date(2026, 11, 29))], None),
        ([(date(2026, 12, 1), None)], None),
        ([(date(2024, 1, 1), date(2025, 12, 31)), (date(2026, 1, 1), None)], (date(2024, 1, 1), None)),
        ([(date(2024, 1, 1), date(2025, 12, 30)), (date(2026, 1, 1), None)], (date(2026, 1, 1), None)),
        (
            [(date(2026, 1, 1), date(2027, 12, 31)), (date(2024, 1, 1), date(2026, 6, 1))],
            (date(2024, 1, 1), date(2027, 12, 31)),
        ),
        ([(date(2024, 1, 1), None), (date(2028, 1, 1), date(2029, 1, 1))], (date(2024, 1, 1), None)),
    ],
)
def test_a_star_is_held_unbroken_from_period_to_period(spans, found) -> None:
    assert f.unbroken(spans, DAY) == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"monthly": [{"star": 5, "yuan": 800}, {"star": 4, "yuan": 400}]},
        {"monthly": [{"star": 4, "yuan": 900}, {"star": 5, "yuan": 800}]},
        {"monthly": [{"star": 5, "yuan": 800}, {"star": 5, "yuan": 900}]},
        {"monthly": [{"star": 6, "yuan": 800}]},
        {"monthly": [{"star": 5, "yuan": 0}]},
        {"monthly": []},
    ],
)
def test_a_higher_star_is_never_worth_less(wrong) -> None:
    with pytest.raises(ValidationError):
        f.Follows.model_validate(DEFAULT | {"subsidy": wrong})


def test_a_claim_that_asks_for_nothing_or_stands_twice_is_refused() -> None:
    for honours in ([{"code": "x", "title": {"zh": "x", "en": "x"}}], [DEFAULT["promotions"][0]]):
        with pytest.raises(ValidationError):
            f.Follows.model_validate(DEFAULT | {"honours": honours})


days = st.dates(date(1980, 1, 1), date(2060, 1, 1))


@given(days, st.integers(0, 60), st.integers(0, 23_000))
def test_years_are_full_on_the_day_they_are_said_to_be(first, years, after) -> None:
    on = first + timedelta(days=after)
    assert (f.years_between(first, on) >= years) == (f.after_years(first, years) <= on)


@given(days, st.integers(0, 700), st.integers(0, 21_000))
def test_months_are_full_on_the_day_they_are_said_to_be(first, months, after) -> None:
    on = first + timedelta(days=after)
    assert (f._months_between(first, on) >= months) == (f.after_months(first, months) <= on)


posts = st.lists(
    st.builds(lambda a, n, p: f.Served(a, a + timedelta(days=n), p), days, st.integers(1, 1500), st.booleans()),
    max_size=5,
)


@given(posts, days)
def test_days_served_are_the_days_on_which_one_served(served, on) -> None:
    within = {
        one.begins_on + timedelta(days=n)
        for one in served
        if one.primary
        for n in range((one.ends_on - one.begins_on).days)
    }
    assert f.days_served(served, on) == sum(day < on for day in within)


@given(posts, days, days, st.integers(0, 5))
def test_more_service_or_a_higher_star_never_takes_a_title_away(served, on, more, star) -> None:
    for claim in POLICY.promotions:
        before = f.claim_of(claim, f.Facts(on, facts(star).held, served)).met
        longer = [*served, f.Served(more)]
        assert not before or f.claim_of(claim, f.Facts(on, facts(5).held, longer)).met


@given(
    st.lists(st.tuples(days, st.integers(0, 900)).map(lambda p: (p[0], p[0] + timedelta(days=p[1]))), max_size=8), days
)
def test_the_unbroken_span_is_the_run_of_days_around_the_day(spans, on) -> None:
    held = {first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)}
    found = f.unbroken(spans, on)
    assert (found is not None) == (on in held)
    if found is not None:
        first, last = found
        assert last is not None
        assert {first + timedelta(days=n) for n in range((last - first).days + 1)} <= held
        assert {first - timedelta(days=1), last + timedelta(days=1)}.isdisjoint(held)
