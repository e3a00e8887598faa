"""A row of a roster, files made of it, and what was refused of them."""

import io
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import xlsxwriter
from sqlalchemy import orm

from lms.people.formats.plans import Line
from lms.people.formats.roster import KINDS
from lms.people.rules.planning import Plan
from lms.web.intake import Taken, take
from tests.factories.roster import people

TOWNSHIP, CLINIC, NEIGHBOUR = "530302002", "530302003", "530303002"


def taken(data: bytes, name: str = "名册.xlsx") -> Taken:
    return take(io.BytesIO(data), name, kinds=KINDS, most=10 << 20)


Import = Callable[..., tuple[Plan, list[Line]]]


def count(session: orm.Session, model: Any) -> int:
    session.expire_all()
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def refusals(shown: list[Line]) -> list[tuple[str, str]]:
    return [(cell, code) for line in shown for cell, code, *_rest in line.problems]


ROW = people(1, [TOWNSHIP], seed=5)[0]
NUMBER = str(ROW[1])


def in_cells(cells: dict[str, Any], merged: str = "", formula: str = "") -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet("名册")
    for at, value in cells.items():
        page.write(at, value)
    if merged:
        page.merge_range(merged, "基本信息")
    if formula:
        page.write_formula(formula, '="a"&"b"', None, "ab")
    book.close()
    return file.getvalue()
