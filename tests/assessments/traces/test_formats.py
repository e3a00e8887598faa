"""Files of manikins: every usual way of writing the same trace, and every way of not being one."""

import io
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.traces import formats
from assessments.traces.formats import MOST_ROWS, Read, let_in, read
from assessments.traces.rules.synthetic import Person, csv_of, trace_of
from lms.errors import Invalid, Refused, TooLarge

PERSON = Person(compressions=20, hertz=20)
TRACE = trace_of(PERSON)


@pytest.fixture(autouse=True)
def _in_words(app: Flask) -> object:
    """Refusals are said in words of the catalogues."""
    with app.app_context():
        yield


def text_of(
    head: Sequence[str], separator: str = ",", seconds: float = 1, depth: float = 1, comma: bool = False
) -> str:
    rows = [separator.join(head)]
    for at, deep in zip(TRACE.seconds, TRACE.depth, strict=True):
        row = separator.join([f"{at * seconds:.4f}", f"{deep * depth:.4f}"])
        rows.append(row.replace(".", ",") if comma else row)
    return "\n".join(rows)


def same(found: Read) -> None:
    assert found.trace.seconds == pytest.approx(TRACE.seconds, abs=1e-3)
    assert found.trace.depth == pytest.approx(TRACE.depth, abs=0.01)


@pytest.mark.parametrize(
    "data",
    [
        csv_of(TRACE).encode(),
        b"\xef\xbb\xbf" + csv_of(TRACE).encode(),
        text_of(("time (ms)", "depth (cm)"), seconds=1000, depth=0.1).encode(),
        text_of(("time_ms", "compression depth"), "\t", seconds=1000).encode(),
        text_of(("Time", "Depth[mm]"), ";", comma=True).encode(),
        text_of(("时间（毫秒）", "按压深度（厘米）"), ";", seconds=1000, depth=0.1, comma=True).encode("gb18030"),
        text_of(("时间(s)", "深度(mm)"), "\t", comma=True).encode("utf-16"),
        ("Device;X1\nSession;7\n\n" + text_of(("Elapsed time", "Depth"), ";")).encode(),
        text_of(("time", "depth")).replace("\n", ",\n").replace("depth,\n", "depth\n").encode(),
    ],
)
def test_every_usual_way_of_writing_is_read(data: bytes) -> None:
    same(read(data))


def test_other_columns_are_left_aside_and_their_order_does_not_matter() -> None:
    lines = text_of(("depth", "time")).splitlines()
    rows = ["volume,depth,force,time_s"]
    rows += [f"500,{line.split(',')[1]},=A1,{line.split(',')[0]}" for line in lines[1:]]
    same(read("\n".join(rows).encode()))


def test_the_same_numbers_are_the_same_trace_however_they_are_written() -> None:
    ways = [csv_of(TRACE).encode(), text_of(("time (ms)", "depth (cm)"), ";", seconds=1000, depth=0.1).encode()]
    assert len({read(data).digest for data in ways}) == 1
    other = trace_of(Person(compressions=20, hertz=20, depth=54))
    assert read(csv_of(other).encode()).digest != read(ways[0]).digest


def rows(*lines: str) -> bytes:
    return "\n".join(("time_s,depth_mm", *lines)).encode()


@pytest.mark.parametrize(
    ("data", "row", "column"),
    [
        (rows("0,0", "0.1,NaN"), 3, "depth_mm"),
        (rows("0,0", "nan,1"), 3, "time_s"),
        (rows("0,0", "0.1,inf"), 3, "depth_mm"),
        (rows("0,0", "0.1,1e309"), 3, "depth_mm"),
        (rows("-0.1,0", "0.1,1"), 2, "time_s"),
        (rows("0,0", "0.2,1", "0.1,0"), 4, "time_s"),
        (rows("0,0", "0,1"), 3, "time_s"),
        (rows("0,0", "0.1,250"), 3, "depth_mm"),
        (rows("0,0", "0.1,-40"), 3, "depth_mm"),
        (rows("0,0", "0.1,"), 3, "depth_mm"),
        (rows("0,0", "0.1,=B2+1"), 3, "depth_mm"),
        (rows("0,0", "0.1,1_0"), 3, "depth_mm"),
        (rows("0,0", "0.1,0x10"), 3, "depth_mm"),
        (rows("0,0", "0.1,٣"), 3, "depth_mm"),
        (rows("0,0", "0.1,1,5"), 3, None),
        (rows("0,0", "0,1,1,5"), 3, None),
        (rows("0,0", '0.1,"5'), None, None),
        (b"a,b\n1,2\n", 1, None),
        (b"1,2\n3,4\n", 1, None),
        (b"time,time (ms),depth\n1,1,1\n", 1, None),
        (b"time (min),depth\n1,1\n", 1, None),
        (b"time,depth (inch)\n1,1\n", 1, None),
    ],
)
def test_a_fault_is_refused_with_row_and_column(data: bytes, row: int | None, column: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        read(data)
    if row is not None:
        assert refused.value.where["row"] == row
    assert refused.value.where.get("column") == column
    if column:
        assert column in str(refused.value)
        assert str(row) in str(refused.value)


def test_swapped_columns_are_named_as_such() -> None:
    swapped = [f"{depth},{at}" for at, depth in zip(TRACE.seconds, TRACE.depth, strict=True)]
    with pytest.raises(Invalid, match="对调"):
        read(rows(*swapped))


def test_milliseconds_without_a_unit_are_not_guessed() -> None:
    with pytest.raises(Invalid, match="time_ms"):
        read(text_of(("time", "depth"), seconds=1_000_000).encode())


@pytest.mark.parametrize("data", [b"", b"\n\n", b"time,depth\n", b"time,depth\n,\n"])
def test_nothing_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read(data)


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02" * 9, b"PK\x03\x04broken", b"\x89PNG\r\n\x1a\n....", b"%PDF-1.7", b"<html></html>", b""]
)
def test_what_is_no_text_does_not_come_in(data: bytes) -> None:
    with pytest.raises(Refused):
        let_in(io.BytesIO(data), "run.csv")


def test_a_workbook_is_refused_with_what_to_do() -> None:
    from lms.web.exports import Column, Sheet, workbook

    with (
        workbook([Sheet("a", [Column("time"), Column("depth")], [(1, 2)])]) as file,
        pytest.raises(Invalid, match="CSV"),
    ):
        let_in(file, "run.csv")


def test_the_largest_trace_is_taken_and_one_row_more_is_not() -> None:
    lines = [f"{number / 100:.2f},{number % 50}" for number in range(MOST_ROWS)]
    assert read(rows(*lines)).readings == MOST_ROWS
    with pytest.raises(TooLarge, match=str(MOST_ROWS)):
        read(rows(*lines, f"{MOST_ROWS},1"))


def test_a_file_that_is_too_large_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MOST_BYTES", 1 << 20)
    with pytest.raises(TooLarge):
        let_in(io.BytesIO(b"1,2\n" * (1 << 19)), "run.csv")


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"time,depth\n{text}".encode())))
def test_anything_is_a_trace_or_is_refused(data: bytes) -> None:
    found = None
    with suppress(Refused):
        found = read(data)
    assert found is None or np.isfinite([*found.trace.seconds, *found.trace.depth]).all()
