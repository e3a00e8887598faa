"""A web server that journeys start, kill and start again."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests import databases
from tests.processes import Started

SERVER = "lms:create_app()"


def kill(process: Started, live: databases.Live) -> None:
    """kill -9 of the web server and of its worker processes, found by their parent."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)
    live.kill(process)


def serve(live: databases.Live, server: str = SERVER) -> Started:
    """A web server that makes its application so."""
    return live.serve("--threads", "8", app=server)
