"""Every test again on the oldest PostgreSQL we promise, the one that Debian installs.

`python -m tests.conformance [words for pytest]`; another release's programs by PG_PROGRAMS.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from lms.postgres import EmbeddedServer, default_home

CHECKOUT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(os.environ.get("PG_PROGRAMS", "/usr/lib/postgresql/15/bin"))


def main(words: list[str]) -> int:
    """Run the tests against a fresh server of that release; its exit code is theirs."""
    if not (PROGRAMS / "postgres").exists():
        sys.exit(f"{PROGRAMS} holds no PostgreSQL: 'apt-get install postgresql-15', or set PG_PROGRAMS")
    home = default_home(CHECKOUT, "conformance")
    server = EmbeddedServer(home, installed=PROGRAMS)
    server.stop()
    shutil.rmtree(home, ignore_errors=True)
    server.start()
    try:
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *words]
        where = {"LMS_TEST_SUPERUSER_URL": server.superuser_url()}
        return subprocess.run(command, cwd=CHECKOUT, env=dict(os.environ) | where, check=False).returncode
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
