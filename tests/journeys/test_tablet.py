"""A station tablet for a whole day: let in, prepared, without any server, closed and opened anew, then reconciled."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests import browser as chrome
from tests.databases import Live
from tests.factories.osce_live import PASSWORD
from tests.factories.tablet_live import CODE, ITEMS, Day, day_with

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PIN, OTHER_PIN = "736152", "908174"
SOON = 30_000


@contextmanager
def tablet_in(folder: Path) -> Iterator[BrowserContext]:
    """The tablet's browser, with all that it keeps between being closed and opened."""
    program, arguments = chrome.chromium()
    with sync_playwright() as play:
        context = play.chromium.launch_persistent_context(
            folder,
            executable_path=program,
            args=arguments,
            env=dict(chrome.environment()),
            viewport={"width": 820, "height": 1180},
            locale="zh-CN",
            has_touch=True,
        )
        yield context
        context.close()


def enrol(page: Page, day: Day) -> None:
    page.goto(day.address)
    page.locator("#code").fill(f"{CODE[:4]} {CODE[4:].lower()}")
    page.locator("#enrol-form button").click()
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("main")).to_have_attribute("data-offline", "ready", timeout=SOON)


def prepare(page: Page, account: str, pin: str) -> None:
    """A full sign-in, and a PIN for today."""
    page.locator("#sign-in").click()
    page.locator("#account").fill(account)
    page.locator("#password").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.locator("#new-pin").fill(pin)
    page.locator("#same-pin").fill(pin)
    page.locator("#prepare-form button").click()
    expect(page.locator(".tablet-station").first).to_be_visible(timeout=SOON)


#: Enough for one who is done, one in the middle and one to come at each of three stations.
CANDIDATES = 6


def open_with(page: Page, pin: str) -> None:
    page.locator("#pin").fill(pin)
    page.locator("#open-form button").click()


def enter(page: Page, station: int) -> None:
    """One of my stations, by its place in the list."""
    if page.locator("#to-stations").is_visible():
        page.locator("#to-stations").click()
    page.locator(".tablet-station").nth(station).click()
    expect(page.locator("#to-stations")).to_be_visible()  # until then the one that was open before is in the page
    expect(page.locator(".candidate[aria-current]")).to_have_count(1)


def mark(page: Page, number: int, comment: str = "") -> None:
    """Full points, a rating, submit: as a thumb does it."""
    page.locator(".candidate").nth(number - 1).click()
    for at in range(ITEMS):
        page.locator("fieldset.item").nth(at).locator("label.cell").last.click()
    page.locator("label.level").nth(2).click()
    if comment:
        page.locator("#comment").fill(comment)
    page.locator("#submit").click()
    expect(page.locator(".candidate").nth(number - 1)).to_have_attribute("data-state", "device", timeout=SOON)


def states(page: Page) -> list[str]:
    return [str(one.get_attribute("data-state")) for one in page.locator(".candidate").all()]


def test_a_circuit_marked_without_a_server_and_a_browser_closed_in_the_middle(live: Live, tmp_path: Path) -> None:
    web, day, folder = live.web(), day_with(live, candidates=CANDIDATES), tmp_path / "tablet"
    with tablet_in(folder) as context:
        page = context.pages[0]
        enrol(page, day)
        prepare(page, day.first, PIN)
        live.kill(web, signal.SIGTERM)
        enter(page, 0)
        for number in range(1, CANDIDATES + 1):
            mark(page, number, f"一站{number}")
        assert states(page) == ["device"] * CANDIDATES
        enter(page, 1)
        for number in range(1, 4):
            mark(page, number)
        page.locator(".candidate").nth(3).click()
        page.locator("fieldset.item").first.locator("label.cell").last.click()
        expect(page.locator(".candidate").nth(3)).to_have_attribute("data-state", "draft")
        expect(page.locator(".candidate").nth(3)).to_have_attribute("aria-busy", "false")
        expect(page.locator("#clock")).to_contain_text("本机")
    with tablet_in(folder) as context:
        page = context.pages[0]
        page.goto(day.address)
        expect(page.locator(".tablet-vault")).to_contain_text("10")
        open_with(page, PIN)
        enter(page, 1)
        assert states(page) == ["device"] * 3 + ["draft"] + ["new"] * 2
        for number in range(4, CANDIDATES + 1):
            mark(page, number)
        enter(page, 2)
        for number in range(1, CANDIDATES + 1):
            mark(page, number)
        assert day.counted().total() == 0
        live.web()
        for station in range(3):
            enter(page, station)
            for number in range(CANDIDATES):
                expect(page.locator(".candidate").nth(number)).to_have_attribute(
                    "data-state", "confirmed", timeout=90_000
                )
    assert day.counted() == {(station, candidate): 1 for station in day.stations for candidate in day.candidates}
    assert day.asides() == []


def test_nobody_sees_anothers_a_guessed_pin_opens_nothing_and_a_revoked_tablet_is_kept_aside(
    live: Live, tmp_path: Path
) -> None:
    web, day = live.web(), day_with(live, stations=1, candidates=3)
    with tablet_in(tmp_path / "tablet") as context:
        page = context.pages[0]
        enrol(page, day)
        prepare_one(page, day.first, PIN)
        live.kill(web, signal.SIGTERM)
        mark(page, 1, "只有我知道")
        page.locator("#lock").click()
        nothing_of_the_first(page)
        live.web()
        page.reload()
        prepare_one(page, day.second, OTHER_PIN)
        assert states(page) == ["new"] * 3
        nothing_of_the_first(page)
        assert day.counted().total() == 0
        page.locator("#lock").click()

        expect(page.locator(".tablet-vault")).to_have_count(2)
        page.locator(".tablet-vault", has_text="1 份").click()
        for left in ("4", "3", "2", "1"):
            open_with(page, "111222")
            expect(page.locator("#open-wrong")).to_contain_text(left)
        open_with(page, "111222")
        expect(page.locator("#door-wrong")).to_be_visible()
        expect(page.locator(".tablet-vault[disabled]")).to_have_count(1)
        page.reload()
        expect(page.locator(".tablet-vault[disabled]")).to_have_count(1)

        day.revoke()
        sign_in(page, day.first)
        expect(page.locator("#tablet-name")).to_contain_text("停用")
        prepare_one(page, day.first, PIN, signed_in=True)
        expect(page.locator(".candidate").first).to_have_attribute("data-state", "held", timeout=SOON)
        page.locator(".candidate").first.click()
        expect(page.locator("#note-words")).to_contain_text("停用")
    assert day.counted().total() == 0
    assert day.asides() == [("device_revoked", "只有我知道")]


def test_a_new_set_of_files_takes_over_whole_and_opens_without_network(live: Live, tmp_path: Path) -> None:
    """Another language is another set, as another release is: it comes beside the old one and then in its place."""
    web = live.web()
    with tablet_in(tmp_path / "tablet") as context:
        page, heading = context.pages[0], "#heading"
        page.goto(f"{live.address}/osce/tablet/")
        expect(page.locator("main")).to_have_attribute("data-offline", "ready", timeout=SOON)
        expect(page.locator(heading)).to_have_text("考站平板")
        context.add_cookies([{"name": "language", "value": "en", "url": live.address}])
        page.reload()
        expect(page.locator(heading)).to_have_text("考站平板")
        expect(page.locator("main")).to_have_attribute("data-files", "renewed", timeout=SOON)
        live.kill(web, signal.SIGTERM)
        page.reload()
        expect(page.locator(heading)).to_have_text("Station tablet")
        expect(page.locator("#code")).to_be_visible()
        kept = page.evaluate("async () => caches.keys()")
        assert len(kept) == 2
        held = page.evaluate(
            "async () => (await Promise.all((await caches.keys()).map(async (name) =>"
            " (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat()"
        )
        assert {address for address in held if not address.startswith(("/static/", "/bootstrap/static/"))} == {
            "/osce/tablet/"
        }


def sign_in(page: Page, account: str) -> None:
    page.locator("#sign-in").click()
    page.locator("#account").fill(account)
    page.locator("#password").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    expect(page.locator("#new-pin")).to_be_visible()


def prepare_one(page: Page, account: str, pin: str, *, signed_in: bool = False) -> None:
    """The same where there is one station: it opens at once."""
    if not signed_in:
        sign_in(page, account)
    page.locator("#new-pin").fill(pin)
    page.locator("#same-pin").fill(pin)
    page.locator("#prepare-form button").click()
    expect(page.locator(".candidate[aria-current]")).to_have_count(1, timeout=SOON)


def nothing_of_the_first(page: Page) -> None:
    """Neither on the page nor on the disk in a form that can be read."""
    assert "只有我知道" not in page.content()
    assert "陈建国" not in page.content()
    kept = page.evaluate(
        """() => new Promise((done) => {
            const asked = indexedDB.open("tablet");
            asked.onsuccess = () => {
                const names = ["vaults", "drafts", "sheets"];
                const reading = asked.result.transaction(names);
                const rows = names.map((name) => reading.objectStore(name).getAll());
                reading.oncomplete = () => {
                    const text = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
                        ? new TextDecoder().decode(value) : typeof value === "object" && value
                        ? Object.values(value).map(text).join(" ") : String(value);
                    asked.result.close();
                    done(rows.flatMap((row) => row.result).map(text).join(" "));
                };
            };
        })"""
    )
    assert "只有我知道" not in kept
    assert "candidate" not in kept
