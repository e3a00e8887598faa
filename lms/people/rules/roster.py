"""One row of a roster: from what a clerk typed to what was meant, or what is wrong with it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms.people.rules import accounts, identity

Typed = str | int | float | bool | date | None

#: The columns in the order of the template, with the other heads under which they are found.
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "人员姓名", "医师姓名", "医生姓名", "名字", "name", "full name"),
    "identity_number": (
        "身份证号",
        "身份证",
        "身份证号码",
        "证件号",
        "证件号码",
        "公民身份号码",
        "identity number",
        "id number",
    ),
    "category": ("类别", "人员类别", "岗位类别", "专业类别", "category"),
    "institution": (
        "机构",
        "机构名称",
        "机构编码",
        "机构名称或编码",
        "机构(名称或编码)",
        "单位",
        "工作单位",
        "所在单位",
        "所在机构",
        "institution",
    ),
    "title": ("职务", "职称", "岗位", "职务名称", "title", "post"),
    "licence_number": (
        "执业证书号",
        "执业证号",
        "执业证书编号",
        "医师执业证书编码",
        "执业证书编码",
        "资格证书号",
        "licence number",
        "license number",
    ),
    "phone": ("手机号", "手机", "手机号码", "电话", "联系电话", "phone", "mobile"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail"),
    "begins_on": ("入职日期", "入职时间", "到岗日期", "任职日期", "到岗时间", "begins on", "start date"),
    "practising_since": ("执业起始日期", "执业开始日期", "执业日期", "执业起始时间", "practising since"),
    "account": ("账号", "帐号", "登录名", "用户名", "登录账号", "account"),
}
REQUIRED = ("name", "identity_number", "category", "institution")
DATES = frozenset({"begins_on", "practising_since"})
SECRETS = frozenset({"identity_number", "licence_number", "phone"})
CATEGORIES: dict[str, tuple[str, ...]] = {
    "general_practitioner": ("全科医生", "全科医师", "全科", "助理全科医生", "general practitioner", "gp"),
    "village_doctor": ("乡村医生", "村医", "乡村医师", "village doctor"),
    "nurse": ("护士", "护师", "护理", "护理人员", "nurse"),
    "specialist": ("专科医生", "专科医师", "专科", "specialist"),
    "administrator": ("管理人员", "行政管理人员", "行政人员", "行政", "管理", "administrator"),
}
_BY_HEAD = {head: name for name, heads in COLUMNS.items() for head in heads}
_BY_CATEGORY = {word: name for name, words in CATEGORIES.items() for word in (*words, name)}
_HAN = "㐀-鿿豈-﫿\U00020000-\U0003ffff"
_NAME = re.compile(rf"[{_HAN}A-Za-zÀ-ɏ·.' -]{{2,40}}")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}\d{7,8}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+")
_LICENCE = re.compile(r"[A-Z0-9]{6,30}")
#: Excel keeps fifteen digits of a number.
_EXACT = 10**15


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `code` is put into words by the formats, `column` is a name of COLUMNS."""

    code: str
    column: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One person as a row of the roster means them; None where nothing was written."""

    sheet: str
    row: int
    name: str
    identity_number: str
    category: str
    institution: str
    title: str | None = None
    licence_number: str | None = None
    phone: str | None = None
    email: str | None = None
    begins_on: date | None = None
    practising_since: date | None = None
    account: str | None = None


@dataclass(frozen=True)
class Row:
    """One row as it was typed, and what the reader already found wrong with its cells."""

    sheet: str
    number: int
    typed: Mapping[str, Typed]
    problems: tuple[Problem, ...] = ()
    #: Letters of the spreadsheet's columns, by name of ours.
    letters: Mapping[str, str] = field(default_factory=dict)


def head(text: str) -> str | None:
    """The column that a head of a table means, or None."""
    plain = re.sub(r"[\s*＊:：]+", "", unicodedata.normalize("NFKC", text)).lower()
    spaced = unicodedata.normalize("NFKC", text).strip(" *:").lower()
    without = re.sub(r"\((可空|选填|必填|可选)\)$", "", plain)
    return _BY_HEAD.get(plain) or _BY_HEAD.get(spaced) or _BY_HEAD.get(without)


def understand(row: Row, today: date) -> tuple[Entry, list[Problem]]:
    """What a row means, and everything that is wrong with it."""
    problems = list(row.problems)
    broken = {one.column for one in problems}
    values: dict[str, Any] = {}
    for column in COLUMNS:
        if column in broken:
            values[column] = None if column not in REQUIRED else ""
            continue
        try:
            values[column] = _READERS[column](row.typed.get(column))
        except _Wrong as wrong:
            problems.append(Problem(wrong.code, column, wrong.said))
            values[column] = None if column not in REQUIRED else ""
    problems += _together(values, today)
    return Entry(sheet=row.sheet, row=row.number, **values), problems


def _together(values: Mapping[str, Any], today: date) -> list[Problem]:
    """What only shows when cells are looked at beside each other, or beside the calendar."""
    found = []
    number = values["identity_number"]
    wrong = identity.wrong(number, today) if number else None
    if wrong is not None:
        found.append(Problem(wrong.value, "identity_number"))
    birth = identity.born(number) if number and wrong is None else None
    for column in sorted(DATES):
        day = values[column]
        if day is None:
            continue
        if day > today:
            found.append(Problem("date_in_future", column))
        elif day.year < 1930 or (birth is not None and day.year < birth.year + 14):
            found.append(Problem("date_too_early", column))
    return found


class _Wrong(ValueError):
    def __init__(self, code: str, **said: str) -> None:
        super().__init__(code)
        self.code, self.said = code, said


def _text(typed: Typed) -> str:
    """What stands in a cell, as text without the traces of input methods; blank is blank."""
    if typed is None:
        return ""
    if isinstance(typed, bool | date):
        raise _Wrong("not_text")
    if isinstance(typed, int | float):
        if abs(typed) >= _EXACT:
            raise _Wrong("digits_lost")
        return str(int(typed)) if typed == int(typed) else str(typed)
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", typed)).strip(" \u200b\ufeff'")


def _required(text: str) -> str:
    if not text:
        raise _Wrong("missing")
    return text


def _name(typed: Typed) -> str:
    text = re.sub(r"[•・．‧∙]", "·", _required(_text(typed)))
    text = re.sub(rf"(?<=[{_HAN}]) +(?=[{_HAN}])", "", text)
    if not _NAME.fullmatch(text):
        raise _Wrong("wrong_name")
    return text


def _identity(typed: Typed) -> str:
    return identity.normal(_required(_text(typed)))


def _category(typed: Typed) -> str:
    text = _required(_text(typed))
    found = _BY_CATEGORY.get(text.lower())
    if found is None:
        raise _Wrong("wrong_category", typed=text[:20], known="、".join(words[0] for words in CATEGORIES.values()))
    return found


def _institution(typed: Typed) -> str:
    return _required(_text(typed))[:120]


def _title(typed: Typed) -> str | None:
    text = _text(typed)
    if len(text) > 80:
        raise _Wrong("too_long")
    return text or None


def _shaped(shape: re.Pattern[str], code: str, *, without: str = r"\s", upper: bool = False) -> Any:
    def read(typed: Typed) -> str | None:
        text = re.sub(without, "", _text(typed))
        text = text.upper() if upper else text
        if not text:
            return None
        if re.fullmatch(r"\d([.]\d+)?[eE][+]?[12]\d", text):
            raise _Wrong("digits_lost")
        if not (text.isascii() and shape.fullmatch(text)):
            raise _Wrong(code)
        return text

    return read


def _day(typed: Typed) -> date | None:
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return None
    if not isinstance(typed, date):
        raise _Wrong("wrong_date")
    return typed


def _account(typed: Typed) -> str | None:
    text = accounts.normal(_text(typed))
    if text and not accounts.well_formed(text):
        raise _Wrong("wrong_account")
    return text or None


_READERS: dict[str, Any] = {
    "name": _name,
    "identity_number": _identity,
    "category": _category,
    "institution": _institution,
    "title": _title,
    "licence_number": _shaped(_LICENCE, "wrong_licence", without=r"[\s-]", upper=True),
    "phone": _shaped(_PHONE, "wrong_phone", without=r"^\+?86|[\s-]"),
    "email": _shaped(_EMAIL, "wrong_email"),
    "begins_on": _day,
    "practising_since": _day,
    "account": _account,
}
