"""Asking a child process about a file from outside: it can open nothing, and has so much memory and time."""

import json
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import structlog

from lms.errors import TooLarge
from lms.i18n import _

log = structlog.get_logger("readers")
_PATIENCE = 90


def ask(child: Path, *arguments: str, data: bytes | IO[bytes]) -> dict[str, Any]:
    """What this reader says of these bytes, or of this file on disk: its answer, or `refused` with a code."""
    # -I: nothing from the environment or the working directory is imported.
    command = [sys.executable, "-I", str(child), *arguments]
    try:
        given: dict[str, Any] = {"input": data} if isinstance(data, bytes) else {"stdin": data}
        ended = subprocess.run(command, **given, capture_output=True, timeout=_PATIENCE, env={}, check=False)
    except subprocess.TimeoutExpired:
        raise TooLarge(_("The file takes too long to read. Split it.")) from None
    if ended.returncode != 0:
        log.warning("reader ended", reader=child.name, exit_status=ended.returncode)
        raise too_strange()
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def too_strange() -> TooLarge:
    """The refusal of a file that wants more than a reader may have."""
    return TooLarge(_("The file is too large or too strange to be read. Save it again as .xlsx, or split it."))
