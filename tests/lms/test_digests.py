"""The canonical form of plain values is rfc8785's, whichever way it is written."""

import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lms.digests import canonical, digest

_KEYS = st.text(max_size=6)
_ONES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False) | st.text()
_VALUES = st.recursive(_ONES, lambda some: st.lists(some, max_size=4) | st.dictionaries(_KEYS, some, max_size=4))


@given(_VALUES)
def test_it_is_the_form_of_the_standard(value: object) -> None:
    try:
        wanted = rfc8785.dumps(value)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as refused:
        with pytest.raises(type(refused)):
            canonical(value)
        return
    assert canonical(value) == wanted


@pytest.mark.parametrize(
    "value",
    [
        {"\ue000": 1, "\U00010000": 2},  # ordered by UTF-16, not by letters
        {"a": '\x00\x1f\x7f\u2028"\\/'},
        {"b": 1, "a": [True, None, (1, 2)], "": {}},
        [1.0, 1e21, -0.0],
    ],
)
def test_where_the_two_could_differ(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [math.nan, 2**53, {1: 2}, object(), {"a": {3}}])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(Exception) as ours:
        digest(value)
    with pytest.raises(ours.type):
        rfc8785.dumps(value)  # type: ignore[arg-type]
