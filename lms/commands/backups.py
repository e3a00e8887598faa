"""Commands that keep a database and bring it back: docs/backup.md says how they are used.

Those who keep backups need neither the settings nor the secrets of the application: what they are told, they are told
by options or by LMS_BACKUP_* variables.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app

from config import CHECKOUT, Settings
from lms import clock
from lms.authz import Actor
from lms.cli import command, fail, group, json_option, say
from lms.db import act_as, db, grants, guard
from lms.ledger import formats
from lms.ledger import queries as ledger
from lms.postgres import EmbeddedServer, PostgresRefused, backup_checks, default_home
from lms.postgres.backup_archive import EVERY, Archive
from lms.postgres.backup_base import take
from lms.postgres.backup_checks import Checked
from lms.postgres.backup_drill import Drill
from lms.postgres.backup_restore import restore as restore_into
from lms.postgres.backup_source import Source
from lms.postgres.backup_store import Line, Store

database = group("database", "Prepare, migrate and check the database.")
#: What the database is called where nobody says otherwise.
DATABASE = "lms"
_folder = click.Path(file_okay=False, path_type=Path)
folder_option = click.option(
    "--folder",
    type=_folder,
    envvar="LMS_BACKUP_FOLDER",
    help="Where backups are kept; without it, beside the embedded server.",
)
server_option = click.option(
    "--server", envvar="LMS_BACKUP_SERVER", help="postgresql://role:password@host; without it, the embedded server."
)
programs_option = click.option(
    "--programs",
    type=_folder,
    envvar="LMS_BACKUP_PROGRAMS",
    help="PostgreSQL's programs; without it, the embedded ones.",
)
_MOMENT = "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f%z"
to_option = click.option(
    "--to",
    type=click.DateTime(_MOMENT),
    help="The moment, with its zone: 2026-11-22T10:30:00+08:00; without it, the last.",
)


def _store(folder: Path | None) -> Store:
    return Store((folder or default_home(CHECKOUT, "backups")).resolve())


def _source(server: str | None) -> Source:
    return Source.at(server or EmbeddedServer(default_home(CHECKOUT, "postgres")).superuser_url())


def _programs(given: Path | None, store: Store) -> Path:
    return given or EmbeddedServer(store.folder).programs()


@contextmanager
def _in_words() -> Iterator[None]:
    """What the embedded server refuses is one line, as every refusal."""
    try:
        yield
    except PostgresRefused as refused:
        fail(str(refused))


@command(database, "backup", offline=True)
@folder_option
@server_option
@programs_option
@click.option("--keep-days", type=click.IntRange(1, 3650), help="Forget what is not needed for the last N days.")
@json_option
def backup(
    folder: Path | None, server: str | None, programs: Path | None, keep_days: int | None, *, as_json: bool
) -> None:
    """Take a base backup of the running server, and check it."""
    store = _store(folder)
    with _in_words():
        line, made, forgotten = take(store, _source(server), _programs(programs, store), keep_days)
    told = {"backup": made.name, "line": line.path.name, "bytes": made.size, "forgotten": forgotten}
    words = f"{made.name}: {made.size >> 20} MB in {made.path}" + "".join(f"; forgot {name}" for name in forgotten)
    say(told, as_json=as_json, words=words)


@command(database, "archive", offline=True)
@folder_option
@server_option
@programs_option
@click.option(
    "--every", type=click.FloatRange(0.1, 60), default=EVERY, show_default=True, help="Seconds between marks."
)
def archive(folder: Path | None, server: str | None, programs: Path | None, every: float) -> None:
    """Receive the log as it is written, until told to stop (SIGTERM or SIGINT)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    store = _store(folder)
    with _in_words():
        kept = Archive(store, _source(server), _programs(programs, store), lambda words: click.echo(words, err=True))
        kept.run(stop, every)


@command(database, "backups", offline=True)
@folder_option
@click.option("--max-lag", default=60.0, show_default=True, help="Seconds the archive may be behind.")
@click.option("--max-age", default=8.0, show_default=True, help="Days the newest base backup may be old.")
@json_option
def backups(folder: Path | None, max_lag: float, max_age: float, *, as_json: bool) -> None:
    """List what is kept; exit 1 unless it could be restored to a minute ago."""
    store = _store(folder)
    lines = [_described(line) for line in store.lines()]
    wrong = _wrong(store, timedelta(seconds=max_lag), timedelta(days=max_age))
    words = [
        f"{b['backup']}  {b['bytes'] >> 20} MB  restores until {one['until'] or b['from']}"
        for one in lines
        for b in one["backups"]
    ]
    say({"ok": not wrong, "wrong": wrong, "lines": lines}, as_json=as_json, words="\n".join([*words, *wrong]))
    raise SystemExit(1 if wrong else 0)


def _described(line: Line) -> dict[str, Any]:
    reach = line.reach()
    kept = [{"backup": b.name, "from": b.ended_at.isoformat(), "bytes": b.size} for b in line.bases()]
    return {"line": line.path.name, "until": reach.at.isoformat() if reach else None, "backups": kept}


def _wrong(store: Store, lag: timedelta, age: timedelta) -> list[str]:
    """Why these backups would not do, in words."""
    found = next(store.newest_first(), None)
    if found is None:
        return [f"there is no base backup in {store.folder}: take one with 'database backup'"]
    line, base = found
    wrong, reach, now = [], line.reach(), clock.now()
    if reach is None or now - reach.at > lag:
        words = f"has reached {reach.at.isoformat()} only" if reach else "was never begun"
        wrong.append(f"the archive {words}: see that 'database archive' runs")
    if now - base.ended_at > age:
        wrong.append(
            f"the newest base backup is {(now - base.ended_at).days} days old: take one with 'database backup'"
        )
    if missing := line.missing(base):
        wrong.append(f"segments are missing from {line.wal}: {', '.join(missing[:3])}; take a base backup now")
    return wrong


@command(database, "restore", offline=True)
@click.argument("home", type=_folder)
@folder_option
@to_option
@click.option("--backup", "name", help="This base backup; without it, the newest that leads to the moment.")
@programs_option
@json_option
def restore(
    home: Path, folder: Path | None, to: datetime | None, name: str | None, programs: Path | None, *, as_json: bool
) -> None:
    """Make a server in HOME, an empty folder, as it was at a moment or at the last one there is. It then runs."""
    with _in_words():
        done = restore_into(_store(folder), home, to, name=name, installed=programs)
        address = EmbeddedServer(home).url(DATABASE, grants.APP)
    how = f"LMS_DATABASE_URL='{address}' flask --app lms database verify"
    words = f"restored until {done.until} in {done.seconds:.1f} s; with the role's password, look at it: {how}"
    say(done.as_json() | {"address": address}, as_json=as_json, words=words)


@command(database, "verify")
@click.option(
    "--sample", default=1000, show_default=True, type=click.IntRange(1), help="So many where all are too many."
)
@click.option(
    "--restored", is_flag=True, help="Heads kept elsewhere of a longer ledger are counted as lost, not as a fault."
)
@json_option
def verify(sample: int, *, restored: bool, as_json: bool) -> None:
    """Look at a restored database: its safety, its ledger, and what was decided; exit 1 if anything does not hold."""
    act_as(db.session, Actor.job("database verify"))
    found = {"safety": _safety().as_json(), "ledger": _ledger(restored=restored).as_json()}
    found |= {name: check(db.session, sample).as_json() for name, check in backup_checks.CHECKS.items()}
    good = all(one["ok"] for one in found.values())
    words = [
        f"{name}: {'holds' if one['ok'] else one['why']} ({one['looked_at']} looked at)" for name, one in found.items()
    ]
    say({"ok": good, "checks": found}, as_json=as_json, words="\n".join(words))
    raise SystemExit(0 if good else 1)


def _safety() -> Checked:
    try:
        guard.check(db.engine)
    except guard.DatabaseRefused as refused:
        return Checked(False, 1, str(refused))
    return Checked(True, 1)


def _ledger(*, restored: bool) -> Checked:
    settings: Settings = current_app.config["LMS"]
    found = ledger.verify(db.session, formats.read_heads(settings.ledger_witness_path), restored=restored)
    words = "" if found.holds else f"entry {found.index}: {found.why}"
    more = (("root", found.root), ("witnessed", found.witnessed), ("lost", found.lost))
    return Checked(found.holds, found.entries, words, more)


@command(database, "drill")
@folder_option
@to_option
@click.option(
    "--sample", default=1000, show_default=True, type=click.IntRange(1), help="So many decisions are made again."
)
@click.option("--ground", type=_folder, help="An empty place for three times the database.")
@programs_option
@json_option
def drill(
    folder: Path | None, to: datetime | None, sample: int, ground: Path | None, programs: Path | None, *, as_json: bool
) -> None:
    """Restore the backups into a copy, destroy it, restore it to a moment, verify; exit 1 if anything does not hold."""
    settings: Settings = current_app.config["LMS"]
    place = (ground or default_home(CHECKOUT, "drill")).resolve()
    name = sa.make_url(settings.database_url).database or DATABASE

    def look(server: EmbeddedServer) -> dict[str, Any]:
        return _verified(settings, server, sample)

    def tell(words: str) -> None:
        click.echo(words, err=True)

    with _in_words():
        came_to = Drill(_store(folder), place, name, look, tell, programs).run(to)
    figures = (
        "lost {lost} of {acknowledged} acknowledged marks (RPO {rpo_seconds} s), restored in {rto_seconds} s (RTO)"
    )
    say(came_to, as_json=as_json, words="\n".join([figures.format(**came_to), *came_to["faults"]]))
    raise SystemExit(0 if came_to["ok"] else 1)


def _verified(settings: Settings, server: EmbeddedServer, sample: int) -> dict[str, Any]:
    """What `database verify` says of a restored server, in a process of its own with the application's role."""
    url = sa.make_url(settings.database_url)
    address = server.url(url.database or DATABASE, url.username or grants.APP, str(url.password))
    words = ["-m", "flask", "--app", "lms", "database", "verify", "--restored", "--sample", str(sample), "--json"]
    told = os.environ | {"LMS_DATABASE_URL": address}
    ran = subprocess.run([sys.executable, *words], env=told, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    try:
        said: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        said = {"ok": False, "why": (ran.stderr.strip().splitlines() or ["no reason given"])[-1]}
    return said
