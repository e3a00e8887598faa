"""The pictures of the README, taken from the running demo: `make demo`, then `python -m tests.screenshots`.

The doctor's attempt at the open exam is begun, if it was not; nothing else is changed.
"""

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from config import CHECKOUT, Settings
from demo import accounts
from tests.browser import chromium, environment

FOLDER = CHECKOUT / "docs" / "screenshots"
MOST_BYTES = 150_000
PHONE, TABLET, DESK = ({"width": w, "height": h} for w, h in ((390, 760), (1024, 768), (1280, 800)))


def home(page: Page) -> None:
    """What a doctor sees first."""
    page.goto("/")


def lesson(page: Page) -> None:
    """The first lesson of the course."""
    page.goto("/courses/hypertension-primary-care")
    page.locator("a[href*='/lessons/']").first.click()


def exam(page: Page) -> None:
    """The open exam, with one answer acknowledged by the server."""
    page.goto("/my/exams")
    page.locator("main a[href^='/exams/'], main a[href^='/attempts/']").first.click()
    begin = page.locator("form[action$='/start'] button[type=submit]")
    if begin.count():
        begin.click()
    elif not page.locator("section.question").count():
        page.locator("main a[href^='/attempts/']").first.click()
    taken = page.locator("dialog#take-sheet[open]")  # the attempt was begun in an earlier browser
    saved = page.locator("#saved", has_text="已全部保存")
    expect(taken.or_(saved).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    if taken.count():
        page.locator("#take-yes").click()
        expect(taken).to_have_count(0)
    question = page.locator("section.question:visible")
    if not question.locator("input:checked").count():
        question.locator(".choice").first.click()
    expect(question).not_to_contain_text("未作答")
    expect(saved).to_be_visible()


def station(page: Page) -> None:
    """A candidate half marked at the station: nothing is sent."""
    page.goto("/osce")
    page.locator("main a[href^='/osce/stations/']").last.click()  # the first one is done
    page.wait_for_load_state("networkidle")
    page.locator(".candidate").first.click()
    items = page.locator("fieldset.item")
    for at in range(5):
        items.nth(at).locator("label.cell").last.click()
    page.evaluate("scrollTo(0, 0)")


def desk(page: Page) -> None:
    """A proposed certificate beside its evidence."""
    page.goto("/certificates")
    page.locator("main a[href*='/certificates/cases/']").first.click()


def tree(page: Page) -> None:
    """The county's institutions, opened to the township hospitals."""
    page.goto("/institutions")
    page.locator(".tree-step[aria-expanded=false]").first.click()


def verification(page: Page) -> None:
    """What a stranger sees who scans the code of a doctor's certificate."""
    page.goto("/certificates/mine")
    page.locator("main a[href^='/certificates/']:not([href$='.pdf'])").first.click()
    address = page.locator("main a[href*='/v/']").first.get_attribute("href") or ""
    page.context.clear_cookies()
    page.goto(address)


def stars(page: Page) -> None:
    """What counts for the next star, in English."""
    page.goto("/stars")


def evaluation(page: Page) -> None:
    """Ten records of a doctor, scored by an assessor of another institution."""
    page.goto("/practice")
    page.locator("tbody tr", has_text="已采纳").first.locator("a").first.click()


#: file, how, who, on what, in which language
Shot = tuple[str, Callable[[Page], None], str, dict[str, int], str]
SHOTS: tuple[Shot, ...] = (
    ("doctor-home", home, "doctor", PHONE, "zh-CN"),
    ("lesson", lesson, "doctor", PHONE, "zh-CN"),
    ("exam", exam, "doctor", PHONE, "zh-CN"),
    ("verification", verification, "gp01", PHONE, "zh-CN"),
    ("station", station, "examiner", TABLET, "zh-CN"),
    ("certificate-case", desk, "cert", DESK, "zh-CN"),
    ("institutions", tree, "manager", DESK, "zh-CN"),
    ("evaluation", evaluation, "exam", DESK, "zh-CN"),
    ("stars-en", stars, "gp01", DESK, "en"),
)


def main() -> None:
    """Take every picture, or those named on the command line."""
    wanted = set(sys.argv[1:]) or {name for name, *_ in SHOTS}
    FOLDER.mkdir(exist_ok=True)
    with opened() as browser:
        for name, act, who, size, language in SHOTS:
            if name in wanted:
                sys.stdout.write(f"{name}: {_take(browser, name, act, who, size, language)} bytes\n")


@contextmanager
def opened() -> Iterator[Browser]:
    """The browser of the tests."""
    program, arguments = chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=arguments, env=environment())
        yield browser
        browser.close()


def _take(
    browser: Browser, name: str, act: Callable[[Page], None], who: str, size: dict[str, int], language: str
) -> int:
    context = browser.new_context(
        base_url=Settings.load().public_url,
        viewport=size,  # type: ignore[arg-type]
        locale=language,
        device_scale_factor=2 if size is PHONE else 1,
        has_touch=size is not DESK,
        reduced_motion="reduce",
    )
    page = context.new_page()
    _sign_in(page, who)
    act(page)
    page.wait_for_load_state("networkidle")
    picture = _packed(page.screenshot())
    context.close()
    (FOLDER / f"{name}.png").write_bytes(picture)
    return len(picture)


def _sign_in(page: Page, account: str) -> None:
    page.goto("/sign-in")
    page.locator("#account").fill(account)
    page.locator("#password").fill(_password(account))
    page.locator("main form button[type=submit], form:has(#password) button[type=submit]").first.click()
    if page.locator("#code").count():
        page.locator("#code").fill(_flask("people", "code", account))
        page.locator("form:has(#code) button[type=submit]").first.click()
    expect(page.locator(".topbar details.menu")).to_be_attached()


@cache
def _password(account: str) -> str:
    """Of a shown account; of another one of the simulated city, a fresh one is drawn."""
    known = {row["account"]: row["password"] for row in accounts.rows()}
    return str(known.get(account) or _flask("people", "password", account, "--random", "--keep"))


def _flask(*arguments: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "lms", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.strip()


def _packed(png: bytes) -> bytes:
    """As many colours as fit into the size a README may ask of a slow network."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        packed = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
        if packed.tell() <= MOST_BYTES:
            return packed.getvalue()
    raise ValueError(f"still {packed.tell()} bytes with 32 colours")


if __name__ == "__main__":
    main()
