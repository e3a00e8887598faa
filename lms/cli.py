"""The command line: commands that only read files, and commands that work on the database."""

import copy
import importlib
import json
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from lms import i18n
from lms.db import db, guard
from lms.errors import Refused

#: Command groups by name, filled in wiring.py.
GROUPS: dict[str, click.Group] = {}
#: Names of commands (`group command`) that need neither settings nor database.
OFFLINE: set[str] = set()
#: Groups that tend the database itself, or read nothing of it: they work while it is away or unsafe.
UNGUARDED = {"database", "permissions"}


def group(name: str, words: str) -> click.Group:
    """A named group of commands; asking twice gives the same group."""
    if name not in GROUPS:
        GROUPS[name] = click.Group(name, help=words)
    return GROUPS[name]


def command(of: click.Group, name: str, *, offline: bool = False) -> Callable[[Callable[..., Any]], click.Command]:
    """Add a command; `offline=True` where it only reads files. A refusal is one line and exit code 1."""

    def make(act: Callable[..., Any]) -> click.Command:
        if offline:
            OFFLINE.add(f"{of.name} {name}")
        guarded = act if of.name in UNGUARDED else _guarded(act)
        run = _refusing(act) if offline else with_appcontext(_refusing(guarded))
        return of.command(name)(run)

    return make


def _guarded(act: Callable[..., Any]) -> Callable[..., Any]:
    """Work only on a database that is safe."""

    @wraps(act)
    def run(*args: Any, **options: Any) -> Any:
        if current_app.config["GUARDED"]:
            try:
                guard.check(db.engine)
            except guard.DatabaseRefused as refused:
                fail(str(refused), 2)
        return act(*args, **options)

    return run


def _refusing(act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return act(*args, **options)
        except Refused as refused:
            where = "".join(f"{key} {value}: " for key, value in refused.where.items() if key != "field")
            fail(f"{where}{refused}")
        except OSError as error:
            if error.filename is None:
                raise
            fail(f"{error.filename}: {error.strerror}")  # a folder that is not there, a full disk, no right to write

    return run


def fail(reason: str, code: int = 1) -> NoReturn:
    """Say why on standard error, in one line, and leave with a code that a script can see."""
    click.echo(reason, err=True)
    sys.exit(code)


def say(outcome: dict[str, Any], *, as_json: bool, words: str) -> None:
    """Print an outcome: one JSON object, or words for a person."""
    click.echo(json.dumps(outcome, ensure_ascii=False, default=str) if as_json else words)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def install(app: Flask) -> None:
    """Hang every group on the app."""
    for made in GROUPS.values():
        app.cli.add_command(made)


def offline_app(features: Sequence[str], reason: str) -> Flask:
    """An app that knows only the commands that read files; all others say what is missing and exit with 2."""
    app = Flask("lms")
    i18n.install(app, "UTC")  # what is wrong with a file is said in words of the catalogues
    for name in features:
        try:
            importlib.import_module(f"{name}.cli")
        except ModuleNotFoundError as missing:
            if missing.name != f"{name}.cli":
                raise
    for made in GROUPS.values():
        app.cli.add_command(_closed(made, reason))
    return app


def _closed(made: click.Command, reason: str) -> click.Command:
    if not isinstance(made, click.Group):
        return _refuse(made, reason)
    closed = AppGroup(made.name, help=made.help)
    for name, one in made.commands.items():
        kept = _closed(one, reason) if isinstance(one, click.Group) else one
        open_still = kept is not one or f"{made.name} {name}" in OFFLINE
        closed.add_command(kept if open_still else _refuse(one, reason), name)
    return closed


def _refuse(one: click.Command, reason: str) -> click.Command:
    """The same command with the same help, which says what is missing instead of acting."""

    def refuse(**_: Any) -> None:
        for line in reason.splitlines():
            click.echo(line, err=True)
        sys.exit(2)

    closed = copy.copy(one)
    closed.callback = refuse
    return closed
