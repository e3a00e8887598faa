"""What is exported and imported again is the same bank, in every format and for every kind."""

import io

import pytest
from hypothesis import given, settings

from assessments.bank.formats.document import Done, Entry, Read, plain
from assessments.bank.formats.known import FORMATS, MOST_BYTES, guess, read
from lms.web.intake import take
from tests.assessments.bank.formats.made import entries, no_child, one_of_each


def back(data: bytes, name: str, called: str = "") -> Read:
    """The file, through the door that every file comes through."""
    chosen = FORMATS[name]
    taken = take(io.BytesIO(data), called or f"x.{chosen.suffix}", kinds=chosen.kinds, most=MOST_BYTES)
    assert guess(taken).read is chosen.read
    return read(taken, name)


def told(entry: Entry) -> dict[str, object]:
    return plain(entry) | {"digest": entry.content.digest()}


@pytest.mark.parametrize("name", FORMATS)
@given(made=entries())
@settings(max_examples=40)
def test_a_bank_that_went_out_and_came_back_is_the_same_bank(name: str, made: list[Entry]) -> None:
    with no_child():
        found = back(FORMATS[name].write(made).data, name)
    same(name, made, found)


@pytest.mark.parametrize("name", FORMATS)
def test_one_of_every_kind_goes_through_the_child_that_can_open_nothing(name: str) -> None:
    made = one_of_each()
    same(name, made, back(FORMATS[name].write(made).data, name))


def same(name: str, made: list[Entry], found: Read) -> None:
    assert [told(one) for one in found.entries] == [told(one) for one in made]
    assert not [one for one in found.all_reports if one.done is not Done.LEFT_OUT or one.why != "picture_by_name"]
    if name not in ("xlsx", "csv", "gift"):
        assert [one.pictures for one in found.entries] == [one.pictures for one in made]
