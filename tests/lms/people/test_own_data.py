"""What is kept about a person goes out whole and to them alone; who is erased is gone, and the ledger still holds."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import orm

from lms import clock, jobs
from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.ledger.models import LedgerSubject
from lms.people.jobs import erase_due, forget_exports, make_export
from lms.people.models import Erasure, Person, PersonExport
from lms.people.policy import People
from lms.people.queries import own_data
from lms.people.rules.own_data import SECRET, is_file, plain, whose_name
from lms.people.services import erasing, exporting, register
from tests.conftest import As
from tests.factories.world import World
from tests.pages import Page

KEEPER = Actor.job("erase people", People.ERASE_DUE)


def silent(_done: int, _total: int) -> None:
    """Nobody asks."""


def made(app: Flask, as_: As, who: int) -> int:
    """A file that was asked for and made."""
    with as_(who) as actor:
        number = exporting.ask(actor, db.session.get_one(Person, who)).id
    with app.app_context():
        make_export(silent, export_id=number)  # type: ignore[arg-type]
    return number


# ---- taking one's data out -------------------------------------------------------------------


def test_a_doctor_takes_everything_out(app: Flask, as_: As, world: World, page: Page) -> None:
    doctor = world.a.doctor
    assert "还没有文件" in page.get("/account/data", doctor).text
    number = made(app, as_, doctor)
    soup = page.get("/account/data", doctor)
    assert soup.select_one(f"form[action='/people/data/{number}']")
    answer = app.test_client().post(f"/people/data/{number}")  # as the one who asked for the page before
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    pack = ZipFile(io.BytesIO(answer.data))
    said = json.loads(pack.read("data.json"))
    assert said["person"] == doctor
    assert said["tables"]["person"][0]["account"]
    assert {row["person_id"] for row in said["tables"]["role_grant"]} == {doctor}
    assert pack.read("summary.pdf").startswith(b"%PDF")


def test_no_secret_goes_out(app: Flask, as_: As, world: World) -> None:
    number = made(app, as_, world.a.doctor)
    with as_(world.a.doctor) as actor:
        content = exporting.take(actor, db.session.get_one(PersonExport, number))
    said = json.loads(ZipFile(io.BytesIO(content)).read("data.json"))
    columns = {column for rows in said["tables"].values() for row in rows for column in row}
    assert columns & SECRET == set()


@pytest.mark.parametrize("who", ["manager", "exam_officer", "certificate_officer"])
def test_nobody_else_takes_it_out(app: Flask, as_: As, world: World, page: Page, who: str) -> None:
    number = made(app, as_, world.a.doctor)
    page.post(f"/people/data/{number}", world.a.people[who], expect=403)
    page.post(f"/people/{world.a.doctor}/data", world.a.people[who], expect=403)
    page.post(f"/people/data/{number}", world.b.people[who], expect=404)
    page.post(f"/people/data/{number}", world.b.doctor, expect=404)


def test_a_file_is_gone_after_a_week(app: Flask, as_: As, world: World, session: orm.Session) -> None:
    number = made(app, as_, world.a.doctor)
    with time_machine.travel(clock.now() + timedelta(days=8)):
        with as_(world.a.doctor) as actor, pytest.raises(Conflict):
            exporting.take(actor, db.session.get_one(PersonExport, number))
        with app.app_context():
            assert forget_exports(silent) == {"forgotten": 1}  # type: ignore[arg-type]
    assert session.get(PersonExport, number) is None


def test_a_few_files_at_a_time(as_: As, world: World) -> None:
    with as_(world.a.doctor) as actor:
        me = db.session.get_one(Person, world.a.doctor)
        for _ in range(exporting.AT_A_TIME):
            exporting.ask(actor, me)
        with pytest.raises(Conflict):
            exporting.ask(actor, me)


def test_the_file_in_the_database_is_sealed(app: Flask, as_: As, world: World, session: orm.Session) -> None:
    number = made(app, as_, world.a.doctor)
    content = session.get_one(PersonExport, number).content or b""
    assert b"PK" not in content[:40]
    assert b"data.json" not in content


def test_making_it_twice_keeps_it_once(app: Flask, as_: As, world: World, session: orm.Session) -> None:
    number = made(app, as_, world.a.doctor)
    before = session.get_one(PersonExport, number).sha256
    with app.app_context():
        make_export(silent, export_id=number)  # type: ignore[arg-type]
        assert make_export(silent, export_id=number + 100) == {}  # type: ignore[arg-type]
    session.expire_all()
    assert session.get_one(PersonExport, number).sha256 == before


def test_the_page_shows_how_far_the_work_is(as_: As, world: World, page: Page) -> None:
    with as_(world.a.doctor) as actor:
        number = exporting.ask(actor, db.session.get_one(Person, world.a.doctor)).id
    assert "正在生成文件" in page.get("/account/data", world.a.doctor).text
    page.get(f"/people/data/{number}/state", world.a.doctor)
    assert page.answer.get_json()["state"] == "queued"
    assert "Your file is being made" in page.get("/account/data", world.a.doctor, language="en").text


def test_every_table_that_speaks_of_a_person_is_in_it_or_named_as_left_out(app: Flask) -> None:
    """A table that is forgotten would be seen here: each one is about a person, below such a row, or acted in."""
    tables = {column.table.name for column in own_data.about()}
    acted = {column.table.name for column in own_data.acting()}
    named = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in own_data.Model.registry.mappers
        if any(key.column.table.name == "person" for key in mapper.local_table.foreign_keys)  # type: ignore[attr-defined]
    }
    assert named <= tables | acted
    assert set(own_data.WITHHELD) <= tables
    assert {"answer_event", "certificate_signature"} <= {column.table.name for column, _ in own_data.below()}


# ---- erasure ------------------------------------------------------------------------------------


@pytest.fixture
def gone(app: Flask, as_: As, world: World) -> int:
    """A doctor who has left, with a name that nobody else has."""
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        person = db.session.get_one(Person, world.a.doctor)
        person.name, person.phone, person.identity_number = "独孤不败", "13800138000", "53030219800101001X"
        db.session.commit()
    with as_(world.a.manager) as actor:
        register.deactivate(actor, db.session.get_one(Person, world.a.doctor), reason="调离")
    return world.a.doctor


def ask(as_: As, who: int, person: int, **more: Any) -> int:
    with as_(who) as actor:
        return erasing.ask(actor, db.session.get_one(Person, person), reason="本人申请", **more).id


def confirm(as_: As, who: int, wish: int) -> None:
    with as_(who) as actor:
        erasing.confirm(actor, db.session.get_one(Erasure, wish))


def later(app: Flask, days: int) -> int:
    with time_machine.travel(clock.now() + timedelta(days=days)), app.app_context():
        return int(erase_due(silent)["erased"])  # type: ignore[arg-type]


def test_two_people_and_a_time_erase_a_person(
    app: Flask, as_: As, world: World, gone: int, session: orm.Session, tmp_path: Path
) -> None:
    wish = ask(as_, world.a.manager, gone)
    assert later(app, 40) == 0
    confirm(as_, world.a.people["administrator"], wish)
    assert later(app, 5) == 0
    before = session.get_one(Person, gone)
    name, subject = before.name, before.ledger_subject
    assert name == "独孤不败"
    assert name in "".join(everything(session))
    assert later(app, 20) == 1
    assert later(app, 21) == 0
    session.expire_all()
    person = session.get_one(Person, gone)
    assert (person.name, person.account, person.erased) == (f"#{gone}", f"erased-{gone}", True)
    assert (person.identity_number, person.phone, person.email, person.password_hash) == (None,) * 4
    key = session.get(LedgerSubject, subject)
    assert key is None or key.sealed_key is None
    assert name not in "".join(everything(session))


def everything(session: orm.Session) -> list[str]:
    """Every word in every table of the database, as text."""
    said = []
    for table in own_data.Model.metadata.sorted_tables:
        rows = session.connection().execute(sa.text(f'SELECT t::text FROM "{table.name}" t'))
        said += [f"{table.name}: {row[0]}\n" for row in rows]
    return said


@pytest.mark.parametrize("who", ["doctor", "exam_officer", "certificate_officer", "auditor"])
def test_others_cannot_ask_for_it(as_: As, world: World, gone: int, page: Page, who: str) -> None:
    people = world.a.people if who in world.a.people else world.people
    if people[who] != gone:
        page.get(f"/people/{gone}/erasure", people[who], expect=403 if who != "doctor" else 404)
    page.get(f"/people/{gone}/erasure", world.b.people.get(who, world.b.manager), expect=404)


def test_the_neighbour_county_cannot_reach_a_wish(as_: As, world: World, gone: int, page: Page) -> None:
    wish = ask(as_, world.a.manager, gone)
    page.post(f"/people/erasures/{wish}/confirm", world.b.manager, expect=404)
    page.post(f"/people/erasures/{wish}/withdraw", world.b.manager, expect=404)
    assert "没有删除申请" in page.get("/people/erasures", world.b.manager).text
    with as_(world.b.manager) as actor, pytest.raises(NotAllowed):
        erasing.confirm(actor, db.session.execute(sa.select(Erasure), execution_options={"scope": "all"}).scalar_one())


def test_one_person_is_not_two(as_: As, world: World, gone: int) -> None:
    wish = ask(as_, world.a.manager, gone)
    with pytest.raises(Conflict):
        confirm(as_, world.a.manager, wish)
    with pytest.raises(Conflict):
        ask(as_, world.a.people["administrator"], gone)
    confirm(as_, world.a.people["administrator"], wish)
    with pytest.raises(Conflict):
        confirm(as_, world.people["administrator"], wish)


def test_the_database_too_wants_two(session: orm.Session, as_: As, world: World, gone: int) -> None:
    wish = ask(as_, world.a.manager, gone)
    same = sa.text("UPDATE erasure SET confirmed_by_id = asked_by_id, confirmed_at = now() WHERE id = :id")
    with pytest.raises(sa.exc.IntegrityError, match="the_second_is_not_the_first"):
        session.execute(same, {"id": wish})


def test_who_works_here_and_oneself_are_not_erased(as_: As, world: World, gone: int) -> None:
    with pytest.raises(Conflict):
        ask(as_, world.a.manager, world.a.exam_officer)
    with pytest.raises(Conflict):
        ask(as_, world.a.manager, world.a.manager)
    for days in (0, 6, 91):
        with pytest.raises(Invalid):
            ask(as_, world.a.manager, gone, days=days)


def test_it_can_be_taken_back_until_it_is_done(app: Flask, as_: As, world: World, gone: int) -> None:
    wish = ask(as_, world.a.manager, gone)
    confirm(as_, world.a.people["administrator"], wish)
    with as_(world.a.manager) as actor:
        erasing.withdraw(actor, db.session.get_one(Erasure, wish))
    assert later(app, 40) == 0
    again = ask(as_, world.a.manager, gone)
    confirm(as_, world.a.people["administrator"], again)
    assert later(app, 40) == 1
    with as_(world.a.manager) as actor, pytest.raises(Conflict):
        erasing.withdraw(actor, db.session.get_one(Erasure, again))
    with as_(world.a.manager) as actor, pytest.raises(Conflict):
        register.reactivate(actor, db.session.get_one(Person, gone))


def test_who_comes_back_with_a_backup_is_erased_again(
    app: Flask, as_: As, world: World, gone: int, session: orm.Session, settings: Any
) -> None:
    wish = ask(as_, world.a.manager, gone)
    confirm(as_, world.a.people["administrator"], wish)
    assert later(app, 20) == 1
    named = erasing.remembered_in(settings.ledger_witness_path.with_name(erasing.REMEMBERED))
    subject = session.get_one(Person, gone).ledger_subject
    assert subject in named
    restored = sa.update(Person).where(Person.id == gone).values(name="王某", account="wang")
    session.execute(restored)
    session.execute(sa.delete(LedgerSubject).where(LedgerSubject.id == subject))
    session.add(LedgerSubject(id=subject, sealed_key=b"x"))
    session.commit()
    with as_(KEEPER):
        assert erasing.repeat(KEEPER, None, subjects=[subject, uuid4()]) == 1
        assert erasing.repeat(KEEPER, None, subjects=[subject]) == 0
    session.expire_all()
    assert session.get_one(Person, gone).name == f"#{gone}"


def test_a_file_that_names_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    path.write_text('{"subject": "nobody"}')
    with pytest.raises(Invalid):
        erasing.remembered_in(path)


def test_what_other_features_know_is_cleared_too(
    app: Flask, as_: As, world: World, gone: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def eraser(_session: orm.Session, person: int) -> int:
        asked.append(person)
        return 3

    monkeypatch.setitem(erasing.ERASERS, "test", eraser)
    wish = ask(as_, world.a.manager, gone)
    confirm(as_, world.a.people["administrator"], wish)
    later(app, 20)
    assert asked == [gone]


# ---- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_way_over_the_pages(as_: As, world: World, gone: int, page: Page, language: str) -> None:
    manager, second = world.a.manager, world.a.people["administrator"]
    assert f"/people/{gone}/erasure" in str(page.get(f"/people/{gone}", manager, language=language))
    page.get(f"/people/{gone}/erasure", manager, language=language)
    page.post(f"/people/{gone}/erasure", manager, expect=422, reason="", days="15")
    page.post(f"/people/{gone}/erasure", manager, expect=422, reason="本人申请", days="3")
    page.post(f"/people/{gone}/erasure", manager, expect=303, reason="本人申请", days="15")
    waits = page.get(f"/people/{gone}/erasure", manager, language=language)
    assert waits.select_one("#confirm-erasure") is None
    wish = page.get(f"/people/{gone}/erasure", second, language=language).select_one("#confirm-erasure form")
    assert wish is not None
    page.post(str(wish["action"]), second, expect=303)
    listed = page.get("/people/erasures", manager, language=language)
    assert f"/people/{gone}/erasure" in str(listed)
    page.post(str(wish["action"]).replace("confirm", "withdraw"), manager, expect=303)
    assert f"/people/{gone}/erasure" not in str(page.get("/people/erasures", manager, language=language))
    assert f"/people/{gone}/erasure" in str(page.get("/people/erasures?all=yes", manager, language=language))


def test_who_still_works_here_is_said_so(world: World, page: Page) -> None:
    assert "请先停用账号" in page.get(f"/people/{world.a.exam_officer}/erasure", world.a.manager).text


def test_the_list_asks_the_same_number_of_questions_whatever_its_length(
    session: orm.Session, world: World, page: Page, queries: list[str]
) -> None:
    def several(number: int) -> None:
        for n in range(number):
            person = Person(
                account=f"left-{number}-{n}", name=f"离职{n}", category="nurse", institution_id=world.a.township
            )
            session.add(person)
            session.flush()
            wish = {"person_id": person.id, "institution_id": person.institution_id, "asked_by_id": world.a.manager}
            session.add(Erasure(**wish, reason="x", due_on=clock.today()))
        session.commit()

    counted = []
    for number in (2, 30):
        several(number)
        queries.clear()
        page.get("/people/erasures", world.a.manager)
        counted.append(len(queries))
    assert counted[0] == counted[1]


# ---- rules --------------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.decimals(allow_nan=False) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_every_value_can_be_said_in_json(value: object) -> None:
    assert json.loads(json.dumps(plain(value))) == plain(value)


@given(st.binary())
def test_a_hash_is_said_and_a_picture_is_a_file(value: bytes) -> None:
    assert is_file(value) is (len(value) > 64)


@pytest.mark.parametrize(
    ("column", "columns", "owner"),
    [
        ("doctor_name", {"person_id", "assessor_id"}, "person_id"),
        ("assessor_name", {"person_id", "assessor_id"}, "assessor_id"),
        ("apprentice_name", {"apprentice_id"}, "apprentice_id"),
        ("file_name", {"sent_by_id"}, None),
        ("name", {"person_id"}, None),
    ],
)
def test_whose_name_a_column_holds(column: str, columns: set[str], owner: str | None) -> None:
    assert whose_name(column, frozenset(columns)) == owner


def test_jobs_are_registered(app: Flask) -> None:
    work: dict[str, Callable[..., Any]] = jobs.WORK
    assert {exporting.MAKE, "people.forget_exports", "people.erase_due"} <= work.keys()
    with app.app_context():
        act_as(db.session, KEEPER)
        assert erasing.erase_all(KEEPER, Path("nowhere")) == 0
