"""The page one reads, in a real browser: place kept, answers checked, nothing lost without network."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.between import Said
from tests.browser import axe_source
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


NAMES = "async () => (await indexedDB.databases()).map((one) => one.name)"
WAITING = """(name) => new Promise((done, wrong) => {
    const asked = indexedDB.open(name);
    asked.onerror = wrong;
    asked.onsuccess = () => {
        const all = asked.result.transaction("outbox").objectStore("outbox").getAll();
        all.onsuccess = () => { asked.result.close(); done(all.result.map((one) => one.event.kind)); };
    };
})"""


def kinds(page, person):
    """What waits on this device under an account."""
    return page.evaluate(WAITING, f"learning-{person}")


def rows(site, statement):
    with site.engine().connect() as connection:
        return connection.execute(sa.text(statement)).all()


def begin(site, page):
    page.goto(f"{site.address}/courses/hypertension")
    page.get_by_role("button", name="开始学习").click()
    page.wait_for_url("**/lessons/measure")
    page.locator(".lesson[data-ready]").wait_for(state="attached")


def saved(page):
    page.locator("[data-kept][data-state=saved]").wait_for()


def answer(page, question, *labels):
    frame = page.locator(f"#question-{question}")
    for label in labels:
        frame.get_by_label(label).check()
    frame.get_by_role("button", name="看看对不对").click()


def test_reading_to_the_end_and_answering_right_is_kept_and_counts_when_time_has_passed(site, phone):
    page = phone()
    begin(site, page)
    saved(page)
    answer(page, 0, "马上量")
    expect(page.locator("#question-0 [data-verdict]")).to_contain_text("不对")
    answer(page, 0, "坐下休息")
    page.get_by_text("先休息五分钟").wait_for()
    answer(page, 1, "露出上臂", "背靠椅背")
    page.locator("[data-want=check] [data-met]").wait_for()
    page.locator("[data-end]").scroll_into_view_if_needed()
    page.locator("[data-want=read] [data-met]").wait_for()
    saved(page)
    assert page.locator("[data-complete]").is_hidden()
    # all of it four minutes ago, as the database sees it, however long it took here
    with site.engine().begin() as connection:
        connection.execute(sa.text("UPDATE lesson_event SET received_at = now() - interval '4 minutes'"))
    page.reload()
    page.locator("[data-complete]").wait_for()
    assert page.locator("[data-complete] [data-minutes]").inner_text() == "4"
    assert rows(site, "SELECT minutes FROM lesson_completion") == [(4,)]


SLOW_DISK = """
    const open = IDBFactory.prototype.open;
    const ready = new Promise((go) => { window.diskIsReady = go; });
    IDBFactory.prototype.open = function (...all) {
        const asked = open.apply(this, all);
        const later = (heard) => asked.addEventListener("success", (event) => ready.then(() => heard(event)));
        return Object.defineProperty(asked, "onsuccess", { set: later });
    };
"""


def test_an_answer_is_taken_while_a_slow_device_still_gets_ready(site, phone):
    page = phone()
    begin(site, page)
    page.add_init_script(SLOW_DISK)
    page.reload(wait_until="networkidle")
    answer(page, 0, "坐下休息")
    expect(page.locator("#question-0 [data-verdict]")).to_contain_text("答对了")
    page.evaluate("() => diskIsReady()")
    wait_until(lambda: rows(site, "SELECT question, chosen FROM lesson_event WHERE kind = 'self_check'") == [(0, [1])])


def test_without_network_everything_waits_on_the_phone_and_is_sent_once(site, line, phone):
    page = phone()
    begin(site, page)
    saved(page)
    line.down = True
    answer(page, 0, "坐下休息")
    page.get_by_text("答对了").wait_for()
    page.locator("[data-kept][data-state=waiting]").wait_for()
    assert rows(site, "SELECT count(*) FROM lesson_event WHERE kind = 'self_check'") == [(0,)]
    line.clear()
    saved(page)
    assert rows(site, "SELECT question, chosen FROM lesson_event WHERE kind = 'self_check'") == [(0, [1])]


def test_what_waits_survives_closing_the_page_and_belongs_to_its_account(site, line, phone):
    page = phone()
    begin(site, page)
    saved(page)
    line.down = True
    answer(page, 0, "坐下休息")
    page.locator("[data-kept][data-state=waiting]").wait_for()
    context = page.context
    assert f"learning-{site.world.a.doctor}" in page.evaluate(NAMES)
    assert "self_check" in kinds(page, site.world.a.doctor)
    page.close()
    line.clear()
    again = context.new_page()
    again.goto(f"{site.address}/courses/hypertension/lessons/diagnose")
    saved(again)
    assert rows(site, "SELECT count(*) FROM lesson_event WHERE kind = 'self_check'") == [(1,)]
    assert kinds(again, site.world.a.doctor) == []


def test_an_answer_that_is_not_the_centres_is_no_acknowledgement(site, line, phone):
    page = phone()
    begin(site, page)
    saved(page)
    met = []

    def hotel(asked):
        if not asked.path.endswith("/events"):
            return None
        met.append(asked)
        return Said(b"<h1>Hotel WLAN</h1>")

    line.meets = hotel
    answer(page, 0, "坐下休息")
    page.locator("[data-kept][data-state=waiting]").wait_for()
    wait_until(lambda: len(met) >= 2)  # the one before was heard out
    assert "self_check" in kinds(page, site.world.a.doctor)
    line.clear()
    saved(page)
    assert rows(site, "SELECT count(*) FROM lesson_event WHERE kind = 'self_check'") == [(1,)]


def test_one_goes_on_where_one_stopped_on_another_device(site, phone):
    page = phone()
    begin(site, page)
    saved(page)
    page.set_viewport_size({"width": 390, "height": 240})
    page.locator("#b4").evaluate("(block) => block.scrollIntoView({ behavior: 'instant' })")
    saved(page)  # what was on its way when the page is left goes first, and the place only with the next visit
    page.goto(f"{site.address}/courses")
    wait_until(lambda: rows(site, "SELECT 1 FROM lesson_event WHERE kind = 'position'"))
    assert rows(site, "SELECT anchor FROM lesson_event WHERE kind = 'position'") == [("b4",)]
    other = phone(viewport={"width": 390, "height": 240})
    other.goto(f"{site.address}/courses/hypertension/lessons/measure")
    other.locator("[data-resumed]").wait_for(state="attached")
    place = other.locator("#b4")
    wait_until(lambda: 0 < place.evaluate("(block) => block.getBoundingClientRect().top") < 160)
    assert other.evaluate("() => window.scrollY") > 0


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_serious_finding_about_access_on_any_page_of_learning(site, phone, language):
    page = phone(locale=language)
    page.goto(f"{site.address}/courses/hypertension")
    page.locator("form[action$=join] button").click()
    page.wait_for_url("**/lessons/measure")
    saved(page)
    for path in (
        "/",
        "/courses",
        "/courses/hypertension",
        "/courses/hypertension/lessons/measure",
        "/hours",
        "/techniques",
        "/techniques/bp",
        "/search?q=血压",
    ):
        page.goto(site.address + path)
        page.evaluate(axe_source().read_text())
        found = page.evaluate(
            "axe.run().then(result => result.violations.map(one => [one.impact, one.id, one.nodes[0].html]))"
        )
        assert not [one for one in found if one[0] in ("serious", "critical")], f"{path}: {found}"
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), (
            f"{path} is wider than the phone"
        )
