"""Commands of the platform itself: database, worker, messages."""

import json
import signal
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from alembic.util import CommandError
from flask import current_app
from huey.consumer import Consumer

from config import Settings
from lms import catalogues, jobs, queueing
from lms.cli import command, fail, group, json_option, say
from lms.commands import backups
from lms.db import db, grants, guard, schema
from lms.web import policed

__all__ = ["backups", "register"]  # importing them has filled the commands

CHECKOUT = Path(__file__).resolve().parents[2]


def register() -> None:
    """Importing this module has registered its commands; this names the dependence."""


database = group("database", "Prepare, migrate and check the database.")
messages = group("messages", "The catalogues of translated messages.")
worker = group("worker", "Carry out background work.")
permissions = group("permissions", "Who may do what.")


def _owner() -> sa.Engine:
    settings: Settings = current_app.config["LMS"]
    if not settings.database_owner_url:
        fail("LMS_DATABASE_OWNER_URL is not set: migrations need the owner's role", 2)
    return sa.create_engine(settings.database_owner_url)


@command(database, "prepare", offline=True)
@click.option("--database", "name", default="lms", show_default=True, help="Name of the database.")
def prepare(name: str) -> None:
    """Print the SQL that makes roles, database and extensions (for psql, as an administrator)."""
    if not name.isidentifier():
        fail(f"{name!r} is no name for a database: use letters, digits and _", 2)
    click.echo(grants.prepare(name), nl=False)


@command(database, "migrate")
@click.option("--to", "revision", default="head", show_default=True)
def migrate(revision: str) -> None:
    """Bring the database to the newest shape and give the roles their rights; safe to repeat."""
    try:
        schema.migrate(_owner(), jobs.QUEUE_SCHEMA, jobs.queue_ddl(), revision)
    except CommandError as wrong:
        fail(str(wrong), 2)
    click.echo("migrated")


@command(database, "check")
@json_option
def check(as_json: bool) -> None:
    """Say whether this database is safe to work on."""
    try:
        guard.check(db.engine)
    except guard.DatabaseRefused as refused:
        click.echo(json.dumps({"ok": False, "reasons": str(refused).splitlines()}) if as_json else str(refused))
        raise SystemExit(1) from None
    say({"ok": True}, as_json=as_json, words="safe")


@command(worker, "run")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 16))
def run_worker(threads: int) -> None:
    """Work through the queue until told to stop (SIGTERM or SIGINT ends after the running job)."""
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    queueing.sweep(current_app._get_current_object())  # type: ignore[attr-defined]  # what waited while nobody worked
    Consumer(current_app.extensions["queue"], workers=threads, periodic=True, max_delay=1.0).run()


@command(messages, "update", offline=True)
def update_messages() -> None:
    """Add messages new in the code to the Chinese catalogues, one per feature, and drop dead ones."""
    for name, (added, dropped) in catalogues.update(CHECKOUT).items():
        click.echo(f"{name}: {added} added, {dropped} dropped")


@command(messages, "check", offline=True)
@json_option
def check_messages(as_json: bool) -> None:
    """Name every message without a translation; exit 1 if there is one."""
    missing: dict[str, Any] = catalogues.missing(CHECKOUT)
    say(missing, as_json=as_json, words="\n".join(f"{m}  ({w})" for m, w in missing.items()) or "complete")
    if missing:
        raise SystemExit(1)


@command(permissions, "list")
def list_permissions() -> None:
    """Print docs/permissions.md as this application would have it."""
    click.echo(policed.as_markdown(current_app), nl=False)
