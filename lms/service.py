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
from lms.errors import Conflict, Invalid, Refused
from lms.i18n import _

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

#: How often a verb is begun again when the database chose it as the victim of a deadlock.
TRIES = 3
_RETRY = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_TAKEN = {"23505", "23P01"}  # unique_violation, exclusion_violation: two looked, and then both wrote


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
                except (sa.exc.DataError, sa.exc.IntegrityError, orm.exc.StaleDataError) as wrong:
                    refusal = _refusal(wrong)
                    if refusal is None or session.info["in_transaction"]:
                        raise  # a fault of ours; or the outer verb is undone with it, and says so
                    raise refusal from wrong
            raise AssertionError("unreachable")

        run.needs = needs  # type: ignore[attr-defined]
        return run

    return make


def _refusal(wrong: Exception) -> Refused | None:
    """What the database did not take, in words; None where no user can do anything about it."""
    if isinstance(wrong, sa.exc.DataError):
        return Invalid(_("A number is too large, or a text has characters that cannot be kept."))
    taken = isinstance(wrong, sa.exc.IntegrityError) and getattr(wrong.orig, "sqlstate", "") in _TAKEN
    if taken or isinstance(wrong, orm.exc.StaleDataError):
        return Conflict(_("Somebody did the same at this very moment. Look at it again."))
    return None


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
