"""Names of segments, gaps between them, and what a number of days still needs."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.postgres.backup_wal import Segments, position, useless, written

MEGABYTE = 1 << 20
segments = st.builds(Segments, st.integers(1, 2**32 - 1), st.sampled_from([MEGABYTE, 16 * MEGABYTE, 64 * MEGABYTE]))
numbers = st.integers(0, 2**26)
moments = st.integers(0, 1000).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours))


def test_a_name_is_the_one_postgresql_gives() -> None:
    assert Segments(1, 16 * MEGABYTE).name(position("16/B374D848") // (16 * MEGABYTE)) == "0000000100000016000000B3"


@given(segments, numbers)
def test_a_name_leads_back_to_its_number_and_names_follow_their_numbers(cut: Segments, number: int) -> None:
    assert cut.number(cut.name(number)) == number
    assert cut.number(cut.name(number) + ".partial") == number
    assert cut.name(number) < cut.name(number + 1)


@given(segments, numbers)
def test_another_timeline_and_other_files_are_no_segments_of_ours(cut: Segments, number: int) -> None:
    other = Segments(cut.timeline % (2**32 - 1) + 1, cut.size)
    assert cut.number(other.name(number)) is None
    assert cut.number("00000002.history") is None


@given(st.integers(0, 2**63 - 1))
def test_a_place_is_read_as_it_is_written(place: int) -> None:
    assert position(written(place)) == place


@given(segments, st.integers(0, 5000), st.integers(0, 40), st.data())
def test_every_gap_is_named_and_nothing_else(cut: Segments, first: int, length: int, data: st.DataObject) -> None:
    wanted = list(range(first, first + length + 1))
    gone = set(data.draw(st.lists(st.sampled_from(wanted), unique=True)))
    there = [cut.name(number) for number in range(first + length + 3) if number not in gone]
    assert cut.missing(there, first, wanted[-1]) == [cut.name(number) for number in sorted(gone)]


@given(segments, st.integers(1, 2**40))
def test_a_reader_needs_the_segment_before_a_place_that_begins_one(cut: Segments, place: int) -> None:
    number = cut.holding(place)
    assert number * cut.size < place <= (number + 1) * cut.size


@given(st.lists(moments, unique=True), moments, moments)
def test_every_moment_that_is_promised_keeps_its_newest_backup(
    ended: list[datetime], since: datetime, moment: datetime
) -> None:
    kept = set(ended) - set(useless(ended, since))
    newest = max((one for one in ended if one <= moment), default=None)
    if moment >= since and newest is not None:
        assert newest in kept
    assert len([one for one in kept if one <= since]) <= 1
