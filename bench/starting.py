"""The demo's first and second start, in a fresh clone with a home of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import config
from bench import arena
from bench.report import Row

TITLE = "Starting the demo"
WORDS = (
    "`git clone`, `make demo`, `make stop`, `make demo` in an empty folder with an empty home, what is committed and "
    "nothing else. The first start builds `.venv` (packages from pip's cache or the index), makes the database, loads "
    "content and tells the city's story."
)
MOST = 10.0
_CACHE = [sys.executable, "-m", "pip", "cache", "dir"]


def measure(_field: arena.Arena, runs: int) -> list[Row]:
    """First and second start in turn, each pair in a clone of its own."""
    firsts, seconds = list[float](), list[float]()
    for _ in range(runs):
        first, second = _once()
        firsts.append(first)
        seconds.append(second)
    again = Row("second start", seconds, "s", firsts, "first start", f"≤ {MOST:.0f} s")
    return [Row("first start", firsts, "s"), Row(**(vars(again) | {"met": again.median <= MOST}))]


def _once() -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        clone, home = Path(folder) / "clone", Path(folder) / "home"
        home.mkdir()
        Path(folder).chmod(0o755)  # root's database server runs as another user
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", config.CHECKOUT, clone], check=True)
        variables = _environment(home)
        try:
            first = _make(clone, variables, "demo")
            _make(clone, variables, "stop")
            return first, _make(clone, variables, "demo")
        finally:
            _clear(clone, variables)


def _environment(home: Path) -> dict[str, str]:
    """Our own variables with another home; pip may use the cache and the settings it has here."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LMS_", "XDG_", "VIRTUAL_ENV", "MAKE", "MFLAGS"))}
    cache = subprocess.run(_CACHE, capture_output=True, text=True, check=True).stdout.strip()
    own = [path for path in (Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf") if path.exists()]
    settings = {} if "PIP_CONFIG_FILE" in kept or not own else {"PIP_CONFIG_FILE": str(own[0])}
    return kept | {"HOME": str(home), "PIP_CACHE_DIR": cache} | settings


def _make(clone: Path, variables: dict[str, str], target: str) -> float:
    began = time.perf_counter()
    done = subprocess.run(
        ["make", target],
        cwd=clone,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"make {target}: {(done.stderr or done.stdout).strip()[-800:]}")
    return time.perf_counter() - began


def _clear(clone: Path, variables: dict[str, str]) -> None:
    """Stop what the clone started and remove its database, wherever it lies."""
    python = clone / ".venv" / "bin" / "python"
    if not python.exists():
        return
    subprocess.run(["make", "stop"], cwd=clone, env=variables, capture_output=True, timeout=300, check=False)
    ask = "from lms.postgres import default_home; from pathlib import Path; print(default_home(Path.cwd(), 'postgres'))"
    said = subprocess.run([python, "-c", ask], cwd=clone, capture_output=True, text=True, check=False).stdout.strip()
    if said:
        shutil.rmtree(Path(said).parent, ignore_errors=True)
