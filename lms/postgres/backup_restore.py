"""A server made again from a base backup and the log, as it was at one moment or at the last one there is."""

import os
import pwd
import shlex
import shutil
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from lms.postgres import folders
from lms.postgres.backup_base import verify
from lms.postgres.backup_store import BackupRefused, Base, Line, Reach, Store
from lms.postgres.backup_wal import position, written
from lms.postgres.defaults import SUPERUSER
from lms.postgres.folders import PostgresRefused
from lms.postgres.server import EmbeddedServer

#: Seconds that replaying the log may take.
REPLAYED_WITHIN = 24 * 3600.0
#: What stays free on the disk beside the restored files.
SPARE = 256 << 20
#: Found in a data folder of ours; other installations keep them elsewhere.
CONFIGURATION = {
    "postgresql.conf": "",
    "pg_hba.conf": "local all all scram-sha-256\nlocal replication all scram-sha-256\n",
    "pg_ident.conf": "",
}


@dataclass(frozen=True)
class Restored:
    """What was restored, from what, until when, and how long each part took."""

    home: str
    base: str
    size: int
    until: datetime
    place: str
    copied_in: float
    verified_in: float
    replayed_in: float
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {name: round(value, 2) if isinstance(value, float) else value for name, value in asdict(self).items()}


def restore(
    store: Store, home: Path, to: datetime | None = None, *, name: str | None = None, installed: Path | None = None
) -> Restored:
    """Make a server in an empty home, as it was at `to` or at the end of the log; it runs when this returns."""
    began = time.monotonic()
    line, base = store.choose(to, name)
    reach = line.reach() if to is None else None  # now: the archive goes on while this goes on
    server = EmbeddedServer(home, installed=installed)
    _must_fit(base, server)
    took: dict[str, float] = {}
    server.adopt(lambda folder: _fill(folder, base, server, took))
    replaying = EmbeddedServer(home, settings=_settings(line, to) | _doors(server), installed=installed)
    at = time.monotonic()
    try:
        replaying.start(within=REPLAYED_WITHIN)
        took["replayed_in"] = time.monotonic() - at
        until, place = _take_over(replaying, reach)
    except (PostgresRefused, BackupRefused, psycopg.Error) as wrong:
        replaying.stop()
        shutil.rmtree(server.data)  # half a restore must not be taken for one; the log of the server stays
        raise BackupRefused(f"the log could not be replayed: {wrong} (look into {server.home / 'log'})") from wrong
    replaying.stop()
    server.start()
    seconds = time.monotonic() - began
    until = until or base.ended_at  # nothing was written after it
    return Restored(str(server.home), base.name, base.size, until, written(place), **took, seconds=seconds)


def _must_fit(base: Base, server: EmbeddedServer) -> None:
    folders.prepare_home(server.home, server.account)
    free = shutil.disk_usage(server.home).free
    if free < base.size + SPARE:
        raise BackupRefused(f"{server.home} has {free >> 20} MB free, the backup needs {(base.size + SPARE) >> 20}")


def _fill(folder: Path, base: Base, server: EmbeddedServer, took: dict[str, float]) -> None:
    """The files of the base backup, each one held against the manifest, and the sign that log must be replayed."""
    began = time.monotonic()
    shutil.copytree(base.data, folder, symlinks=True, dirs_exist_ok=True)
    folders.give(folder, server.account)
    copied = time.monotonic()
    verify(folder, server.programs(), server.account)
    took |= {"copied_in": copied - began, "verified_in": time.monotonic() - copied}
    for name, text in CONFIGURATION.items():
        if not (folder / name).exists():
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
    (folder / "recovery.signal").touch(0o600)


def _settings(line: Line, to: datetime | None) -> dict[str, str]:
    """How the log is replayed. Given with the start alone: nothing of it stays in the restored server."""
    wal = shlex.quote(str(line.wal)).replace("%", "%%")
    one = f'f={wal}/%f; test -f "$f" || f="$f.partial"; test -f "$f" && exec cp "$f" "%p"'
    told = {
        "restore_command": one,
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        "hot_standby": "off",
        # What the other server was told about its neighbours is not for this one.
        "archive_mode": "off",
        "synchronous_standby_names": "",
        "max_wal_size": "4GB",
    }
    return told | ({"recovery_target_time": to.isoformat()} if to else {})


def _doors(server: EmbeddedServer) -> dict[str, str]:
    """Nobody comes in while the log is replayed, but who restores: by their own name on this machine, as superuser."""
    doors = {
        "hba_file": (server.home / "restore-hba.conf", f"local all {SUPERUSER} peer map=restore\n"),
        "ident_file": (server.home / "restore-ident.conf", f"restore {_own_name()} {SUPERUSER}\n"),
    }
    for path, text in doors.values():
        path.write_text(text)
        path.chmod(0o644)
    return {name: str(path) for name, (path, _) in doors.items()}


def _own_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _take_over(server: EmbeddedServer, reach: Reach | None) -> tuple[datetime | None, int]:
    """Give the superuser the password of this home; until when, and where the log ended."""
    url = server.url("postgres", SUPERUSER).replace("+psycopg", "")
    with closing(psycopg.connect(url, autocommit=True)) as session:
        row = session.execute("SELECT pg_last_xact_replay_timestamp(), pg_last_wal_replay_lsn()::text").fetchone()
        until, place = (row[0], position(row[1])) if row else (None, 0)
        if reach and place < reach.place:
            raise BackupRefused(
                f"the log ends at {written(place)}, but the archive held it up to {written(reach.place)}: "
                "a segment in it is damaged"
            )
        password = sql.Literal(server.make_password())
        session.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(SUPERUSER), password))
    return until, place
