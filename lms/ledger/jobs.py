"""Background work: every minute rows are committed to and the head goes to places outside the database."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lms.authz import Actor
from lms.db import act_as, db
from lms.ledger import services

WITNESS, WHOLE = "ledger.witness", "ledger.seal_whole"
ACTOR = Actor.job("ledger")


def witness(path: Path, others: Sequence[str] = ()) -> Callable[..., dict[str, Any]]:
    """The work that commits to the rows that wait, and writes heads down in this file and with these witnesses."""

    def work(_progress: object, **_: Any) -> dict[str, Any]:
        act_as(db.session, ACTOR)
        return services.witness_all(db.session, path, others)

    return work


def seal_whole(_progress: object, **_: Any) -> dict[str, Any]:
    """Once a day no row is passed over, however late it was committed."""
    act_as(db.session, ACTOR)
    return {"rows": services.seal_rows(db.session, whole=True)}
