"""A key in one field: what is written can be read again, and what people type is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.bank.rules.kinds import Kind
from assessments.exams.rules.keytext import read, written
from tests.assessments.exams.strategies import KEYS


@given(st.sampled_from(list(Kind)), st.data())
def test_what_is_written_is_read_again(kind, data):
    key = data.draw(KEYS[kind])
    assert read(kind, written(kind, key)) == key


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        ("single", "c", ["C"]),
        ("multiple", "a，c", ["A", "C"]),
        ("multiple", "AC", ["A", "C"]),
        ("multiple", "  ", None),
        ("matching", "1=c 2＝A", {"pairs": {"1": "C", "2": "A"}}),
        ("matching", "1=A 1=B", None),
        ("matching", "1", None),
        ("ordering", "cab", {"order": ["C", "A", "B"]}),
        ("ordering", "", None),
        ("short", "房颤\n心房颤动 = 1/2\n\n", {"accepted": {"房颤": "1", "心房颤动": "1/2"}}),
        ("short", "FEV1 = low", {"accepted": {"FEV1 = low": "1"}}),
        ("short", "\n", None),
        ("numeric", "12.5 ± 0.5 mmHg / 毫米汞柱", {"value": "12.5", "tolerance": "0.5", "units": ["mmHg", "毫米汞柱"]}),
        ("numeric", "12.5 +- 0.5", {"value": "12.5", "tolerance": "0.5"}),
        ("numeric", "12", {"value": "12", "tolerance": "0"}),
        ("numeric", "", None),
        ("hotspot", "circle 1 2 3\nrect 0 0 9 9", {"areas": [{"circle": [1, 2, 3]}, {"rect": [0, 0, 9, 9]}]}),
        ("hotspot", "polygon 0 0 9 0 9 9", {"areas": [{"polygon": [[0, 0], [9, 0], [9, 9]]}]}),
        ("hotspot", "polygon 0 0 9", None),
        ("hotspot", "circle a b", None),
        ("hotspot", "circle", None),
    ],
)
def test_what_people_type(kind, text, key):
    assert read(kind, text) == key


@given(st.sampled_from(list(Kind)), st.text(max_size=40))
def test_nothing_that_is_typed_breaks_it(kind, text):
    read(kind, text)
