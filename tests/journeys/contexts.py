"""Who sits before which screen: contexts of one browser in which somebody of a hall is signed in."""

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page


def sit(context: BrowserContext, address: str, token: str) -> None:
    """Let somebody sit down: whoever sat there before is signed in no more."""
    context.clear_cookies()
    context.add_cookies([{"name": "session_id", "value": token, "url": address}])


def opened(browser: Browser, size: Mapping[str, int], address: str, token: str) -> Page:
    """A screen of their own in which somebody is signed in; what is no desktop is touched."""
    screen: Any = dict(size)
    context = browser.new_context(viewport=screen, locale="zh-CN", has_touch=size["width"] < 1024)
    sit(context, address, token)
    return context.new_page()


def press(page: Page, action: str) -> None:
    """Press the button of the form that goes to this address, and stay until the centre has answered.

    A press that comes before the form's script is there is carried out once it is: who left before would take it along.
    """
    with page.expect_response(lambda said: said.request.method == "POST" and said.url.endswith(action)):
        page.locator(f"form[action$='{action}'] button[type=submit]").click()
