"""What the terminal shows while one waits."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 44


def note(words: str) -> None:
    """One line."""
    print(words, flush=True)


@contextmanager
def step(words: str) -> Iterator[None]:
    """A named step with the seconds it took."""
    began = time.monotonic()
    print(f"  … {words}", end="\r" if sys.stdout.isatty() else "\n", flush=True)
    yield
    print(f"  ✓ {words:<{WIDTH}} {time.monotonic() - began:5.1f} s", flush=True)
