"""Background work of the log: bringing in what was left for later."""

from typing import Any

from lms.audit import services
from lms.authz import Actor
from lms.db import act_as, db

WAITING = "audit.write_down_waiting"


def write_down_waiting(_progress: object, **_: Any) -> dict[str, Any]:
    """Write down everything that waits, some at a time, so that nobody else waits long for the ledger."""
    act_as(db.session, Actor.job(WAITING))
    written = 0
    while some := services.write_down_waiting(db.session):
        written += some
    return {"written": written} if written else {}
