"""The ways a roster comes in: over the pages, by a command, in processes of their own."""

import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms.institutions.models import Institution
from lms.people.models import RosterImport
from tests import databases
from tests.factories.roster import excel, people
from tests.factories.world import World
from tests.lms.people.rosters import ROW, TOWNSHIP
from tests.pages import Page


def upload(page: Page, who: int, data: bytes, expect: int, name: str = "名册.xlsx") -> None:
    page.post("/people/roster", who, expect=expect, file=(io.BytesIO(data), name))


def test_a_check_that_ends_while_its_page_is_made_is_shown_whole(
    page: Page, world: World, as_work_ends: Callable[[], AbstractContextManager[None]]
) -> None:
    upload(page, world.a.manager, excel(people(3, [TOWNSHIP], seed=9)), 303)
    with as_work_ends():
        shown = page.get(page.answer.headers["Location"], world.a.manager)
    assert len(shown.select("tbody tr")) == 3


def test_the_way_over_the_pages(page: Page, world: World, session: orm.Session, work_off: Callable[[], None]) -> None:
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
    work_off()
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
    work_off()
    soup = page.get(at, world.a.manager)
    hidden = {
        str(field["name"]): str(field["value"]) for field in soup.select("form[action$='import'] input[type=hidden]")
    }
    page.post(f"{at}/import", world.b.manager, expect=404, **hidden)
    page.post(f"{at}/import", world.a.manager, expect=303, **hidden)
    page.get(at, world.a.manager)
    work_off()
    page.get(at, world.a.manager, language="en")
    assert page.get("/people?q=" + str(rows[0][0]), world.a.manager).select("tbody tr")
    assert session.scalars(sa.select(RosterImport.state).order_by(RosterImport.id)).all() == ["checked", "applied"]
    page.post(f"{at}/check", world.a.manager, expect=409)


def test_checked_again_after_a_conflict(
    page: Page, world: World, session: orm.Session, work_off: Callable[[], None]
) -> None:
    upload(page, world.a.manager, excel([list(ROW)]), 303)
    at = page.answer.headers["Location"]
    work_off()
    soup = page.get(at, world.a.manager)
    hidden = {
        str(field["name"]): str(field["value"]) for field in soup.select("form[action$='import'] input[type=hidden]")
    }
    page.post(f"{at}/import", world.a.manager, expect=303, **hidden)
    session.execute(sa.update(Institution).where(Institution.id == world.a.township).values(active=False))
    session.commit()
    work_off()
    assert page.get(at, world.a.manager).select_one("form[action$=check]") is not None
    page.post(f"{at}/check", world.a.manager, expect=303)
    work_off()
    assert "D2" in page.get(at, world.a.manager).text


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
