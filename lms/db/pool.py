"""Connections that have rested are tried before they are used again; those in steady use are not asked every time."""

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

#: Seconds after which a connection in the pool may have died unnoticed (a restart, a firewall).
RESTED = 1.0


def try_rested(engine: sa.Engine) -> None:
    """Replace a connection that died while it rested; a question to the server on every request is saved."""
    errors = engine.dialect.loaded_dbapi.Error

    @event.listens_for(engine, "connect")
    @event.listens_for(engine, "checkin")
    def rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def wake(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info["rests_since"] < RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except errors as wrong:
            raise sa.exc.DisconnectionError from wrong
