"""Waiting for what other processes do."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Error, Page


def wait_until(true: Callable[[], Any], seconds: float = 90) -> Any:
    """What `true` gives, once it gives something; fails where it is not in time."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "not in time"
        time.sleep(0.2)
    return found


def arrive(page: Page, address: str) -> None:
    """Load an address anew, from whichever page is open: one that goes on by itself may get in between."""

    def arrived() -> bool:
        try:
            page.goto("about:blank")  # the same address again, or another fragment of it, would not be loaded
            page.goto(address)
        except Error as error:
            if "interrupted by another navigation" not in error.message:
                raise
            return False
        return True

    wait_until(arrived)
