"""Real processes of ours that start at once: forked from one that has the application's modules loaded already.

Loading them takes seconds, and a run of all tests starts hundreds of processes. Each of those here is a process of its
own, with its own environment and output, and can be killed like any other; only the loading is shared. Those that must
show a start from nothing use `subprocess` (tests/lms/test_command_line.py, tests/demo).
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import config

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.loaded"])


class Started:
    """A process that runs `python -m …`, with the words that `subprocess.Popen` has for it."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> None:
        given = (list(arguments), dict(environment), str(out), str(err))
        self._process: ForkServerProcess = _context.Process(target=_become, args=given, daemon=True)
        self._process.start()
        self.args = list(arguments)
        self.pid = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended; raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return self._process.exitcode

    def send_signal(self, how: int) -> None:
        """Send it a signal, if it is still there."""
        if self._process.exitcode is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `python -m …` to its end, at most two minutes, with what it said."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        started = Started(arguments, environment, out, err)
        try:
            code = started.wait(120)
        finally:
            started.kill()
        return subprocess.CompletedProcess(list(arguments), code, out.read_text(), err.read_text())


def bare_flask(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours in a process that knows no setting and no database."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("LMS_", "FLASK_"))}
    bare["LMS_SECRET_KEY"] = "weak"  # so that no file of settings in this checkout is enough either
    return run(["flask", "--app", "lms", *arguments], bare)


def _become(arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for number, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(config.CHECKOUT)
    sys.argv = ["", *arguments[1:]]
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
