"""Credits: editable arithmetic, whole units, no hour counted twice, and every sum equal to what it rests on."""

import io
import json
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as properties
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import orm

from courses.hours import queries
from courses.hours.formats import statement
from courses.hours.models import CreditScheme, HoursEntry
from courses.hours.policy import Hours
from courses.hours.rules import DEFAULT_SCHEME, CreditClass, HoursKind, Line, Scheme, credited
from courses.hours.services import Earned, Given, credit, enter, reverse, set_credits
from lms import clock
from lms.authz import Actor
from lms.db import db, unfenced
from lms.errors import Conflict, Invalid, NotAllowed
from lms.institutions.models import Institution
from lms.people.models import Person
from tests.conftest import As
from tests.factories.world import World
from tests.pages import Page

CLERK = Actor.job("test.hours", Hours.CREDIT, Hours.REVERSE, Hours.READ)
KINDS, SOURCES = [kind.value for kind in HoursKind], ["lesson", "case_run", "by_hand", "rotation_day"]
lines = st.builds(
    Line,
    st.sampled_from(CreditClass),
    st.integers(1, 600),
    st.decimals("0.1", "9", places=1),
    st.lists(st.sampled_from(KINDS), unique=True, max_size=2).map(tuple),
    st.lists(st.sampled_from(SOURCES), unique=True, max_size=2).map(tuple),
    st.none() | st.decimals("0", "30", places=1),
)
schemes = st.builds(Scheme, st.lists(lines, min_size=1, max_size=6).map(tuple), st.just(Decimal(25)))
spent = st.dictionaries(st.tuples(st.sampled_from(KINDS), st.sampled_from(SOURCES)), st.integers(0, 9000), max_size=12)


@given(schemes, spent)
def test_every_minute_is_counted_by_one_line_or_by_none(scheme: Scheme, minutes: dict[tuple[str, str], int]) -> None:
    found = credited(scheme, minutes)
    fitting = {key: [line for line in scheme.lines if line.takes(*key)] for key in minutes}
    assert sum(one.minutes for one in found) == sum(minutes[key] for key, some in fitting.items() if some)
    for one in found:
        units = one.minutes // one.line.minutes
        assert 0 <= one.credits <= units * one.line.credits
        assert one.line.most is None or one.credits <= one.line.most


@given(schemes, spent, st.tuples(st.sampled_from(KINDS), st.sampled_from(SOURCES)), st.integers(1, 600))
def test_more_hours_never_give_fewer_credits(
    scheme: Scheme, minutes: dict[tuple[str, str], int], where: tuple[str, str], more: int
) -> None:
    before = sum(one.credits for one in credited(scheme, minutes))
    grown = minutes | {where: minutes.get(where, 0) + more}
    assert sum(one.credits for one in credited(scheme, grown)) >= before


def test_three_hours_are_one_credit_of_class_one() -> None:
    found = credited(DEFAULT_SCHEME, {("theory", "lesson"): 359, ("practice", "by_hand"): 720})
    assert [(one.line.credit_class, one.credits) for one in found] == [("I", Decimal(1)), ("II", Decimal(2))]


#: Every example has sources of its own in the one ledger.
EXAMPLES = count()
#: What happens to a ledger: hours of a source come (again), or an entry is taken back.
acts = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.sampled_from(KINDS), st.integers(0, 9), st.integers(1, 1440)),
        st.tuples(st.just("undo"), st.sampled_from(KINDS), st.integers(0, 9), st.just(0)),
    ),
    max_size=14,
)


@given(acts)
@properties(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_sum_is_never_negative_never_twice_and_always_its_evidence(
    as_: As, world: World, said: list[tuple[str, str, int, int]]
) -> None:
    """Against a ledger of two lines: a dictionary by source, from which what is taken back is struck out."""
    kept: dict[str, tuple[str, int]] = {}
    undone: set[str] = set()
    year, tried = clock.today().year, next(EXAMPLES)
    with as_(CLERK) as actor:
        person = db.session.get_one(Person, world.a.doctor)
        before = queries.statement(person.id, year).minutes
        for act, kind, number, minutes in said:
            source = f"{tried}-{number}"
            if act == "enter":
                earned = Earned(HoursKind(kind), minutes, clock.today(), "by_hand", source, {}, world.a.manager)
                assert (credit(actor, person, earned=earned) is None) == (source in kept)
                kept.setdefault(source, (kind, minutes))
            elif source in kept:
                entry = db.session.scalars(sa.select(HoursEntry).where(HoursEntry.source_id == source)).one()
                try:
                    reverse(actor, entry, reason="错记")
                    assert source not in undone
                except Conflict:
                    assert source in undone
                undone.add(source)
        wanted = {kind: sum(m for s, (k, m) in kept.items() if k == kind and s not in undone) for kind in KINDS}
        wanted = {kind: before[kind] + wanted[kind] for kind in KINDS}
        plain, spent = statement(person, year), queries.by_source(person.id, year)
        assert queries.statement(person.id, year).minutes == wanted
        assert {kind: plain["minutes"][kind] for kind in KINDS} == wanted
        assert sum(one["minutes"] for one in plain["entries"]) == sum(wanted.values()) >= 0
        assert sum(spent.values()) == sum(wanted.values())
        assert all(minutes >= 0 for minutes in spent.values())


def test_the_statement_is_the_same_for_the_same_entries(as_: As, world: World) -> None:
    with as_(CLERK) as actor:
        person = db.session.get_one(Person, world.a.doctor)
        empty = statement(person, clock.today().year)
        earned = Earned(HoursKind.THEORY, 200, clock.today(), "lesson", "9", {"title": "量准血压"})
        credit(actor, person, earned=earned)
        one, again = statement(person, clock.today().year), statement(person, clock.today().year)
    assert one == again
    assert one["sha256"] != empty["sha256"]
    assert one["credits"]["total"] == "1"
    assert one["entries"][0]["title"] == "量准血压"


SCHEME = Scheme((Line(CreditClass.SECOND, 60, Decimal("0.5"), ("theory",), (), Decimal(3)),), Decimal(10))


def test_arithmetic_is_set_from_a_day_on_and_the_old_one_stays_known(as_: As, world: World) -> None:
    with as_(world.people["administrator"]) as actor:
        top = db.session.get_one(Institution, world.city)
        set_credits(actor, top, scheme=SCHEME, valid_from=date(2026, 7, 1), reason="省里新规定")
        assert queries.scheme(date(2026, 12, 31)) == SCHEME
        assert queries.scheme(date(2025, 12, 31)) == DEFAULT_SCHEME
        for wrong in (Scheme((), Decimal(1)), Scheme((Line(CreditClass.FIRST, 0, Decimal(1)),), Decimal(1))):
            with pytest.raises(Invalid):
                set_credits(actor, top, scheme=wrong, valid_from=date(2026, 7, 1), reason="错")


def test_a_countys_officer_does_not_set_it_for_all(as_: As, world: World) -> None:
    for who in (world.a.administrator, world.a.certificate_officer, world.a.manager, world.people["manager"]):
        with as_(who) as actor:
            top = db.session.get_one(Institution, world.city)
            with pytest.raises(NotAllowed):
                set_credits(actor, top, scheme=SCHEME, valid_from=date(2026, 7, 1), reason="x")


def test_credits_are_edited_on_a_page_and_shown_on_the_statement(
    as_: As, page: Page, session: orm.Session, world: World
) -> None:
    officer = world.people["certificate_officer"]
    soup = page.get("/hours/credits", officer, language="en")
    assert soup.select_one("#hours_1")["value"] == "3"  # type: ignore[index]
    page.get("/hours/credits", officer)
    sent: dict[str, Any] = {"asked": "10", "valid_from": "2026-01-01", "reason": "按省里规定"}
    sent |= {"class_1": "II", "kind_1": "theory", "hours_1": "1.5", "credits_1": "0.5", "most_1": "4"}
    page.post("/hours/credits", officer, expect=422, **(sent | {"hours_1": ""}))
    page.post("/hours/credits", officer, expect=303, **sent)
    row = session.scalars(sa.select(CreditScheme)).one()
    assert (row.lines[0]["minutes"], row.lines[0]["credits"], row.set_by_id) == (90, "0.5", officer)
    assert "按省里规定" in page.get("/hours/credits", officer).get_text()
    with as_(CLERK) as actor:
        earned = Earned(HoursKind.THEORY, 200, clock.today(), "lesson", "9", {"title": "量准血压"})
        credit(actor, db.session.get_one(Person, world.a.doctor), earned=earned)
    text = page.get("/hours", world.a.doctor).select_one("#credits")
    assert text is not None
    assert "每 1.5 小时计 0.5 学分" in text.get_text()
    assert text.select_one("progress")["max"] == "10.0"  # type: ignore[index]


def test_the_statement_is_handed_in_as_a_file(as_: As, page: Page, world: World) -> None:
    with as_(CLERK) as actor:
        earned = Earned(HoursKind.THEORY, 200, clock.today(), "lesson", "9", {"title": "=量准血压"})
        credit(actor, db.session.get_one(Person, world.a.doctor), earned=earned)
    year = clock.today().year
    for kind, begins in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        page.get(f"/hours?year={year}&export={kind}", world.a.doctor)
        assert page.answer.data.startswith(begins)
        page.get(f"/people/{world.a.doctor}/hours?year={year}&export={kind}", world.a.manager)
        page.get(f"/people/{world.a.doctor}/hours?year={year}&export={kind}", world.b.manager, expect=404)
    page.get("/hours?export=exe", world.a.doctor, expect=422)


def cells(sheet: list[list[Any]]) -> str:
    return " ".join(str(cell).removesuffix(".0") for row in sheet for cell in row)


def test_page_pdf_workbook_and_json_say_the_same(as_: As, app: Flask, page: Page, tmp_path: Path, world: World) -> None:
    """Sums to the minute, each credit, each entry with its confirmer and what became of it, and one hash over all."""
    with as_(CLERK) as actor:
        person, day = db.session.get_one(Person, world.a.doctor), clock.today()
        lesson = Earned(HoursKind.THEORY, 203, day, "lesson", "9", {"title": "量准血压", "offline_minutes": 7})
        credit(actor, person, earned=lesson)
        ward = {"title": "市医院 · 心内科", "done": "病房管床"}
        # confirmed by somebody of another county, whose row the doctor does not reach
        credit(actor, person, earned=Earned(HoursKind.PRACTICE, 427, day, "rotation_day", "1", ward, world.b.examiner))
        credit(actor, person, earned=Earned(HoursKind.THEORY, 61, day, "lesson", "10", {"title": "重复课"}))
    with as_(world.a.manager) as actor:
        wrong = db.session.scalars(sa.select(HoursEntry).where(HoursEntry.source_id == "10")).one()
        reverse(actor, wrong, reason="同一课登记两次")
    runner, file = app.test_cli_runner(), tmp_path / "hours.pdf"
    asked = ["hours", "statement", "--person", "a-doctor", "--json", "--pdf", str(file)]
    said = json.loads(runner.invoke(args=asked).stdout)
    for who in (world.a.doctor, world.a.manager, world.people["auditor"]):
        with as_(who):
            assert statement(db.session.get_one(Person, world.a.doctor), clock.today().year) == said
    document = pypdfium2.PdfDocument(file)
    printed = " ".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
    document.close()
    page.get("/hours?export=xlsx", world.a.doctor)
    book = CalamineWorkbook.from_filelike(io.BytesIO(page.answer.data))
    kept = " ".join(cells(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
    shown = page.get("/hours", world.a.doctor).get_text()
    assert said["minutes"] == {"theory": 203, "simulation": 0, "practice": 427, "total": 630}
    assert said["credits"]["total"] == "2"
    for text in (printed, kept):
        flat = "".join(text.split())
        for exact in ("203", "427", "630", *(str(one["entry"]) for one in said["entries"])):
            assert exact in flat
        for words in ("量准血压", "病房管床", "同一课登记两次", "陈建国", "冲销记录", "已被记录", said["sha256"]):
            assert words in flat, (words, flat)
    for words in ("203", "427", "-61", "量准血压", "病房管床", "同一课登记两次", "陈建国"):
        assert words in shown
    rows = book.get_sheet_by_name(book.sheet_names[2]).to_python()[1:]
    assert [(int(str(row[-2]).removesuffix(".0")), int(str(row[-1]).removesuffix(".0"))) for row in rows] == [
        (o["minutes"], o["entry"]) for o in said["entries"]
    ]


GIVEN = Given(HoursKind.PRACTICE, 90, clock.today(), "县级清创培训", "签到表 2026-07", "page-1")


def test_a_manager_enters_hours_and_stands_by_them(as_: As, page: Page, world: World) -> None:
    with as_(world.a.manager) as actor:
        person = db.session.get_one(Person, world.a.doctor)
        made = enter(actor, person, given=GIVEN)
        assert made is not None
        assert (made.confirmed_by_id, made.minutes) == (world.a.manager, 90)
        assert enter(actor, person, given=GIVEN) is None
        with pytest.raises(Conflict):
            enter(actor, db.session.get_one(Person, world.a.manager), given=GIVEN)
    for who in (world.a.doctor, world.b.manager, world.a.exam_officer):
        with as_(who) as actor, unfenced(db.session), pytest.raises(NotAllowed):
            enter(actor, db.session.get_one(Person, world.a.doctor), given=GIVEN)
    address = f"/people/{world.a.doctor}/hours/new"
    page.get(address, world.a.manager, language="en")
    sent = {
        "kind": "simulation",
        "on_day": str(clock.today()),
        "hours": "1.5",
        "title": "急救演练",
        "proof": "签到表 3",
    }
    page.post(address, world.a.manager, expect=422, **(sent | {"hours": "x"}))
    page.post(address, world.a.manager, expect=303, source="p2", **sent)
    page.get(address, world.b.manager, expect=404)
    text = page.get("/hours", world.a.doctor).get_text()
    assert "急救演练" in text
    assert "签到表 3" in text


def test_the_command_says_what_the_page_says(app: Flask, as_: As, tmp_path: Path, world: World) -> None:
    with as_(CLERK) as actor:
        earned = Earned(HoursKind.THEORY, 200, clock.today(), "lesson", "9", {"title": "量准血压"})
        credit(actor, db.session.get_one(Person, world.a.doctor), earned=earned)
    runner, year = app.test_cli_runner(), str(clock.today().year)
    file = tmp_path / "hours.pdf"
    asked = ["hours", "statement", "--person", "a-doctor", "--year", year]
    said = runner.invoke(args=[*asked, "--json", "--pdf", str(file)])
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert (found["minutes"]["total"], found["credits"]["total"]) == (200, "1")
    assert [one["minutes"] for one in found["entries"]] == [200]
    assert file.read_bytes().startswith(b"%PDF-")
    assert found["sha256"] in runner.invoke(args=asked).output


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--person", "nobody"], 2, "--person nobody"),
        (["--person", ""], 2, "--person"),
        (["--person", "a-doctor", "--year", "1000000000"], 2, "--year"),
        (["--person", "a-doctor", "--year", "-1"], 2, "--year"),
        (["--person", "a-doctor", "--year", "今年"], 2, "--year"),
        (["--year", "2026"], 2, "--person"),
        (["--person", "a-doctor", "--pdf", "/nowhere/hours.pdf"], 1, "/nowhere/hours.pdf"),
    ],
)
def test_wrong_use_is_refused_with_where_and_a_code(
    app: Flask, world: World, more: list[str], code: int, says: str
) -> None:
    said = app.test_cli_runner().invoke(args=["hours", "statement", *more])
    assert (said.exit_code, says in said.stderr.splitlines()[-1], said.stdout) == (code, True, "")


def test_minutes_learned_offline_are_shown_and_later_ones_of_a_lesson_count_like_it(
    as_: As, page: Page, world: World
) -> None:
    with as_(CLERK) as actor:
        person = db.session.get_one(Person, world.a.doctor)
        first = Earned(HoursKind.THEORY, 170, clock.today(), "lesson", "1", {"title": "量准血压"})
        more = {"title": "量准血压", "offline_minutes": 7}
        credit(actor, person, earned=first)
        credit(actor, person, earned=Earned(HoursKind.THEORY, 10, clock.today(), "lesson_more", "1", more))
        assert queries.by_source(person.id, clock.today().year) == {("theory", "lesson"): 180}
        assert statement(person, clock.today().year)["entries"][1]["offline_minutes"] == 7
    assert "其中离线 7 分钟" in page.get("/hours", world.a.doctor).get_text()
    page.get("/hours?export=pdf", world.a.doctor)
