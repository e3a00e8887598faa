"""Exports: what people typed stays text."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import python_calamine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.web import exports
from lms.web.exports import Column, Sheet, harmless, workbook

EVIL = ["=1+1", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1+1", "＠x"]


@pytest.mark.parametrize("text", EVIL)
def test_nothing_becomes_a_formula_in_csv(text: str) -> None:
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["王小明", "-3.5", "+8613912345678", "a=b", "", "2026-01-01"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.text(max_size=50))
def test_no_text_opens_with_a_sign_of_a_formula(text: str) -> None:
    shown = harmless(text)
    first = shown.lstrip()[:1]
    assert first not in {"=", "@"}
    assert first not in {"+", "-"} or shown.lstrip()[1:].replace(".", "", 1).isdigit()


def test_csv_is_read_back_as_it_was(app: Flask) -> None:
    with app.test_request_context():
        text = "".join(
            exports.csv_lines(["名称", "数"], [['a,"b"\n', 3], [None, Decimal("1.50")], [True, date(2026, 1, 2)]])
        )
    assert text[0] == "\ufeff"
    assert list(csv.reader(io.StringIO(text[1:], newline=""))) == [
        ["名称", "数"],
        ['a,"b"\n', "3"],
        ["", "1.50"],
        ["是", "2026-01-02"],
    ]


def test_excel_keeps_text_as_text_numbers_as_numbers_and_days_as_days(app: Flask) -> None:
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    rows = [["=1+1", 5, date(2026, 1, 2), moment, "530302198503154212", 530302198503154212, None, "a\x00b"]]
    with app.test_request_context():
        file = workbook([Sheet("a/b:[c]" * 9, [Column(str(n)) for n in range(8)], rows)])
    book = python_calamine.CalamineWorkbook.from_filelike(file)
    assert len(book.sheet_names[0]) <= 31
    (_head, row) = book.get_sheet_by_index(0).to_python()
    assert row[0] == "=1+1"
    assert row[1] == 5
    assert row[2] == date(2026, 1, 2)
    assert row[3] == datetime(2026, 1, 2, 11, 4)
    assert row[4:] == ["530302198503154212", "530302198503154212", "", "ab"]
    with file, zipfile.ZipFile(file) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_file_is_named_in_chinese_and_in_ascii(app: Flask) -> None:
    with app.test_request_context("/?export=csv"):
        assert exports.wanted() == "csv"
        answer = exports.answer("csv", '人员"名单', ["a"], [["b"]])
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        said = answer.headers["Content-Disposition"]
        assert said.isascii()
        assert "%E4%BA%BA%E5%91%98%22" in said
        assert answer.get_data(as_text=True).splitlines()[1] == "b"
    with app.test_request_context("/?export=exe"), pytest.raises(Invalid):
        exports.wanted()
    with app.test_request_context("/"):
        assert exports.wanted() is None


@given(st.one_of(st.text(max_size=12), st.sampled_from(["=1", "'=1", "''=1", "-5", "'-5", "'x", "＝1", " =1", "'"])))
def test_what_was_made_harmless_can_be_read_as_it_was(text: str) -> None:
    assert exports.unharmed(exports.harmless(text)) == exports.shown(text)
