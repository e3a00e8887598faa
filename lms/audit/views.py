"""Pages for auditors."""

from flask import Response, json, render_template, request
from flask.typing import ResponseReturnValue

from lms.audit import documents, queries
from lms.audit.forms import Narrow
from lms.audit.models import AuditEvent
from lms.audit.policy import Audit
from lms.audit.queries import Filters
from lms.audit.services import take_out
from lms.db import db
from lms.i18n import _
from lms.ledger.queries import latest_head, size
from lms.web import exports
from lms.web.pages import Pages, actor, one

pages = Pages("audit", __name__, static_folder=None)


@pages.page("/audit", needs=Audit.READ)
def index() -> ResponseReturnValue:
    """The log, newest first, narrowed by the address; or the same as a file."""
    form = _form()
    filters = _filters(form)
    if kind := exports.wanted():
        return _file(kind, filters)
    listing = queries.listing(db.session, filters, request.args.get("page", 1, type=int))
    ledger = {"size": size(db.session), "head": latest_head(db.session)}
    return render_template("audit/index.html", form=form, filters=filters, listing=listing, ledger=ledger, **_words())


@pages.page("/audit/<int:id>", needs=Audit.READ, on=one(AuditEvent))
def event(event: AuditEvent) -> ResponseReturnValue:
    """One event: its words, and the proof that they are those recorded."""
    shown = queries.shown(db.session, event)
    told = [(queries.detail_words(name), queries.value_words(value)) for name, value in shown.told.items()]
    return render_template("audit/event.html", shown=shown, told=told, **_words())


@pages.page("/audit/<int:id>/proof.json", needs=Audit.READ, on=one(AuditEvent))
def proof(event: AuditEvent) -> ResponseReturnValue:
    """The proof as a file for the stand-alone verifier."""
    line = documents.proof_file(queries.shown(db.session, event))
    body = Response(json.dumps(line, ensure_ascii=False) + "\n", content_type="application/json")
    return exports.attached(body, f"proof-{event.ledger_index}.json")


def _form() -> Narrow:
    form = Narrow(request.args)
    form.area.choices = [("", _("Any")), *queries.areas()]
    form.validate()
    return form


def _filters(form: Narrow) -> Filters:
    on_type, _dash, on_id = (form.thing.data or "").partition("-")
    return Filters(
        who=form.who.data,
        area=form.area.data or None,
        where=form.where.data,
        since=form.since.data,
        until=form.until.data,
        text=form.q.data,
        thing=(on_type, on_id) if on_id else None,
    )


def _file(kind: str, filters: Filters) -> Response:
    lines = take_out(actor(), None, filters=filters, kind=kind)
    told = queries.details(db.session, [line.event for line in lines])
    return exports.answer(kind, _("Audit log"), documents.columns(), documents.rows(lines, told))


def _words() -> dict[str, object]:
    """What the templates need in order to speak."""
    names = ("area_words", "detail_words", "thing_words", "value_words", "verb_words")
    return {name: getattr(queries, name) for name in names} | {"documents": documents}
