"""When something may go out: never in quiet hours, never before it was said, within two days."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.notifications.rules.kinds import How
from lms.notifications.rules.timing import AGAIN, Habits, again, due

ZONE = ZoneInfo("Asia/Shanghai")
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
habits = st.builds(Habits, times, times, times)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
hows = st.sampled_from([How.NOW, How.DAILY])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("said", "how", "goes"),
    [
        ("2026-11-22 12:00", How.NOW, "2026-11-22 12:00"),
        ("2026-11-22 21:59", How.NOW, "2026-11-22 21:59"),
        ("2026-11-22 22:00", How.NOW, "2026-11-23 07:00"),
        ("2026-11-23 06:59", How.NOW, "2026-11-23 07:00"),
        ("2026-11-23 07:00", How.NOW, "2026-11-23 07:00"),
        ("2026-11-22 12:00", How.DAILY, "2026-11-22 18:00"),
        ("2026-11-22 18:00", How.DAILY, "2026-11-22 18:00"),
        ("2026-11-22 18:01", How.DAILY, "2026-11-23 18:00"),
        ("2026-12-31 23:00", How.DAILY, "2027-01-01 18:00"),
    ],
)
def test_as_everybody_begins(said: str, how: How, goes: str) -> None:
    assert due(at(said), how, Habits(), ZONE) == at(goes)


def test_a_digest_in_quiet_hours_waits_for_their_end() -> None:
    night = Habits(time(20), time(8), time(22))
    assert due(at("2026-11-22 12:00"), How.DAILY, night, ZONE) == at("2026-11-23 08:00")


def test_the_same_hour_twice_is_never_quiet() -> None:
    never = Habits(time(0), time(0), time(18))
    assert due(at("2026-11-22 03:00"), How.NOW, never, ZONE) == at("2026-11-22 03:00")


@given(moments, hows, habits)
def test_never_before_never_quiet_never_late(moment: datetime, how: How, kept: Habits) -> None:
    goes = due(moment, how, kept, ZONE)
    assert moment <= goes <= moment + timedelta(days=2)
    assert not kept.quiet(goes.astimezone(ZONE).time())
    assert due(goes, How.NOW, kept, ZONE) == goes


@given(moments, moments, hows, habits)
def test_what_is_said_first_goes_first(one: datetime, other: datetime, how: How, kept: Habits) -> None:
    first, second = sorted((one, other))
    assert due(first, how, kept, ZONE) <= due(second, how, kept, ZONE)


@given(moments, habits)
def test_tries_come_later_and_later_and_end(moment: datetime, kept: Habits) -> None:
    tries = [again(moment, number, kept, ZONE) for number in range(1, len(AGAIN) + 2)]
    assert tries[-1] is None
    found = [one for one in tries if one is not None]
    assert found == sorted(found)
    assert all(moment < one and not kept.quiet(one.astimezone(ZONE).time()) for one in found)
