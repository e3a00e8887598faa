"""Writing in a real browser: what is typed is kept by itself, seen as doctors see it, and never lost to another."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.courses.authoring import test_packages
from tests.courses.authoring.test_packages import sound
from tests.courses.enrolment.conftest import browser, line, pack, phone, site  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SOON = 30_000


def rows(site, statement):  # noqa: F811
    with site.engine().connect() as connection:
        return connection.execute(sa.text(statement)).all()


def kept(page):
    expect(page.locator("[data-draft-kept]")).to_have_attribute("data-state", "saved", timeout=SOON)


def test_an_editor_writes_a_lesson_and_sends_a_file_over_a_bad_line(site, line, phone, tmp_path):  # noqa: F811
    page = phone("a-editor", viewport={"width": 1280, "height": 900}, has_touch=False)
    page.goto(f"{site.address}/editor/drafts/new")
    page.locator("#zh").fill("伤口处理")
    page.locator("#en").fill("Wound care")
    page.locator("#code").fill("wound-care")
    page.locator("main form button[type=submit]").click()
    page.locator("#lessons .row-link").first.click()

    page.locator("#body").fill("## 先看\n\n**按压**止血")
    expect(page.locator("[data-shown] strong")).to_have_text("按压", timeout=SOON)
    page.locator("[name=q0-stem]").fill("先做什么？")
    expect(page.locator("[data-more=question]")).to_have_count(2)
    kept(page)
    assert rows(site, "SELECT entry->>'body' FROM draft_lesson") == [("## 先看\n\n**按压**止血",)]

    line.down = True
    page.locator("#body").fill("## 先看\n\n**按压**止血五分钟")
    expect(page.locator("[data-draft-kept]")).to_have_attribute("data-state", "away", timeout=SOON)
    line.clear()
    kept(page)
    assert rows(site, "SELECT entry->>'body' FROM draft_lesson") == [("## 先看\n\n**按压**止血五分钟",)]

    with site.engine().begin() as connection:
        change = 'UPDATE draft_lesson SET revision = revision + 1, entry = entry || \'{"body": "别人写的"}\''
        connection.execute(sa.text(change))
    page.locator("#body").fill("我写的")
    expect(page.locator("[data-clash]")).to_be_visible(timeout=SOON)
    assert rows(site, "SELECT entry->>'body' FROM draft_lesson") == [("别人写的",)]
    page.get_by_role("button", name="用我的覆盖").click()
    kept(page)
    assert rows(site, "SELECT entry->>'body' FROM draft_lesson") == [("我写的",)]

    film = sound() + b"\x00" * (3 << 20)
    (tmp_path / "breath.wav").write_bytes(film)
    lost = []
    line.loses = lambda asked, _status: asked.method == "PATCH" and len(lost) < 2 and not lost.append(asked.path)
    page.locator("#upload-file").set_input_files(tmp_path / "breath.wav")
    page.locator("[data-module*=upload] button[type=submit]").click()
    expect(page.get_by_label("breath.wav", exact=True)).to_be_checked(timeout=SOON)
    assert len(lost) == 2
    assert rows(site, "SELECT name, size FROM draft_file") == [("breath.wav", len(film))]
    assert page.evaluate("() => Object.keys(localStorage).filter((name) => name.startsWith('upload:'))") == []

    page.goto(f"{site.address}/editor/packages")
    sent = page.request.get(f"{site.address}/editor/courses/hypertension/1/package").body()
    (tmp_path / "course.zip").write_bytes(
        test_packages.change(sent, "course.yaml", lambda text: text.replace("高血压", "血压"))
    )
    again = []
    line.loses = lambda asked, _status: asked.method == "PATCH" and not again and not again.append(asked.path)
    page.locator("input[type=file]").set_input_files(tmp_path / "course.zip")
    page.get_by_role("button", name="核对并导入").click()
    # all of it came, only the answer was lost: the list shows the new draft
    page.wait_for_url(re.compile("/editor/drafts$"), timeout=SOON)
    expect(page.get_by_text("血压入门")).to_be_visible()
    assert len(again) == 1
