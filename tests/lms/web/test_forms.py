"""Fields take what people really type, and say what is wrong with the rest."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms.validators import InputRequired, Length

from lms.web import forms


@pytest.mark.parametrize(
    "typed",
    ["2026-11-22", "2026/11/22", "2026.11.22", "2026年11月22日", "2026年11月22号",
     "２０２６年１１月２２日", " 20261122 ", "2026 年 11 月 22 日", "2026－11－22", "２０２６／１１／２２"],
)  # fmt: skip
def test_a_day_as_people_write_it(typed: str) -> None:
    assert forms.read_day(typed) == date(2026, 11, 22)


@pytest.mark.parametrize(
    "typed", ["", "2026-02-29", "2026-13-01", "22-11-2026", "11月22日", "2026-11", "0000-01-01", "x"]
)
def test_what_is_no_day(typed: str) -> None:
    assert forms.read_day(typed) is None


@given(st.dates())
def test_every_day_is_read_back(day: date) -> None:
    assert forms.read_day(day.isoformat()) == forms.read_day(f"{day.year:04d}年{day.month}月{day.day}日") == day


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    forms.read_day(text)
    forms.read_moment(text)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-22 14:30",
        "2026-11-22T14:30",
        "2026年11月22日 14时30分",
        "2026年11月22日14：30",
        "２０２６/11/22　14:30",
    ],
)
def test_a_moment_is_local(typed: str) -> None:
    assert forms.read_moment(typed) == datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def test_a_whole_hour_may_be_short() -> None:
    assert forms.read_moment("2026年11月22日 14时") == datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed", ["", "2026-11-22", "14:30", "2026-11-22 24:01", "2026-11-22 14:60", "2026-11-31 10:00"]
)
def test_what_is_no_moment(typed: str) -> None:
    assert forms.read_moment(typed) is None


class Sheet(forms.Form):
    """Every field of ours."""

    name = forms.TextField("Name", [InputRequired(), Length(max=4)])
    note = forms.LongTextField("Note")
    day = forms.DateField("Day")
    at = forms.MomentField("At")
    count = forms.WholeNumberField("Count")
    hours = forms.DecimalField("Hours")
    some = forms.ChoicesField("Some", choices=forms.options([("a", "A"), ("b", "B")]))
    one = forms.PickField("One", choices=forms.options([(7, "seven"), (8, "eight")]))


def filled(app: Flask, language: str = "zh-CN", **data: Any) -> Sheet:
    with app.test_request_context("/", method="POST", headers={"Accept-Language": language}):
        form = Sheet(MultiDict(data), meta={"csrf": False})
        form.validate()
        for field in form:
            field()
        return form


def test_clean_values_come_out(shown: Flask) -> None:
    form = filled(
        shown,
        name=" 李咏梅 ",
        note=" a\r\nb ",
        day="2026年1月2日",
        at="2026-01-02 08:00",
        count="１２",
        hours="１．５",
        some="b",
        one="8",
    )
    assert form.errors == {}
    assert form.data == {
        "name": "李咏梅",
        "note": "a\nb",
        "day": date(2026, 1, 2),
        "at": datetime(2026, 1, 2, 0, 0, tzinfo=UTC),
        "count": 12,
        "hours": Decimal("1.5"),
        "some": ["b"],
        "one": 8,
    }


def test_nothing_typed_is_nothing(shown: Flask) -> None:
    form = filled(shown, name="x", note="  ", day=" ", at="", count="", hours="")
    assert form.errors == {}
    assert [form[n].data for n in ("note", "day", "at", "count", "hours")] == [None] * 5


@pytest.mark.parametrize("typed", ["1e9", "NaN", "Infinity", "1,5", "1.", "-", "9" * 40, "一"])
def test_numbers_are_digits(shown: Flask, typed: str) -> None:
    form = filled(shown, name="x", hours=typed, count=typed)
    assert set(form.errors) == {"hours", "count"}
    assert form.hours.data is None
    assert form.hours._value() == typed


@pytest.mark.parametrize(
    ("language", "required", "long", "choice"),
    [
        ("zh-CN", "此项必填。", "最多 4 个字。", "没有“z”这个选项。"),
        ("en", "This field is required.", "Field cannot be longer than 4 characters.", "'z' is not a valid choice"),
    ],
)
def test_wtforms_speaks_the_reader_s_language(
    shown: Flask, language: str, required: str, long: str, choice: str
) -> None:
    assert filled(shown, language).errors["name"] == [required]
    form = filled(shown, language, name="12345", some="z")
    assert form.errors["name"] == [long]
    assert form.errors["some"][0].startswith(choice)


def test_stored_values_are_shown_as_written(shown: Flask) -> None:
    with shown.test_request_context("/"):
        form = Sheet(day=date(2026, 1, 2), at=datetime(2026, 1, 2, 0, 5, tzinfo=UTC), count=0, hours=Decimal("1.50"))
        assert [form[n]._value() for n in ("day", "at", "count", "hours")] == [
            "2026-01-02",
            "2026-01-02 08:05",
            "0",
            "1.50",
        ]


def test_a_form_is_not_taken_without_its_token(shown: Flask) -> None:
    with shown.test_request_context("/", method="POST"):
        form = Sheet(MultiDict({"name": "x"}))
        assert not form.validate()
        assert "csrf_token" in form.errors


class Picked(forms.Form):
    """A list from which somebody must choose."""

    one = forms.PickField("One", [InputRequired()], choices=forms.options([(7, "seven"), (8, "eight")]))


@pytest.mark.parametrize(("sent", "data"), [("", None), ("7", 7), ("9", 9), ("x", None)])
def test_what_stands_first_in_a_list_is_chosen_by_nobody(shown: Flask, sent: str, data: int | None) -> None:
    with shown.test_request_context("/", method="POST"):
        fresh = Picked(meta={"csrf": False})
        assert fresh.one.data is None
        assert '<option selected value="">请选择</option>' in fresh.one()
        form = Picked(MultiDict({"one": sent}), meta={"csrf": False})
        assert form.validate() is (sent == "7")
        assert form.one.data == data
