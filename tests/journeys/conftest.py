"""What the journeys share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests import browser as chrome


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser for one journey: ask for it last, what needs the database is made before it is open."""
    with chrome.opened() as opened:
        yield opened
