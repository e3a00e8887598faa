"""Identity numbers: the check character after GB 11643, and every usual way of writing one."""

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.people.rules.identity import Wrong, born, check_character, masked, normal, wrong

TODAY = date(2026, 11, 22)
BIRTHS = st.dates(date(1900, 1, 1), TODAY)
FIRST_17 = st.builds(
    lambda area, birth, serial: f"{area}{birth:%Y%m%d}{serial:03}",
    st.integers(110000, 699999),
    BIRTHS,
    st.integers(0, 999),
)
NUMBERS = FIRST_17.map(lambda digits: digits + check_character(digits))


def test_published_examples() -> None:
    # the examples of GB 11643-1999, annex A
    assert check_character("11010519491231002") == "X"
    assert check_character("44052418800101001") == "4"


@given(NUMBERS)
def test_a_number_that_checks_is_accepted_however_it_is_written(number: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    spaced = f" {number[:6]} {number[6:14]} {number[14:].lower()}\u3000"
    for written in (number, wide, spaced, f"'{number}", unicodedata.normalize("NFKD", wide)):
        assert normal(written) == number
        assert wrong(normal(written), TODAY) is None


@given(NUMBERS, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(number: str, place: int, more: int) -> None:
    digit = str((int(number[place]) + more) % 10)
    assert wrong(number[:place] + digit + number[place + 1 :], TODAY) is not None


@given(NUMBERS, st.integers(0, 15))
def test_two_neighbours_swapped_are_always_seen(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or wrong(swapped, TODAY) is not None


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    found = wrong(normal(text), TODAY)
    assert found is None or isinstance(found, Wrong)


@given(NUMBERS)
def test_the_day_of_birth_is_read(number: str) -> None:
    birth = born(number)
    assert birth is not None
    assert f"{birth:%Y%m%d}" == number[6:14]
    assert wrong(number, birth - timedelta(days=1)) is Wrong.BIRTH


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("530302850315421", Wrong.OLD),
        ("5.30302198503154E+17", Wrong.DIGITS_LOST),
        ("530302198503154000", Wrong.DIGITS_LOST),
        ("530302198513154218", Wrong.BIRTH),
        ("530302188503154218", Wrong.BIRTH),
        ("030302198503154218", Wrong.SHAPE),
        ("53030219850315421", Wrong.SHAPE),
        ("53030219850315421Y", Wrong.SHAPE),
        ("٥٣٠٣٠٢١٩٨٥٠٣١٥٤٢١٢", Wrong.SHAPE),
        ("", Wrong.SHAPE),
    ],
)
def test_what_is_wrong_is_told_apart(number: str, reason: Wrong) -> None:
    assert wrong(number, TODAY) is reason


@given(st.text(max_size=30))
def test_a_mask_shows_at_most_seven_characters(secret: str) -> None:
    shown = masked(secret)
    assert len(shown) == len(secret)
    assert sum(c != "*" for c in shown) <= 7 or "*" in secret


def test_a_mask_of_a_number() -> None:
    assert masked("530302198503154212") == "530***********4212"
    assert masked("12345678") == "********"
    assert masked(None) == ""
