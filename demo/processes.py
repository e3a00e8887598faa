"""Web server, worker and signer of the demo: started apart from the terminal, ended by `make stop`."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from config import CHECKOUT
from demo.installation import VAR, Installed

RUN, LOGS = VAR / "run", VAR / "log"
_FLASK = [sys.executable, "-m", "flask", "--app", "lms"]


class DidNotStart(Exception):
    """A process ended at once; the message names its log."""


def start(installed: Installed) -> None:
    """Start what does not run yet; wait for the site alone, worker and signer come up while one reads."""
    RUN.mkdir(exist_ok=True)
    LOGS.mkdir(exist_ok=True)
    bind = f"127.0.0.1:{urlsplit(installed.address).port}"  # this machine alone, however its name resolves
    serve = [sys.executable, "-m", "gunicorn", "lms:create_app()", "--bind", bind, "--workers", "2", "--threads", "8"]
    _start("web", [*serve, "--worker-class", "gthread", "--no-control-socket"])
    _wait(f"http://{bind}/readyz")
    _start("worker", [*_FLASK, "worker", "run"])
    _start("signer", [*_FLASK, "signer", "run"])


def stop() -> None:
    """End what `start` started, gently, then for certain."""
    for path in sorted(RUN.glob("*.pid")):
        number = _running(path.stem)
        if number is not None:
            _end(number)
        path.unlink(missing_ok=True)


def _start(name: str, command: list[str]) -> None:
    if _running(name) is not None:
        return
    with (LOGS / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    (RUN / f"{name}.pid").write_text(str(process.pid))


def _running(name: str) -> int | None:
    """The process's number, if it is alive and still one of ours (numbers are used again)."""
    path = RUN / f"{name}.pid"
    try:
        number = int(path.read_text())
        command = subprocess.run(
            ["ps", "-o", "args=", "-p", str(number)], capture_output=True, text=True, check=False
        ).stdout
    except (OSError, ValueError):
        return None
    return number if str(Path(sys.executable).name) in command or "gunicorn" in command else None


def _end(number: int) -> None:
    for how, seconds in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 2.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(number, how)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                os.killpg(number, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(0.05)


def _wait(address: str, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if _running("web") is None:
            raise DidNotStart(f"the web server ended; see {LOGS / 'web.log'}")
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise DidNotStart(f"no answer from {address}; see {LOGS}")
