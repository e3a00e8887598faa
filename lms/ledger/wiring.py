"""What the ledger adds to the app."""

from flask import Flask

from lms import jobs as work
from lms.ledger import cli, jobs, queries, services
from lms.ledger.queries import SOURCES

__all__ = ["cli", "wire"]  # the commands register themselves


def wire(app: Flask) -> None:
    """The words of the ledger's own entries, the work that writes heads down, and the commands."""
    SOURCES[services.KEY_DESTROYED] = queries.destroyed_keys
    SOURCES[queries.ROWS] = queries.batches
    path = app.config["LMS"].ledger_witness_path
    work.register(jobs.WITNESS, jobs.witness(path, cli.other_witnesses(app)), every=work.every_minute())
    work.register(jobs.WHOLE, jobs.seal_whole, every=work.daily(18, 50))
