"""Waiting for what other processes do."""

import time
from collections.abc import Callable
from typing import Any


def wait_until(true: Callable[[], Any], seconds: float = 90) -> Any:
    """What `true` gives, once it gives something; fails where it is not in time."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "not in time"
        time.sleep(0.2)
    return found
