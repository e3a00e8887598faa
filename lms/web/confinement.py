"""What every reader of an untrusted file does before it looks at a single byte; loaded by path, knows nothing else.

A reader gets the file on standard input and answers JSON on standard output.
"""

import codecs
import contextlib
import json
import resource
import sys
import zipfile
from collections.abc import Callable
from typing import Any

MEMORY, SECONDS = 1 << 30, 60


class Refused(Exception):
    """The file cannot be read: a code that the parent puts into words, and what else is known (a line)."""

    def __init__(self, code: str, **said: Any) -> None:
        super().__init__(code)
        self.said = said


def give_up_rights() -> None:
    """From here on: so much memory, so much time, and nothing more to open."""
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    for what, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # a system may not know one of them
            resource.setrlimit(what, (most, most))


def answer(work: Callable[[Any], Any], most: int, *, whole: bool = True) -> None:
    """Give up rights, read standard input, and answer with what `work` makes of it, at most so many characters.

    Not `whole`: `work` gets the open file, to read of it what it wants.
    """
    for way in ("utf-8-sig", "utf-16", "gb18030", "cp437"):
        codecs.lookup(way)  # loaded from files, which cannot be opened any more afterwards
    give_up_rights()
    try:
        text = json.dumps(work(sys.stdin.buffer.read() if whole else sys.stdin.buffer), ensure_ascii=False)
        if len(text) > most:
            raise Refused("too much text")
    except Refused as refused:
        text = json.dumps({"refused": str(refused), **refused.said})
    except (MemoryError, RecursionError, zipfile.BadZipFile, EOFError, NotImplementedError, UnicodeError) as wrong:
        large = isinstance(wrong, MemoryError | RecursionError)
        text = json.dumps({"refused": "too large" if large else "damaged"})
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
