"""Rosters for tests and measurements: as many people as wanted, all of them with numbers that check."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import IO

from lms.people.formats.template import PEOPLE
from lms.people.rules.identity import check_character
from lms.people.rules.roster import CATEGORIES, COLUMNS
from lms.web.exports import Cell, Column, Sheet, workbook

HEADS = [heads[0] for heads in COLUMNS.values()]
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建国文斌志远春梅海燕晓东雪峰慧婷宇浩然"
_WORKING = ("general_practitioner", "village_doctor", "nurse", "specialist")


def identity_number(random_: random.Random, area: str = "530302") -> str:
    """A number that checks, of somebody between 22 and 60 in 2026."""
    born = date(1966, 1, 1) + timedelta(days=random_.randrange(38 * 365))
    digits = f"{area}{born:%Y%m%d}{random_.randrange(1, 1000):03}"
    return digits + check_character(digits)


def people(count: int, institutions: Sequence[str], seed: int = 1) -> list[list[Cell]]:
    """Rows in the order of the template; the same for the same seed."""
    random_ = random.Random(seed)
    seen: set[str] = set()
    rows: list[list[Cell]] = []
    while len(rows) < count:
        number = identity_number(random_)
        if number in seen:
            continue
        seen.add(number)
        rows.append(_row(random_, number, random_.choice(institutions), len(rows)))
    return rows


def _row(random_: random.Random, number: str, institution: str, serial: int) -> list[Cell]:
    name = random_.choice(_SURNAMES) + "".join(random_.choices(_GIVEN, k=random_.choice((1, 2, 2))))
    category = random_.choice(_WORKING)
    since = max(date(int(number[6:10]) + 24, 7, 1), date(1995, 7, 1))
    begins = min(since + timedelta(days=random_.randrange(3000)), date(2026, 6, 1))
    licence = f"1105303{random_.randrange(10**4):04}{serial:06}"
    phone = f"13{random_.randrange(10**9):09}"
    return [
        name,
        number,
        CATEGORIES[category][0],
        institution,
        random_.choice(("", "住院医师", "主治医师")),
        licence if category != "village_doctor" else "",
        phone,
        "",
        f"{begins:%Y-%m-%d}",
        f"{min(since, date(2026, 1, 1)):%Y-%m-%d}",
        "",
    ]


def excel(rows: Iterable[Sequence[Cell]], heads: Sequence[str] = HEADS, sheet: str = PEOPLE) -> bytes:
    """The rows as an .xlsx."""
    file: IO[bytes] = workbook([Sheet(sheet, [Column(head, text=True) for head in heads], rows)])
    with file:
        return file.read()
