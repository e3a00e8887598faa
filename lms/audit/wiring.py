"""What the audit log adds to the app."""

from flask import Flask, g, has_request_context, request

from lms import jobs as work
from lms.audit import jobs, queries, services
from lms.audit.policy import Audit
from lms.audit.views import pages
from lms.i18n import _l
from lms.ledger.queries import SOURCES
from lms.service import LISTENERS
from lms.web import nav


def wire(app: Flask) -> None:
    """Hear of every deed, keep the words for the ledger, and show them to auditors."""
    services.SURROUNDINGS.whence = _whence
    if services.write_down not in LISTENERS:
        LISTENERS.append(services.write_down)
    work.register(jobs.WAITING, jobs.write_down_waiting, every=work.every_minute())
    SOURCES[queries.KIND] = queries.sealed_words
    app.register_blueprint(pages)
    label = _l("Audit log")
    nav.register(nav.Item("audit", label, "audit.index", "audit", "side", 900, needs=Audit.READ))


def _whence() -> services.Whence:
    if not has_request_context():
        return services.Whence()
    return services.Whence(g.get("request_id"), request.remote_addr)
