"""What a certificate is on a date: every date, every history."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assessments.certification.rules.document import last_day, masked, same_name
from assessments.certification.rules.status import Change, ChangeKind, Period, Status, status

days = st.dates(date(2020, 1, 1), date(2035, 1, 1))


def period(begin: date, length: int | None, renew: int = 0, grace: int = 0) -> Period:
    if length is None:
        return Period(begin)
    end = begin + timedelta(days=length)
    return Period(begin, end, max(begin, end - timedelta(days=renew)), end + timedelta(days=grace))


periods = st.builds(period, days, st.none() | st.integers(0, 2000), st.integers(0, 400), st.integers(0, 400))
changes = st.builds(Change, st.sampled_from(ChangeKind), days)
histories = st.tuples(st.lists(periods, max_size=3), st.lists(changes, max_size=4))


@given(histories, st.dates(), st.booleans())
def test_every_date_is_defined(history: tuple[list[Period], list[Change]], on: date, signed: bool) -> None:
    assert status(*history, on, signed=signed) in Status


@given(histories, days)
def test_revoked_stays_revoked(history: tuple[list[Period], list[Change]], on: date) -> None:
    spans, became = history
    gone = [*became, Change(ChangeKind.REVOKED, on)]
    for later in (on, on + timedelta(days=1), date.max):
        assert status(spans, gone, later) is Status.REVOKED


@given(histories, days)
def test_valid_means_in_a_period_and_nothing_against_it(history: tuple[list[Period], list[Change]], on: date) -> None:
    spans, became = history
    if status(spans, became, on).in_force:
        assert any(span.holds(on) for span in spans)
        past = [change.kind for change in became if change.on_day <= on]
        assert ChangeKind.REVOKED not in past
        assert ChangeKind.SUPERSEDED not in past


def test_the_first_and_the_last_day_count() -> None:
    span = [Period(date(2026, 1, 1), date(2027, 12, 31))]
    said = [
        status(span, [], day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2027, 12, 31), date(2028, 1, 1))
    ]
    assert said == [Status.NOT_YET, Status.VALID, Status.VALID, Status.EXPIRED]


def test_before_the_end_it_is_due_and_after_it_renewable_for_a_while() -> None:
    span = [period(date(2026, 1, 1), 729, renew=90, grace=60)]
    end = date(2027, 12, 31)
    said = {after: status(span, [], end + timedelta(days=after)) for after in (-91, -90, 0, 1, 60, 61)}
    assert said == {
        -91: Status.VALID,
        -90: Status.DUE,
        0: Status.DUE,
        1: Status.RENEWABLE,
        60: Status.RENEWABLE,
        61: Status.EXPIRED,
    }


def test_renewed_early_it_is_not_due_any_more_and_there_is_no_gap() -> None:
    first = period(date(2026, 1, 1), 729, renew=90, grace=60)
    both = [first, period(date(2028, 1, 1), 730, renew=90, grace=60)]
    assert {status(both, [], date(2027, 12, 1) + timedelta(days=n)) for n in range(300)} == {Status.VALID}


@given(histories, days)
def test_what_is_suspended_is_never_in_force_nor_renewable(
    history: tuple[list[Period], list[Change]], on: date
) -> None:
    spans, became = history
    halted = [*became, Change(ChangeKind.SUSPENDED, on)]
    said = status(spans, halted, on)
    assert not said.in_force
    assert said is not Status.RENEWABLE
    lifted = status(spans, [*halted, Change(ChangeKind.RESUMED, on)], on)
    assert lifted is not Status.SUSPENDED


@given(periods, st.integers(-3000, 3000))
def test_one_period_passes_its_states_in_their_order(span: Period, days_on: int) -> None:
    order = [Status.NOT_YET, Status.VALID, Status.DUE, Status.RENEWABLE, Status.EXPIRED]
    day = span.begins_on + timedelta(days=days_on)
    now, tomorrow = (status([span], [], one) for one in (day, day + timedelta(days=1)))
    assert order.index(now) <= order.index(tomorrow)


def test_a_suspension_ends_when_it_is_lifted() -> None:
    span = [Period(date(2026, 1, 1))]
    history = [Change(ChangeKind.SUSPENDED, date(2026, 3, 1)), Change(ChangeKind.RESUMED, date(2026, 4, 1))]
    assert [status(span, history, date(2026, month, 15)) for month in (2, 3, 4)] == [
        Status.VALID,
        Status.SUSPENDED,
        Status.VALID,
    ]


def test_the_last_day_is_the_eve_of_the_anniversary() -> None:
    assert last_day(date(2026, 11, 22), 2) == date(2028, 11, 21)
    assert last_day(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert last_day(date(2028, 2, 29), None) is None


def test_names_are_masked_for_strangers() -> None:
    shown = {"王小明": "王*明", "王明": "王*", "王": "王*", "欧阳小明": "欧**明", "𠮷喆䶮": "𠮷*䶮", "Ann Lee": "A* L*"}
    assert {name: masked(name) for name in shown} == shown


def test_the_same_name_is_known_however_it_is_written() -> None:
    assert same_name("阿依古丽·买买提", "阿依古丽 买买提")
    assert same_name("Ann Lee", "ann lee")
    assert not same_name("王小明", "王小红")
    assert not same_name("", "·")
