"""The auditor's pages: who sees what, how it is found, and what proves it."""

import csv
import importlib
import inspect
import io
import json
import pkgutil
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import orm

import assessments
import courses
import lms
from lms.audit import services
from lms.audit.models import AuditEvent
from lms.audit.queries import MOST, VERBS
from lms.audit.queries.vocabulary import AREAS
from lms.authz import POLICY, Actor, Permission
from lms.db import Model, act_as, db
from lms.institutions.models import Institution
from lms.ledger import services as ledger
from lms.ledger import verifier
from lms.people.models import Person
from lms.people.queries import actor_for
from lms.service import Deed
from tests.conftest import As
from tests.factories.world import World
from tests.pages import Page


class Rename(Permission):
    """A right of some other feature."""

    THING = "institutions:institution:manage"


def write(as_: As, who: int | Actor, verb: str, on: tuple[type[Model], int] | None = None, **told: object) -> None:
    """Something that was done, as the verb itself would write it down."""
    with as_(Actor.job("test")):
        actor = actor_for(who) if isinstance(who, int) else who
        thing = db.session.get(*on) if on else None
        services.write_down(db.session, [Deed(actor, Rename.THING, verb, thing, told)])
        db.session.commit()


@pytest.fixture
def deeds(as_: As, world: World) -> World:
    """One deed in each county, one about a person, one of the city, one of nobody's institution."""
    write(as_, world.a.manager, "rename", (Institution, world.a.township), name="新名", before="旧名")
    write(as_, world.b.manager, "move", (Institution, world.b.township), reason="b县的事")
    write(as_, world.people["manager"], "grant_role", (Person, world.a.doctor), role="mentor")
    write(as_, world.people["manager"], "close", (Institution, world.city))
    write(as_, Actor.job("nightly"), "reindex", entries=3)
    return world


def acts(soup: BeautifulSoup) -> list[str]:
    """The verbs on the page, from top to bottom."""
    return [str(cell.contents[0]).strip() for cell in soup.select("tbody td:nth-of-type(3) div")]


def audit(page: Page, reader: int, /, *, language: str = "en", **asked: object) -> list[str]:
    """The verbs an auditor is shown for these questions."""
    return acts(page.get("/audit?" + urlencode(asked), reader, language=language))


# ---- who sees what -----------------------------------------------------------------------------


def test_an_auditor_sees_the_deeds_of_the_own_subtree(page: Page, deeds: World) -> None:
    assert audit(page, deeds.a.auditor) == ["grant role", "renamed an institution"]
    assert audit(page, deeds.b.auditor) == ["moved an institution"]


def test_the_auditor_of_the_whole_tree_sees_what_belongs_to_nobody(page: Page, deeds: World) -> None:
    everything = ["reindex", "closed an institution", "grant role", "moved an institution", "renamed an institution"]
    assert audit(page, deeds.people["auditor"]) == everything


@pytest.mark.parametrize(("name", "seen"), [("auditor", 5), ("manager", 4), ("administrator", 4), ("editor", 0)])
def test_the_fence_keeps_what_belongs_to_nobody_for_auditors(app: Flask, deeds: World, name: str, seen: int) -> None:
    """The page asks for the right as well; this is the wall behind it."""
    with app.app_context():
        act_as(db.session, actor_for(deeds.people[name]))
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == seen


@pytest.mark.parametrize("name", ["manager", "administrator", "doctor", "certificate_officer"])
def test_nobody_else_reads_the_log(page: Page, deeds: World, name: str) -> None:
    page.get("/audit", getattr(deeds.a, name), expect=403)
    page.get("/audit?export=csv", getattr(deeds.a, name), expect=403)


def test_a_visitor_is_asked_to_sign_in(page: Page) -> None:
    page.get("/audit", expect=302)


def test_what_is_out_of_reach_does_not_exist(page: Page, deeds: World, session: orm.Session) -> None:
    theirs = session.scalars(sa.select(AuditEvent.id).where(AuditEvent.verb == "move")).one()
    page.get(f"/audit/{theirs}", deeds.b.auditor)
    for rest in ("", "/proof.json"):
        page.get(f"/audit/{theirs}{rest}", deeds.a.auditor, expect=404)
        page.get(f"/audit/{theirs}{rest}", deeds.b.manager, expect=403)
        page.get(f"/audit/{theirs}{rest}", deeds.b.doctor, expect=404)
    page.get("/audit/999999", deeds.b.auditor, expect=404)


# ---- finding -----------------------------------------------------------------------------------

RENAMED, GRANTED, CLOSED = "renamed an institution", "grant role", "closed an institution"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"who": "a-manager"}, [RENAMED]),
        ({"who": "A-MANAGER"}, [RENAMED]),
        ({"who": "市manager"}, [CLOSED, GRANTED]),
        ({"who": "nightly"}, ["reindex"]),
        ({"who": "%"}, []),
        ({"area": "people"}, []),
        ({"area": "institutions", "who": "a-manager"}, [RENAMED]),
        ({"area": "nonsense"}, []),
        ({"where": "a镇"}, [GRANTED, RENAMED]),
        ({"where": "a县卫生"}, [GRANTED, RENAMED]),
        ({"where": "_"}, []),
        ({"q": "rename"}, [RENAMED]),
        ({"q": "grant role"}, [GRANTED]),
        ({"q": "9" * 40}, []),
        ({"since": "2000-01-01", "until": "2000-01-02"}, []),
        ({"since": "2000年1月1日", "q": "rename"}, [RENAMED]),
        ({"thing": "nothing"}, 5),
        ({"page": "9"}, 5),
        ({"page": "-9"}, 5),
        ({"page": "x"}, 5),
    ],
)
def test_the_log_can_be_narrowed(page: Page, deeds: World, asked: dict[str, str], found: list[str] | int) -> None:
    shown = audit(page, deeds.people["auditor"], **asked)
    assert shown == found if isinstance(found, list) else len(shown) == found


def test_the_history_of_one_thing(page: Page, deeds: World) -> None:
    assert audit(page, deeds.people["auditor"], thing=f"person-{deeds.a.doctor}") == [GRANTED]
    assert "王小明" in page.answer.text
    assert audit(page, deeds.people["auditor"], thing=f"institution-{deeds.a.doctor}") != [GRANTED]


def test_an_entry_is_found_by_its_number_in_the_ledger(page: Page, deeds: World, session: orm.Session) -> None:
    index = session.scalars(sa.select(AuditEvent.ledger_index).where(AuditEvent.verb == "move")).one()
    assert audit(page, deeds.people["auditor"], q=f"#{index}") == ["moved an institution"]


def test_today_is_the_day_of_the_institutions(page: Page, deeds: World, session: orm.Session) -> None:
    at = session.execute(sa.text("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")).scalar_one()
    assert len(audit(page, deeds.people["auditor"], since=at, until=at)) == 5


def test_a_day_that_is_none_is_said_to_be_none(page: Page, deeds: World) -> None:
    soup = page.get("/audit?since=2026-02-31", deeds.people["auditor"], language="en")
    assert "Not a date" in soup.select_one(".field-error").get_text()  # type: ignore[union-attr]


# ---- empty, long, in both languages ------------------------------------------------------------


def test_before_anything_was_done(page: Page, world: World) -> None:
    soup = page.get("/audit", world.a.auditor)
    assert "还没有任何记录" in soup.get_text()
    assert not soup.select("table")
    soup = page.get("/audit?who=nobody", world.a.auditor)
    assert "没有符合条件的记录" in soup.get_text()


def test_it_is_said_in_chinese(page: Page, deeds: World) -> None:
    assert audit(page, deeds.a.auditor, language="zh")[-1] == "机构更名"
    text = page.get("/audit", deeds.a.auditor).get_text(" ", strip=True)
    assert "新名" not in text  # the words are sealed; names are those of today
    assert "a镇卫生院（演示）" in text


def test_a_long_log_takes_as_many_queries_as_a_short_one(page: Page, world: World, as_: As, queries: list[str]) -> None:
    def cost(more: int) -> int:
        with as_(Actor.job("test")):
            manager = actor_for(world.a.manager)
            things = [db.session.get(Institution, one) for one in (world.a.township, world.a.clinic)]
            deeds = [Deed(manager, Rename.THING, "rename", things[i % 2], {}) for i in range(more)]
            services.write_down(db.session, deeds)
            db.session.commit()
        queries.clear()
        page.get("/audit", world.people["auditor"])
        return len(queries)

    assert cost(10) == cost(1000)
    soup = page.get("/audit?page=21", world.people["auditor"], language="en")
    assert len(acts(soup)) == 10
    assert "Page 21 of 21" in soup.get_text()


# ---- one event ---------------------------------------------------------------------------------


def event_of(session: orm.Session, verb: str) -> AuditEvent:
    session.expire_all()
    return session.scalars(sa.select(AuditEvent).where(AuditEvent.verb == verb)).one()


def test_one_deed_with_its_words_and_its_proof(page: Page, deeds: World, session: orm.Session, tmp_path: Path) -> None:
    event = event_of(session, "rename")
    text = page.get(f"/audit/{event.id}", deeds.a.auditor, language="en").get_text(" ", strip=True)
    for words in ("Renamed an institution", "amanager", "新名", "旧名", "It stands in the ledger as it was written."):
        assert words in text
    page.get(f"/audit/{event.id}/proof.json", deeds.a.auditor)
    assert page.answer.mimetype == "application/json"
    proof = tmp_path / "proof.json"
    proof.write_text(page.answer.text, encoding="utf-8")
    assert verifier.check_proof(str(proof)) == {
        "holds": True,
        "index": event.ledger_index,
        "opened": True,
        "witnessed": False,
    }


def test_the_words_about_an_erased_person_are_gone_and_proven(
    page: Page, deeds: World, session: orm.Session, as_: As, tmp_path: Path
) -> None:
    event = event_of(session, "grant_role")
    with as_(Actor.job("test")):
        assert ledger.destroy_key(db.session, db.session.get_one(Person, deeds.a.doctor).ledger_subject)
        db.session.commit()
    text = page.get(f"/audit/{event.id}", deeds.a.auditor, language="en").get_text(" ", strip=True)
    assert "The person was erased at their request" in text
    assert "It stands in the ledger" in text
    assert "mentor" not in text
    page.get(f"/audit/{event.id}/proof.json", deeds.a.auditor)
    (tmp_path / "proof.json").write_text(page.answer.text, encoding="utf-8")
    assert not verifier.check_proof(str(tmp_path / "proof.json"))["opened"]


@pytest.mark.parametrize("change", [{"verb": "harmless"}, {"sealed": b"\0broken"}])
def test_a_record_that_was_altered_says_so(
    page: Page, world: World, as_: As, session: orm.Session, change: dict[str, object]
) -> None:
    """As if the owner of the database had written it: the row does not say what the ledger holds."""
    with as_(Actor.job("test")) as actor:
        deed = Deed(actor, Rename.THING, "rename", db.session.get(Institution, world.a.township), {"name": "x"})
        thing = {"on_type": "institution", "on_id": str(world.a.township), "institution_id": world.a.township}
        words = {"actor_person_id": None, "actor_job": "test", "permission": Rename.THING.value, "verb": "rename"}
        words |= {**thing, "request_id": None}
        one = ledger.append(db.session, "audit.deed", {**words, "address": None, "told": deed.told})
        row = {**words, "sealed": one.sealed, "ledger_index": one.index, **change}
        db.session.execute(sa.insert(AuditEvent), [row])
        db.session.commit()
    event = session.scalars(sa.select(AuditEvent)).one()
    text = page.get(f"/audit/{event.id}", world.a.auditor, language="en").get_text(" ", strip=True)
    assert "This record was altered after it was written." in text
    assert "It does not agree with the ledger." in text


# ---- taking it out -----------------------------------------------------------------------------


def test_the_log_as_csv(page: Page, deeds: World, as_: As, session: orm.Session) -> None:
    write(as_, deeds.a.manager, "rename", (Institution, deeds.a.clinic), name="=HYPERLINK(1)", list=[1, True, None])
    page.get("/audit?export=csv&who=a-manager", deeds.a.auditor, language="en")
    rows = list(csv.DictReader(io.StringIO(page.answer.text.removeprefix("\ufeff"))))
    assert [row["Act"] for row in rows] == ["renamed an institution"] * 2
    assert rows[0]["Details"] == "list: 1, yes, not set; Name: =HYPERLINK(1)"
    assert rows[1]["Details"] == "Before: 旧名; Name: 新名"
    assert rows[1]["Thing"] == "Institution a镇卫生院（演示）"
    told = event_of(session, "take_out")
    assert told.actor_person_id == deeds.a.auditor
    page.get(f"/audit/{told.id}", deeds.a.auditor, language="en")
    assert "a-manager" in page.answer.text


def test_the_log_as_a_workbook(page: Page, deeds: World) -> None:
    page.get("/audit?export=xlsx", deeds.people["auditor"])
    book = CalamineWorkbook.from_filelike(io.BytesIO(page.answer.data))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert (head[0], head[2], len(head)) == ("时间", "操作", 10)
    assert len(rows) == 5
    assert any("系统任务：nightly" in row for row in rows)


def test_words_that_are_gone_leave_an_empty_cell(page: Page, deeds: World, as_: As) -> None:
    with as_(Actor.job("test")):
        ledger.destroy_key(db.session, db.session.get_one(Person, deeds.a.doctor).ledger_subject)
        db.session.commit()
    page.get("/audit?export=csv&q=grant_role", deeds.a.auditor, language="en")
    (row,) = csv.DictReader(io.StringIO(page.answer.text.removeprefix("\ufeff")))
    assert row["Details"] == ""
    assert row["Act"] == "grant role"


def test_too_long_a_list_is_refused(page: Page, deeds: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST >= 10_000
    monkeypatch.setattr(services, "MOST", 4)
    soup = page.get("/audit?export=csv", deeds.people["auditor"], expect=413, language="en")
    assert "These are 5 entries. Narrow the list to 4 at most." in soup.get_text()


# ---- every verb has a name ---------------------------------------------------------------------


def verbs() -> set[str]:
    found = set()
    for root in (lms, courses, assessments):
        for module in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
            if "services" in module.name.split(".")[2:3]:
                for name, act in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
                    if hasattr(act, "needs") and act.__module__ == module.name and not name.startswith("_"):
                        found.add(f"{act.needs.value.partition(':')[0]}.{name}")
    return found


@pytest.mark.usefixtures("app")
def test_every_verb_has_a_name_that_an_auditor_can_read() -> None:
    assert sorted(verbs() - VERBS.keys()) == []


def test_proofs_are_json(page: Page, deeds: World, session: orm.Session) -> None:
    event = event_of(session, "reindex")
    page.get(f"/audit/{event.id}/proof.json", deeds.people["auditor"])
    assert json.loads(page.answer.text)["kind"] == "audit.deed"
    assert page.answer.headers["Cache-Control"] == "no-store"


def test_every_area_has_a_name(app: Flask) -> None:
    areas = {permission.value.partition(":")[0] for permission in POLICY}
    assert areas - set(AREAS) <= {"test"}
