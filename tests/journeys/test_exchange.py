"""An editor brings a file of questions: the dry run by a real worker, the import, and the same file once more."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect
from sqlalchemy import orm

from assessments.bank.formats.known import FORMATS
from assessments.bank.models import Question
from lms.authz import Actor
from lms.db import act_as
from tests.assessments.bank.formats.made import one_of_each
from tests.databases import Live
from tests.factories.exams import question
from tests.factories.osce_live import PASSWORD, give_password
from tests.waiting import arrive

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
SOON = 60_000


@pytest.fixture
def account(live: Live, tmp_path: Path) -> str:
    """An editor of county A, one question in the bank, and a file with one of every kind."""
    (tmp_path / "questions.xml").write_bytes(FORMATS["moodle"].write(one_of_each()).data)
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        question(session, "there-already")
        made = give_password(session, live.world.a.editor)
        session.commit()
    live.web()
    live.worker()
    return made


def test_a_file_is_checked_imported_and_then_changes_nothing(
    live: Live, account: str, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(locale="zh-CN")
    page.goto(f"{live.address}/bank/import")
    page.locator("#account").fill(account)
    page.locator("#password").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(f"{live.address}/bank/import")
    for time in ("first", "second"):
        arrive(page, f"{live.address}/bank/import")
        page.locator("input[type=file]").set_input_files(tmp_path / "questions.xml")
        page.get_by_role("button", name="核对").click()
        expect(page.locator("main tbody tr")).to_have_count(8, timeout=SOON)
        if time == "first":
            page.get_by_role("button", name="导入", exact=True).click()
            expect(page.get_by_text("经他人审核后才会用于考试")).to_be_visible(timeout=SOON)
        else:
            expect(page.get_by_text("没有可导入的内容")).to_be_visible()
    with orm.Session(live.engine()) as session:
        act_as(session, Actor.job("test"))
        assert session.scalar(sa.select(sa.func.count()).select_from(Question)) == 9
