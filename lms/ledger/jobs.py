"""Background work: write the head of the ledger to a place that whoever owns the database does not own."""

from pathlib import Path
from typing import Any

from lms.authz import Actor
from lms.db import act_as, db, transaction
from lms.errors import Conflict
from lms.ledger import formats, queries, services

WITNESS = "ledger.witness"
ACTOR = Actor.job("ledger")


def witness(path: Path) -> dict[str, Any]:
    """Write down the newest head, in the database and outside; refuses to go on from a log that was cut."""
    session = db.session
    act_as(session, ACTOR)
    last = formats.newest(formats.read_heads(path))
    if last is not None:
        _must_go_on_from(last)
    with transaction(session):
        head = services.write_head(session)
        words = (head.size, head.root, head.at) if head else None
    if words is None or (last is not None and words[0] <= last.size):
        return {"size": words[0] if words else 0, "new": False}
    formats.add_head(path, *words)
    return {"size": words[0], "new": True}


def _must_go_on_from(last: queries.Head) -> None:
    """The witnessed log must be the beginning of this one (O(log n): the whole is for `ledger verify`)."""
    size = queries.size(db.session)
    if size < last.size:
        raise Conflict(f"the ledger has {size} entries, but {last.size} were witnessed")
    if queries.root(db.session, last.size) != last.root:
        raise Conflict(f"the first {last.size} entries of the ledger are not those witnessed")
