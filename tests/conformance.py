"""`make conformance`: the whole suite on Debian's PostgreSQL 15, the oldest release we promise."""

import os
import subprocess
import sys
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql/15/bin")
APT = "sudo apt-get install postgresql-15"


def main() -> int:
    """Run pytest against those programs; 2 and the apt line where they are missing."""
    if not (DEBIAN / "initdb").exists():
        sys.stderr.write(f"PostgreSQL 15 is missing: {APT}\n")
        return 2
    environment = os.environ | {"LMS_TEST_PROGRAMS": str(DEBIAN)}
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *sys.argv[1:]]
    return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
