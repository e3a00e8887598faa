"""A web server that journeys start, kill and start again."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests import databases

SERVER = "lms:create_app()"


def kill(process: subprocess.Popen[bytes], live: databases.Live) -> None:
    """kill -9 of the web server and of its worker processes, found by their parent."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)
    live.kill(process)


def serve(live: databases.Live, server: str = SERVER) -> subprocess.Popen[bytes]:
    """A web server that makes its application so."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        server,
        "-b",
        f"127.0.0.1:{live.port}",
        "--threads",
        "8",
        "-k",
        "gthread",
    ]
    process = live._start(command)
    databases.wait_for(f"{live.address}/readyz", process)
    return process
