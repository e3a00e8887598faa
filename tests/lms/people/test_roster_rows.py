"""Rows of a roster: what is wrong is named by cell, what was meant is understood, nobody is taken over."""

import io
import unicodedata
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
import xlsxwriter
from sqlalchemy import orm

from lms.db import db
from lms.people.formats.words import is_said
from lms.people.models import Person
from lms.people.queries.roster import identity_index
from lms.people.services.register import deactivate
from tests.conftest import As
from tests.factories.roster import HEADS, excel, people
from tests.factories.world import World
from tests.lms.people.rosters import CLINIC, NEIGHBOUR, NUMBER, ROW, TOWNSHIP, Import, refusals

WRONG_CHECK = NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1")


@pytest.mark.parametrize(
    ("column", "typed", "cell", "code"),
    [
        (0, "", "A2", "missing"),
        (0, "王小明2", "A2", "wrong_name"),
        (1, WRONG_CHECK, "B2", "identity_check"),
        (1, "530302850315421", "B2", "identity_old"),
        (1, "5303021985031", "B2", "identity_shape"),
        (1, "530302198502304218", "B2", "identity_birth"),
        (1, "530302198503154000", "B2", "digits_lost"),
        (1, "5.30302E+17", "B2", "digits_lost"),
        (2, "牙医", "C2", "wrong_category"),
        (3, "没有的卫生院", "D2", "unknown_institution"),
        (3, NEIGHBOUR, "D2", "unknown_institution"),
        (3, "b镇卫生院（演示）", "D2", "unknown_institution"),
        (5, "执业/123", "F2", "wrong_licence"),
        (6, "12345", "G2", "wrong_phone"),
        (7, "nobody@", "H2", "wrong_email"),
        (8, "2019-13-01", "I2", "wrong_date"),
        (8, "2090-01-01", "I2", "date_in_future"),
        (9, "1931-01-01", "J2", "date_too_early"),
        (10, "王小明", "K2", "wrong_account"),
        (10, "b-doctor", "K2", "taken_account"),
    ],
)
def test_what_is_wrong_is_named_by_cell(bring: Import, column: int, typed: str, cell: str, code: str) -> None:
    row = list(ROW)
    row[column] = typed
    _plan, shown = bring(excel([row]))
    assert (cell, code) in refusals(shown)
    assert all(is_said(code) for _cell, code in refusals(shown))
    assert all(words for line in shown for _cell, words in line.reasons)


def test_a_number_that_excel_kept_as_a_number_has_lost_its_end(bring: Import) -> None:
    row = list(ROW)
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet("名册")
    page.write_row(0, 0, HEADS)
    page.write_row(1, 0, row)
    page.write_number(1, 1, int(NUMBER.replace("X", "0")))
    book.close()
    assert ("B2", "digits_lost") in refusals(bring(file.getvalue())[1])


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        (0, " 王　小明 "),
        (1, unicodedata.normalize("NFKC", NUMBER).translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})),
        (1, f" {NUMBER.lower()} "),
        (2, "村医"),
        (2, " 护士"),
        (3, "a镇卫生院"),
        (3, "A镇卫生院(演示)"),
        (6, "+86 139-1234-5678"),
        (6, 13912345678),
        (8, "2019年7月1日"),
        (8, date(2019, 7, 1)),
        (8, 20190701),
        (10, " Ｗang.XM "),
    ],
)
def test_what_was_meant_is_understood(bring: Import, column: int, typed: Any) -> None:
    row = list(ROW)
    row[column] = typed
    plan, shown = bring(excel([row]))
    assert plan.acceptable, refusals(shown)
    entry = plan.rows[0].entry
    assert entry.identity_number == NUMBER
    if column == 0:
        assert entry.name == "王小明"
    if column == 8:
        assert entry.begins_on == date(2019, 7, 1)
    if column == 10:
        assert entry.account == "wang.xm"


def test_one_number_for_two_people_is_refused_at_both(bring: Import) -> None:
    other = list(people(1, [TOWNSHIP], seed=6)[0])
    other[1] = NUMBER
    plan, shown = bring(excel([list(ROW), other]))
    assert plan.counts["refused"] == 2
    assert {("B2", "double_identity_number"), ("B3", "double_identity_number")} <= set(refusals(shown))
    assert "人员名册!3" in shown[0].reasons[0][1]


def test_somebody_of_another_institution_is_not_taken_over(bring: Import, world: World) -> None:
    bring(excel([list(ROW)]), apply=True)
    moved = list(ROW)
    moved[3] = CLINIC
    _plan, shown = bring(excel([moved]))
    assert refusals(shown) == [("D2", "person_at")]
    assert "a镇卫生院" in shown[0].reasons[0][1]
    there = list(ROW)
    there[3] = NEIGHBOUR
    _plan, shown = bring(excel([there]), who=world.b.manager)
    assert refusals(shown) == [("B2", "person_elsewhere")]
    assert "a镇" not in shown[0].reasons[0][1]


def test_somebody_deactivated_does_not_come_back_by_a_roster(
    bring: Import, as_: As, world: World, session: orm.Session
) -> None:
    bring(excel([list(ROW)]), apply=True)
    found = session.scalars(sa.select(Person).where(Person.identity_hash == identity_index(NUMBER))).one()
    with as_(world.a.manager) as actor:
        deactivate(actor, db.session.get_one(Person, found.id), reason="退休")
    assert refusals(bring(excel([list(ROW)]))[1]) == [("B2", "person_inactive")]


def test_somebody_known_only_by_account_gets_their_number(bring: Import, session: orm.Session, world: World) -> None:
    row = list(ROW)
    row[0], row[10] = "王小明", "a-doctor"
    plan, _shown = bring(excel([row]), apply=True)
    assert plan.rows[0].person_id == world.a.doctor
    assert bring(excel([row]))[0].counts["unchanged"] == 1
