"""What the terminal shows while one waits."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WIDTH = 44
BAR = 20


def note(words: str) -> None:
    """One line."""
    print(words, flush=True)


@contextmanager
def step(words: str) -> Iterator[None]:
    """A named step with the seconds it took."""
    with bar(words):
        yield


@contextmanager
def bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """A named step that says how far it is: in a terminal a bar with percent, in a pipe one line before and after."""
    began, terminal = time.monotonic(), sys.stdout.isatty()
    print(f"  … {words}", end="\r" if terminal else "\n", flush=True)

    def tick(done: int, total: int) -> None:
        if terminal and total:
            full = BAR * done // total
            drawn = "█" * full + "░" * (BAR - full)
            print(f"  … {words}  {drawn} {100 * done // total:3} %", end="\r", flush=True)

    yield tick
    wipe = "\r\033[K" if terminal else ""
    print(f"{wipe}  ✓ {words:<{WIDTH}} {time.monotonic() - began:5.1f} s", flush=True)
