"""Which skills a renewal asks for, when the next period begins, and when whom is reminded."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from assessments.certification.rules import renewal
from assessments.certification.rules.decision import Evidence
from assessments.certification.rules.policy import Policy, parse
from tests.assessments.certification.conftest import FIRST_WAY, plain

codes = st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=9)
days = st.dates(date(2020, 1, 1), date(2035, 1, 1))


def policy(**certificate: object) -> Policy:
    return parse(plain(FIRST_WAY.with_name("stars.yaml")) | {"certificate": certificate})


@given(codes, st.integers(0, 12), st.integers(0, 50))
def test_every_technique_has_its_turn_before_any_comes_again(techniques: list[str], count: int, turn: int) -> None:
    asked = renewal.refreshers(techniques, turn, count)
    assert len(asked) == len(set(asked)) == min(count, len(techniques))
    if not asked:
        return
    line = [one for n in range(len(techniques)) for one in renewal.refreshers(techniques, turn + n, count)]
    for begin in range(0, len(line) - len(techniques) + 1, len(techniques)):
        assert set(line[begin : begin + len(techniques)]) == set(techniques)


@given(days, st.integers(1, 9), st.integers(0, 900), st.integers(0, 400))
def test_the_days_of_a_period_are_in_order(begin: date, years: int, renew: int, grace: int) -> None:
    span = renewal.period(begin, years, policy(renew_days=renew, grace_days=grace))
    assert span.ends_on is not None
    assert span.due_on is not None
    assert span.renewable_until is not None
    assert begin <= span.due_on <= span.ends_on <= span.renewable_until
    assert span.renewable_until - span.ends_on == timedelta(days=grace)


def test_without_an_end_nothing_is_ever_due() -> None:
    span = renewal.period(date(2026, 1, 1), None, policy())
    assert renewal.columns(span) == {
        "begins_on": date(2026, 1, 1),
        "ends_on": None,
        "due_on": None,
        "renewable_until": None,
    }
    assert renewal.reached(span, policy(), date(2099, 1, 1)) is None


@given(days, days)
def test_a_new_period_never_overlaps_and_never_begins_in_the_past(ended: date, today: date) -> None:
    begin = renewal.next_begin(ended, today)
    assert begin > ended
    assert begin >= today
    assert begin in (ended + timedelta(days=1), today)


@given(days, st.integers(0, 900))
def test_reminders_follow_one_another(begin: date, after: int) -> None:
    rules = policy(renew_days=90, grace_days=60, remind_days=[30, 7])
    span = renewal.period(begin, 1, rules)
    order = [found for _, *found in renewal.stages(span, rules)]
    seen = [renewal.reached(span, rules, begin + timedelta(days=n)) for n in (after, after + 1)]
    places = [order.index(list(one)) if one else -1 for one in seen]
    assert places[0] <= places[1]


def test_what_proves_a_technique_anew() -> None:
    rules = policy()
    since, today = date(2026, 1, 1), date(2026, 6, 1)

    def one(**more: object) -> Evidence:
        given = {"id": 1, "kind": "entrustment", "value": Decimal(4), "on_day": date(2026, 3, 1), "technique": "ecg"}
        return Evidence(**{**given, **more})  # type: ignore[arg-type]

    def done(evidence: Evidence) -> bool:
        return renewal.refreshed(rules, ["ecg"], [evidence], since, today)[0].done

    assert done(one())
    assert done(one(kind="practical_exam", value=Decimal(60)))
    assert not done(one(kind="practical_exam", value=Decimal(59)))
    assert not done(one(critical_failure=True))
    assert not done(one(on_day=date(2025, 12, 31)))
    assert not done(one(on_day=date(2026, 6, 2)))
    assert not done(one(valid_until=date(2026, 5, 31)))
    assert not done(one(technique="cpr"))
    assert not done(one(kind="simulation_hours"))


def test_the_policy_says_the_days() -> None:
    assert (policy().renew_days, policy().grace_days, policy().refreshers) == (90, 90, 3)
    said = policy(renew_days=60, grace_days=0, refreshers=5, remind_days=[14])
    assert (said.renew_days, said.grace_days, said.refreshers, said.remind_days) == (60, 0, 5, (14,))
