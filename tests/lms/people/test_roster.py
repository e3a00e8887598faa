"""A clerk imports a roster: checked first, then all or nothing, and the second time nothing."""

import io
import json
import time
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import xlsxwriter
from flask import Flask
from sqlalchemy import orm

from lms import clock
from lms.authz import Role
from lms.db import act_as, db
from lms.errors import Conflict, NotAllowed, Refused, TooLarge
from lms.institutions.models import Institution
from lms.jobs import WORK, Job
from lms.people import jobs as jobs_of_people
from lms.people.formats.plans import Line, unpack
from lms.people.formats.roster import GUIDE, KINDS
from lms.people.formats.template import PEOPLE
from lms.people.formats.words import is_said
from lms.people.models import Person, Post, RoleGrant, RosterImport
from lms.people.queries import actor_for
from lms.people.queries.roster import identity_index
from lms.people.rules.planning import Plan
from lms.people.rules.roster import COLUMNS
from lms.people.rules.roster import head as head_of
from lms.people.services import roster
from lms.people.services.register import deactivate
from lms.web.intake import Kind, Taken, take
from lms.web.workbooks import read
from tests import databases
from tests.conftest import As
from tests.factories.roster import HEADS, excel, people
from tests.factories.world import World
from tests.pages import Page

TOWNSHIP, CLINIC, NEIGHBOUR = "530302002", "530302003", "530303002"


def taken(data: bytes, name: str = "名册.xlsx") -> Taken:
    return take(io.BytesIO(data), name, kinds=KINDS, most=10 << 20)


Import = Callable[..., tuple[Plan, list[Line]]]


@pytest.fixture
def bring(app: Flask, world: World) -> Import:
    """Send, check and (if asked) apply as somebody; the plan and its lines."""

    def act(
        data: bytes, who: int | None = None, apply: bool = False, name: str = "名册.xlsx"
    ) -> tuple[Plan, list[Line]]:
        with app.app_context():
            actor = actor_for(who or world.a.manager)
            act_as(db.session, actor)
            sent = roster.send(actor, None, taken=taken(data, name))
            plan = roster.check(actor, sent)
            shown = unpack(sent.plan)
            if apply:
                roster.apply(actor, sent, plan_hash=plan.digest)
        return plan, shown

    return act


def count(session: orm.Session, model: Any) -> int:
    session.expire_all()
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_dry_run_changes_nothing_and_says_what_would(bring: Import, session: orm.Session) -> None:
    before = count(session, Person)
    plan, shown = bring(excel(people(5, [TOWNSHIP, CLINIC])))
    assert plan.counts == {"created": 5, "changed": 0, "unchanged": 0, "refused": 0}
    assert [line.outcome for line in shown] == ["created"] * 5
    assert count(session, Person) == before


def test_applied_and_again_nothing_changes(bring: Import, session: orm.Session, world: World) -> None:
    data = excel(rows := people(6, [TOWNSHIP]))
    bring(data, apply=True)
    found = session.scalars(sa.select(Person).where(Person.identity_hash == identity_index(str(rows[0][1])))).one()
    assert (found.name, found.identity_number, found.institution_id) == (rows[0][0], rows[0][1], world.a.township)
    assert found.password_hash is None
    post = session.scalars(sa.select(Post).where(Post.person_id == found.id)).one()
    assert str(post.begins_on) == rows[0][8]
    roles = session.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == found.id)).all()
    assert [one.role for one in roles] in ([], [Role.DOCTOR])
    before = {model: count(session, model) for model in (Person, Post, RoleGrant)}
    plan, _shown = bring(data, apply=True)
    assert plan.counts == {"created": 0, "changed": 0, "unchanged": 6, "refused": 0}
    assert {model: count(session, model) for model in before} == before


def test_what_changes_is_shown_with_both_values_and_secrets_masked(bring: Import, session: orm.Session) -> None:
    rows = people(2, [TOWNSHIP])
    rows[0][4], rows[0][6] = "", "13900000001"
    bring(excel(rows), apply=True)
    rows[0][4], rows[0][6] = "院长", "13900000002"
    rows[1][6] = ""
    plan, shown = bring(excel(rows), apply=True)
    assert plan.counts["changed"] == 1
    assert plan.counts["unchanged"] == 1
    assert shown[0].changes == [("title", "", "院长"), ("phone", "139****0001", "139****0002")]
    found = session.scalars(sa.select(Person).where(Person.identity_hash == identity_index(str(rows[0][1])))).one()
    assert found.phone == "13900000002"
    assert found.posts[0].title == "院长"


def test_one_refused_row_refuses_all(bring: Import, session: orm.Session) -> None:
    rows = people(3, [TOWNSHIP])
    rows[1][2] = "牙医"
    before = count(session, Person)
    plan, _shown = bring(excel(rows))
    assert plan.counts["refused"] == 1
    with pytest.raises(Conflict):
        bring(excel(rows), apply=True)
    assert count(session, Person) == before


def test_five_thousand_people_are_imported_quickly(bring: Import, queries: list[str]) -> None:
    data = excel(people(5000, [TOWNSHIP, CLINIC]))
    begun = time.perf_counter()
    bring(data, apply=True)
    assert time.perf_counter() - begun < 20
    assert len(queries) < 120


def refusals(shown: list[Line]) -> list[tuple[str, str]]:
    return [(cell, code) for line in shown for cell, code, *_rest in line.problems]


ROW = people(1, [TOWNSHIP], seed=5)[0]
NUMBER = str(ROW[1])
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


def test_heads_by_other_names_in_any_order_under_a_title(bring: Import) -> None:
    heads = ["工作单位", "身份证号码", "姓 名*", "人员类别", "备注", "手机号码（可空）"]
    row = [ROW[3], ROW[1], ROW[0], ROW[2], "x", ""]
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet("2026年")
    page.merge_range(0, 0, 0, 5, "某县基层医务人员花名册")
    page.write_row(1, 0, heads)
    page.write_row(2, 0, row)
    book.add_worksheet("Sheet2")
    book.close()
    plan, shown = bring(file.getvalue())
    assert plan.acceptable
    assert (shown[0].sheet, shown[0].row) == ("2026年", 3)


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


def test_a_formula_is_refused_by_cell(bring: Import) -> None:
    cells = {f"{chr(65 + n)}1": head for n, head in enumerate(HEADS)}
    cells |= {f"{chr(65 + n)}2": value for n, value in enumerate(ROW) if value}
    _plan, shown = bring(in_cells(cells, formula="E2"))
    assert refusals(shown) == [("E2", "formula")]
    text = ",".join(HEADS) + "\n" + ",".join(str(value or "") for value in ["=1+1", *ROW[1:]])
    _plan, shown = bring(text.encode("gb18030"), name="名册.csv")
    assert refusals(shown) == [("A2", "formula")]


def test_merged_cells_among_the_rows_are_refused_by_cell(bring: Import) -> None:
    cells = {f"{chr(65 + n)}1": head for n, head in enumerate(HEADS)}
    second = people(1, [TOWNSHIP], seed=6)[0]
    for number, row in ((2, ROW), (3, second)):
        cells |= {f"{chr(65 + n)}{number}": value for n, value in enumerate(row) if value and n != 3}
    _plan, shown = bring(in_cells(cells, merged="D2:D3"))
    assert ("D2", "merged") in refusals(shown)
    assert ("D3", "merged") in refusals(shown)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_in_every_usual_form(bring: Import, encoding: str, separator: str) -> None:
    lines_ = [separator.join(HEADS), separator.join(str(value or "") for value in ROW)]
    plan, _shown = bring("\r\n".join(lines_).encode(encoding), name="名册.csv")
    assert plan.acceptable
    assert plan.rows[0].entry.name == ROW[0]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: in_cells({}), "名册"),
        (lambda: in_cells({"A1": "说明", "B2": "x"}), "名册"),
        (lambda: in_cells({f"{chr(65 + n)}1": head for n, head in enumerate(HEADS)}), "名册"),
        (lambda: in_cells({"A1": "姓名", "B1": "身份证号", "A2": "x"}), "类别、机构"),
        (lambda: in_cells({"A1": "姓名", "B1": "身份证号", "C1": "姓名", "D1": "类别", "E1": "机构"}), "姓名"),
        (lambda: in_cells({"C2": "类别", "D2": "机构", "A2": "姓名", "B2": "x"}, merged="B1:B2"), "B1:B2"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xlsx"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), ""),
        (lambda: b"<html><table><tr><td>x</td></tr></table></html>", ".xlsx"),
        (lambda: b"%PDF-1.7", "csv"),
        (lambda: b"", ""),
        (lambda: excel([list(ROW)])[:-200], ""),
        (lambda: excel([[f"a{n}"] for n in range(100_000)]), "100001"),
        (lambda: "\n".join([",".join(HEADS), *["x"] * 100_000]).encode(), "100001"),
    ],
    ids=[
        *("empty", "no head", "nobody", "missing", "twice", "merged head", "xls", "locked", "html", "pdf", "nothing"),
        *("cut", "100,000 rows", "100,000 lines"),
    ],
)
def test_files_that_are_no_roster(bring: Import, make: Callable[[], bytes], says: str, session: orm.Session) -> None:
    with pytest.raises(Refused) as refused:
        bring(make())
    assert says in str(refused.value)
    assert count(session, RosterImport) == 0


def test_a_zip_bomb_is_not_opened(bring: Import) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(400):
                part.write(bytes(1 << 20))
    with pytest.raises(TooLarge):
        bring(file.getvalue())


def test_only_keepers_import(app: Flask, world: World) -> None:
    for who in (world.a.doctor, world.a.exam_officer, world.a.auditor):
        with app.app_context():
            actor = actor_for(who)
            act_as(db.session, actor)
            with pytest.raises(NotAllowed):
                roster.send(actor, None, taken=taken(excel([list(ROW)])))


def test_a_directory_that_changed_since_the_check_is_a_conflict(app: Flask, world: World, session: orm.Session) -> None:
    with app.app_context():
        actor = actor_for(world.a.manager)
        act_as(db.session, actor)
        sent = roster.send(actor, None, taken=taken(excel([list(ROW)])))
        roster.check(actor, sent)
        with pytest.raises(Conflict):
            roster.request_import(actor, sent, sha256="0" * 64, plan_hash=sent.plan_hash or "")
        twin = Person(
            account="twin",
            name="他人",
            category="nurse",
            institution_id=world.a.clinic,
            identity_number=NUMBER,
            identity_hash=identity_index(NUMBER),
        )
        session.add(twin)
        session.commit()
        with pytest.raises(Conflict):
            roster.apply(actor, sent, plan_hash=sent.plan_hash or "")
    assert session.scalars(sa.select(RosterImport.state)).one() == "checked"


def test_what_is_kept_is_sealed_and_gone_after_a_day(app: Flask, bring: Import, session: orm.Session) -> None:
    bring(excel([list(ROW)]))
    kept = session.scalars(sa.select(RosterImport)).one()
    assert kept.content is not None
    assert kept.plan is not None
    for blob in (kept.content, kept.plan):
        assert NUMBER.encode() not in blob
        assert blob[:2] != b"PK"
    assert NUMBER not in str([(line.name, line.identity, line.changes) for line in unpack(kept.plan)])
    kept.expires_at = clock.now() - timedelta(minutes=1)
    session.commit()
    with app.app_context():
        jobs_of_people.expire_rosters(None)  # type: ignore[arg-type]
    session.expire_all()
    assert (kept.content, kept.plan, kept.state) == (None, None, "expired")


@pytest.fixture
def work(app: Flask, session: orm.Session) -> Callable[[], None]:
    """Do the jobs that wait, inside the transaction of the test (a worker has a connection of its own)."""

    def act() -> None:
        session.expire_all()
        for job in session.scalars(sa.select(Job).where(Job.state == "queued").order_by(Job.id)):
            with app.app_context():
                outcome = WORK[job.name](lambda done, total: None, **job.arguments)
            job.state, job.outcome = "done", outcome
        session.commit()

    return act


def upload(page: Page, who: int, data: bytes, expect: int, name: str = "名册.xlsx") -> None:
    page.post("/people/roster", who, expect=expect, file=(io.BytesIO(data), name))


def test_the_way_over_the_pages(page: Page, world: World, session: orm.Session, work: Callable[[], None]) -> None:
    page.get("/people/roster", world.a.manager)
    page.get("/people/roster", world.a.auditor, expect=403)
    page.get("/people/roster/template.xlsx", world.a.manager)
    empty = page.answer.data
    upload(page, world.a.manager, empty, 422)
    upload(page, world.a.manager, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 422)
    rows = people(3, [TOWNSHIP], seed=9)
    bad = [list(row) for row in rows]
    bad[1][2] = "牙医"
    upload(page, world.a.manager, excel(bad), 303)
    at = page.answer.headers["Location"]
    assert "牙医" not in page.get(at, world.a.manager).text
    assert page.get(f"{at}/state", world.a.manager) is not None
    assert page.answer.get_json()["state"] == "queued"
    work()
    for language in ("zh", "en"):
        assert "牙医" in page.get(f"{at}?only=refused", world.a.manager, language=language).text
    page.get(f"{at}?export=csv", world.a.manager)
    assert "牙医" in page.answer.text
    assert str(rows[1][1]) not in page.answer.text
    page.get(at, world.b.manager, expect=404)
    page.get(f"{at}/state", world.b.manager, expect=404)
    page.post(f"{at}/import", world.a.manager, expect=409)
    upload(page, world.a.manager, excel(rows), 303)
    at = page.answer.headers["Location"]
    work()
    soup = page.get(at, world.a.manager)
    hidden = {
        str(field["name"]): str(field["value"]) for field in soup.select("form[action$='import'] input[type=hidden]")
    }
    page.post(f"{at}/import", world.b.manager, expect=404, **hidden)
    page.post(f"{at}/import", world.a.manager, expect=303, **hidden)
    page.get(at, world.a.manager)
    work()
    page.get(at, world.a.manager, language="en")
    assert page.get("/people?q=" + str(rows[0][0]), world.a.manager).select("tbody tr")
    assert session.scalars(sa.select(RosterImport.state).order_by(RosterImport.id)).all() == ["checked", "applied"]
    page.post(f"{at}/check", world.a.manager, expect=409)


def test_checked_again_after_a_conflict(
    page: Page, world: World, session: orm.Session, work: Callable[[], None]
) -> None:
    upload(page, world.a.manager, excel([list(ROW)]), 303)
    at = page.answer.headers["Location"]
    work()
    soup = page.get(at, world.a.manager)
    hidden = {
        str(field["name"]): str(field["value"]) for field in soup.select("form[action$='import'] input[type=hidden]")
    }
    page.post(f"{at}/import", world.a.manager, expect=303, **hidden)
    session.execute(sa.update(Institution).where(Institution.id == world.a.township).values(active=False))
    session.commit()
    work()
    assert page.get(at, world.a.manager).select_one("form[action$=check]") is not None
    page.post(f"{at}/check", world.a.manager, expect=303)
    work()
    assert "D2" in page.get(at, world.a.manager).text


def test_numbers_are_in_no_log_and_no_audit_word(
    bring: Import, session: orm.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(excel([list(ROW)]), apply=True)
    written = capsys.readouterr()
    assert NUMBER not in written.out + written.err
    for table in ("audit_event", "job", "outbox_event", "person", "roster_import"):
        rows = session.execute(sa.text(f"SELECT t::text FROM {table} t")).scalars().all()
        assert not [row for row in rows if NUMBER in row], table


def test_the_command(app: Flask, tmp_path: Path) -> None:
    file, run = tmp_path / "名册.xlsx", app.test_cli_runner()
    file.write_bytes(excel(people(2, [TOWNSHIP], seed=3)))
    made = run.invoke(args=["roster", "import", str(file), "--as", "a-manager", "--json"])
    outcome = json.loads(made.stdout)
    assert (made.exit_code, outcome["applied"], outcome["counts"]["created"]) == (0, False, 2)
    made = run.invoke(args=["roster", "import", str(file), "--as", "a-manager", "--apply"])
    assert made.stdout.startswith("imported: 2 created")
    made = run.invoke(args=["roster", "import", str(file), "--as", "a-manager", "--apply", "--json"])
    assert json.loads(made.stdout)["counts"]["unchanged"] == 2
    refused = run.invoke(args=["roster", "import", str(file), "--as", "b-manager", "--apply", "--json"])
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["refused"][0]["code"] == "unknown_institution"
    assert run.invoke(args=["roster", "import", str(file), "--as", "nobody"]).exit_code == 2
    assert run.invoke(args=["roster", "import", str(tmp_path / "no"), "--as", "a-manager"]).exit_code == 2
    assert run.invoke(args=["roster", "import", str(file)]).exit_code == 2
    assert run.invoke(args=["roster", "import", str(file), "--as", "a-doctor"]).exit_code == 1
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert run.invoke(args=["roster", "import", str(file), "--as", "a-manager"]).exit_code == 1


def test_the_template_can_be_filled_in(app: Flask, bring: Import, tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    assert app.test_cli_runner().invoke(args=["roster", "template", str(file)]).exit_code == 0
    with app.app_context():
        sheets = read(file.read_bytes(), Kind.XLSX, most_rows=100)
    assert [sheet.name for sheet in sheets] == [PEOPLE, GUIDE]
    heads = [str(head) for head in sheets[0].rows[0]]
    assert [head_of(one) for one in heads] == list(COLUMNS)
    example = [row[3] for row in sheets[1].rows[1:12]]
    example[3] = TOWNSHIP
    plan, shown = bring(excel([example], heads))
    assert plan.acceptable, refusals(shown)


def test_real_processes_import_and_exit_as_scripts_expect(live: databases.Live, tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(excel(people(2, [TOWNSHIP], seed=3)))
    done = live.flask("roster", "import", str(file), "--as", "a-manager", "--apply", "--json")
    assert json.loads(done.stdout)["applied"] is True
    refused = live.flask("roster", "import", str(file), "--as", "b-manager", "--apply", "--json", check=False)
    assert (refused.returncode, json.loads(refused.stdout)["applied"]) == (1, False)
    with live.engine().connect() as connection:
        made = connection.scalar(sa.text("SELECT count(*) FROM person WHERE identity_hash IS NOT NULL"))
    assert made == 2
