"""Base backups: all files of a running server, with the part of the log that makes them whole."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from lms import clock
from lms.postgres import folders
from lms.postgres.backup_source import Source, line_of, now, programs_of
from lms.postgres.backup_store import STAMP, BackupRefused, Base, Line, Store, write
from lms.postgres.backup_wal import position, written
from lms.postgres.folders import Account


def take(store: Store, source: Source, programs: Path, keep_days: int | None = None) -> tuple[Line, Base, list[str]]:
    """Take a base backup, check it, and forget what `keep_days` no longer needs: line, backup, what was forgotten."""
    programs_of(programs)
    account = folders.server_account()
    folders.prepare_home(store.folder, account)
    line, _ = line_of(store, source, account)
    path = line.path / "base" / clock.now().strftime(STAMP)
    if path.exists():
        raise BackupRefused(f"{path} is there already: wait a second")
    _make(path, line, source, programs, account)
    made = next(base for base in line.bases() if base.path == path)
    return line, made, [] if keep_days is None else line.forget(clock.now() - timedelta(days=keep_days))


def _make(path: Path, line: Line, source: Source, programs: Path, account: Account) -> None:
    """The files under their final name, once they are whole and described."""
    unfinished = _unfinished(line, account)
    try:
        _copy(source, unfinished / "data", programs, account)
        verify(unfinished / "data", programs, account)
        write(unfinished / "backup.json", _described(line, source, unfinished / "data"))
        unfinished.rename(path)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def verify(data: Path, programs: Path, account: Account) -> None:
    """Refuse files that are not those written down in their manifest, or whose log does not make them whole."""
    run(programs / "pg_verifybackup", ["--quiet", "--exit-on-error", str(data)], account)


def run(program: Path, words: Sequence[str], account: Account, environment: Mapping[str, str] | None = None) -> None:
    """Run a program of PostgreSQL to its end; refused with its last words."""
    done = subprocess.run(
        [str(program), *words],
        cwd="/",
        env=surroundings(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
        **account.for_subprocess(),
    )
    if done.returncode:
        said = [line for line in done.stderr.strip().splitlines() if not line.startswith("pg_waldump: first record")]
        raise BackupRefused(f"{program.name} failed: {said[-1] if said else 'no reason given'}")


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a program: nothing of ours but what it needs."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"} | dict(more or {})


def _unfinished(line: Line, account: Account) -> Path:
    """A folder for the files; what an interrupted backup left there goes."""
    path = line.path / "base" / "unfinished"
    shutil.rmtree(path, ignore_errors=True)
    folders.private_folder(path, account)
    return path


def _copy(source: Source, data: Path, programs: Path, account: Account) -> None:
    words = ["--pgdata", str(data), "--format=plain", "--wal-method=stream", "--checkpoint=fast"]
    words += ["--no-password", "--label=lms", "--dbname", source.conninfo]
    run(programs / "pg_basebackup", words, account, source.environment)


def _described(line: Line, source: Source, data: Path) -> dict[str, object]:
    """What a restore must know before it looks into the files."""
    label = (data / "backup_label").read_text("utf-8")
    began = next(text for text in label.splitlines() if text.startswith("START WAL LOCATION"))
    first = line.segments.number(began.rpartition("file ")[2].rstrip(")"))
    ranges = json.loads((data / "backup_manifest").read_text("utf-8"))["WAL-Ranges"]
    ends = max(position(one["End-LSN"]) for one in ranges)
    if first is None:
        raise BackupRefused("the server began another timeline during the backup: take it again")
    with source.session() as session:
        ended = now(session)
    release = (data / "PG_VERSION").read_text().strip()
    size = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
    told: dict[str, object] = {"ended_at": ended.isoformat(), "first": first, "ends": written(ends)}
    return told | {"size": size, "release": release}
