"""Servers to look at, and one of its own for who changes it."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lms.postgres import (
    EmbeddedServer,
    processes,
)


@contextmanager
def passable_folder() -> Iterator[Path]:
    """A folder with a short name that the server's user can pass through, whoever runs this."""
    base = Path(tempfile.mkdtemp(prefix="cs-", dir="/tmp"))
    base.chmod(0o755)
    yield base
    for data in base.glob("**/postmaster.pid"):
        found = processes.postmaster(data.parent)
        if found:
            os.kill(found[0], signal.SIGKILL)
    shutil.rmtree(base)


@pytest.fixture
def ground() -> Iterator[Path]:
    """A place for homes."""
    with passable_folder() as base:
        yield base


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedServer]:
    """A running server for tests that only look."""
    with passable_folder() as base:
        one = EmbeddedServer(base / "home")
        one.start()
        yield one
        one.stop()


@pytest.fixture
def server(ground: Path) -> Iterator[EmbeddedServer]:
    """A running server of its own."""
    one = EmbeddedServer(ground / "home")
    one.start()
    yield one
    one.stop()
