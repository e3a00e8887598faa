"""Alembic's environment: our models, on the connection that lms.db.schema opened as the owner."""

import importlib

from alembic import context

import config
from lms.db import Ltree, Model, Sealed

for feature in config.FEATURES:
    importlib.import_module(f"{feature}.wiring")


def ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
    """Leave the queue's own tables alone."""
    return not (kind == "table" and name is not None and name.startswith("huey"))


def rendered(kind: str, value: object, autogen: object) -> str | bool:
    """How our own column types are written in a migration: as the database knows them."""
    if kind == "type" and isinstance(value, Ltree):
        autogen.imports.add("from lms.db import Ltree")  # type: ignore[attr-defined]
        return "Ltree()"
    return "sa.LargeBinary()" if kind == "type" and isinstance(value, Sealed) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Model.metadata,
    include_object=ours,
    render_item=rendered,
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
