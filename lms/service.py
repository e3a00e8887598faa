"""Verbs: the only way anything is changed. Refuse, do, write down, commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import orm

from lms.authz import Actor, Permission
from lms.db import act_as, before_commit, db, transaction
from lms.errors import Invalid
from lms.i18n import _

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

#: How often a verb is begun again when the database chose it as the victim of a deadlock.
TRIES = 3
_RETRY = {"40001", "40P01"}  # serialization_failure, deadlock_detected


@dataclass
class Deed:
    """One verb that was carried out: what the audit log writes down."""

    actor: Actor
    permission: Permission
    verb: str
    on: object
    told: dict[str, Any] = field(default_factory=dict)
    later: bool = False


#: Called with the session and its deeds, inside the transaction, just before the commit.
LISTENERS: list[Callable[[orm.Session, list[Deed]], None]] = []


def tell(**words: Any) -> None:
    """From inside a verb: add words to what the audit log writes down about it."""
    db.session.info["open_deeds"][-1].told.update(words)


def service(
    *, needs: Permission, tells: tuple[str, ...] = (), later: bool = False
) -> Callable[[Callable[Concatenate[Actor, T, P], R]], Callable[Concatenate[Actor, T, P], R]]:
    """Make a function a verb: `verb(actor, thing, *, details)`.

    Whoever calls it must have `needs` on the thing; it runs in one transaction (or joins the one it is
    called in); the audit log gets its name and those details that `tells` names. With `later` the transaction
    only leaves a note of it, and a job writes it down within a minute: for what a thousand people do at once,
    who would otherwise wait for one another at the ledger, commit by commit.
    """

    def make(verb: Callable[Concatenate[Actor, T, P], R]) -> Callable[Concatenate[Actor, T, P], R]:
        @wraps(verb)
        def run(actor: Actor, on: T, /, *args: P.args, **details: P.kwargs) -> R:
            session = db.session
            act_as(session, actor)
            actor.must(needs, on)
            told = {name: details[name] for name in tells if name in details}
            for attempt in range(TRIES):
                try:
                    with transaction(session), _deed(session, Deed(actor, needs, verb.__name__, on, dict(told), later)):
                        return verb(actor, on, *args, **details)
                except sa.exc.OperationalError as wrong:
                    last = attempt + 1 == TRIES or session.info["in_transaction"]
                    if last or getattr(wrong.orig, "sqlstate", None) not in _RETRY:
                        raise
                except sa.exc.DataError as wrong:
                    if session.info["in_transaction"]:
                        raise  # the outer verb is undone with it, and says so
                    raise Invalid(_("A number is too large, or a text has characters that cannot be kept.")) from wrong
            raise AssertionError("unreachable")

        run.needs = needs  # type: ignore[attr-defined]
        return run

    return make


@contextmanager
def _deed(session: orm.Session, deed: Deed) -> Iterator[None]:
    """Keep the deed open while the verb runs, and hand all deeds to the listeners before the commit."""
    info = session.info
    if "write down" not in info["before_commit"]:
        info.update(deeds=[], open_deeds=[])
        before_commit(session, "write down", lambda: _write_down(session))
    info["open_deeds"].append(deed)
    try:
        yield
    finally:
        info["open_deeds"].pop()
    info["deeds"].append(deed)


def _write_down(session: orm.Session) -> None:
    for listener in LISTENERS:
        listener(session, session.info["deeds"])
