"""`/healthz`: the process lives. `/readyz`: it can work, database and migrations included."""

import sqlalchemy as sa
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from lms.db import Everything, db
from lms.web.pages import public


def install(app: Flask) -> None:
    """Add both addresses; they say nothing a stranger may not know."""
    app.add_url_rule("/healthz", "healthz", public(_alive))
    app.add_url_rule("/readyz", "readyz", public(_ready))


def _alive() -> ResponseReturnValue:
    return jsonify(status="ok")


def _ready() -> ResponseReturnValue:
    try:
        db.session.execute(sa.text("SELECT version_num FROM alembic_version"), execution_options=Everything).one()
    except sa.exc.SQLAlchemyError:
        return jsonify(status="database away or not migrated"), 503
    return jsonify(status="ok")
