"""Which processes serve a data folder, seen from outside them."""

import os
import subprocess
from pathlib import Path

PROC = Path("/proc")


def postmaster(data: Path) -> tuple[int, bool] | None:
    """The live server of this data folder, as process id and readiness; None when there is none."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not serves(pid, data):
        return None
    return pid, len(lines) > 7 and lines[7].strip() == "ready"


def serves(pid: int, data: Path) -> bool:
    """Whether the process is alive and a PostgreSQL process of this data folder."""
    if not _have_proc():
        return _looks_like_postgres(pid)
    # A number in a file proves nothing: it may be a zombie's or have gone to another program.
    return _works_in(PROC / str(pid), data) and alive(pid)


def holders(data: Path) -> list[int]:
    """Every process that still works in the data folder, such as sessions of a killed server."""
    if not _have_proc():
        return []  # PostgreSQL's own check of its shared memory remains
    numbers = [entry for entry in PROC.iterdir() if entry.name.isdigit()]
    found = [int(entry.name) for entry in numbers if _works_in(entry, data)]
    return [pid for pid in found if alive(pid)]


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return not _have_proc()
    return state not in "ZX"


def can_see_holders() -> bool:
    """Whether this system lets us prove that nobody works in a folder any more."""
    return _have_proc()


def _have_proc() -> bool:
    return (PROC / "self" / "cwd").exists()


def _works_in(process: Path, data: Path) -> bool:
    try:
        # The name too: an administrator's shell may stand in the folder.
        named = (process / "comm").read_text().startswith("postgres")
        return named and (process / "cwd").samefile(data)
    except OSError:
        return False


def _looks_like_postgres(pid: int) -> bool:
    listing = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="],
        capture_output=True,
        text=True,
        check=False,
    )
    return "postgres" in listing.stdout
