"""What a verb tells becomes plain words: hashable, bounded, without secrets."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.audit.rules import plain, told
from lms.ledger.rules import canonical


class Colour(StrEnum):
    RED = "red"


class Size(Enum):
    LARGE = 3


class Row:
    __tablename__ = "institution"
    id = 7


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, None),
        (True, True),
        (12, 12),
        (2**53, str(2**53)),
        (-(2**60), str(-(2**60))),
        (1.5, "1.5"),
        (math.nan, "nan"),
        ("因病", "因病"),
        ("half \ud800 pair", "half ? pair"),
        ("x" * 2001, "x" * 2000 + "…"),
        (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, 8, tzinfo=UTC), "2026-11-22T08:00:00+00:00"),
        (timedelta(minutes=1.5), "90 s"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        (Size.LARGE, 3),
        ((1, "a"), [1, "a"]),
        ({"b", "a"}, ["a", "b"]),
        ({1: date(2026, 1, 1)}, {"1": "2026-01-01"}),
        (Row(), "institution 7"),
        (b"bytes", "<bytes>"),
        (SimpleNamespace(password="x"), "<SimpleNamespace>"),
        (list(range(203)), [*range(200), "+3"]),
    ],
)
def test_a_value_in_plain_words(value: object, said: object) -> None:
    assert plain(value) == said


def test_secrets_are_never_spelt_out() -> None:
    words = told(
        {"password": "hunter2", "Token": "abc", "identity_number": "5303", "inner": {"secret": 1}, "name": "王"}
    )
    assert words == {"password": "…", "Token": "…", "identity_number": "…", "inner": {"secret": "…"}, "name": "王"}


def test_what_is_nested_without_end_stops() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert "<list>" in str(plain(endless))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates() | st.decimals(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4) | st.tuples(inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), anything, max_size=5))
def test_whatever_a_verb_tells_can_be_hashed(words: dict[str, object]) -> None:
    assert canonical(told(words))
