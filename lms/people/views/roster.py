"""Importing a roster: send, look at what would happen, import."""

from datetime import timedelta

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.db import db
from lms.errors import Refused
from lms.i18n import _
from lms.jobs import Job
from lms.people.formats.plans import Line, unpack
from lms.people.formats.roster import KINDS
from lms.people.formats.template import template
from lms.people.formats.words import OUTCOMES
from lms.people.forms.directory import RosterForm
from lms.people.models import RosterImport
from lms.people.policy import People
from lms.people.queries.roster import kept_institutions, sent_rosters
from lms.people.rules.planning import Outcome
from lms.people.services import roster as services
from lms.people.views import pages
from lms.people.views.signing_in import mend
from lms.web import exports, intake, limits, progress
from lms.web.pages import actor, one

MOST_BYTES = 10 << 20
PAGE = 100
_PER_HOUR = 60


@pages.page("/people/roster", needs=People.IMPORT, methods=("GET", "POST"))
def roster() -> ResponseReturnValue:
    """Send a roster to be checked; those that were sent before."""
    form = RosterForm()
    if form.validate_on_submit():
        limits.count("roster", str(actor().person_id), most=_PER_HOUR, per=timedelta(hours=1))
        sent_file = form.file.data
        try:
            taken = intake.take(sent_file.stream, sent_file.filename or "", kinds=KINDS, most=MOST_BYTES)
            sent = services.send(actor(), None, taken=taken)
        except Refused as refused:
            return _upload(form, mend(form, refused))
        return redirect(url_for("people.roster_check", id=sent.id), 303)
    return _upload(form, 422 if request.method == "POST" else 200)


def _upload(form: RosterForm, status: int) -> ResponseReturnValue:
    return render_template("people/roster.html", form=form, sent=sent_rosters(), outcomes=OUTCOMES), status


@pages.page("/people/roster/template.xlsx", needs=People.IMPORT)
def roster_template() -> ResponseReturnValue:
    """The empty roster, with the institutions of the reader to choose from."""
    names = [one.name for one in kept_institutions(actor())]
    with template(names) as file:
        answer = Response(file.read(), content_type=exports.KINDS["xlsx"])
    return exports.attached(answer, f"{_('Roster')}.xlsx")


@pages.page("/people/roster/<int:id>", needs=People.IMPORT, on=one(RosterImport))
def roster_check(sent: RosterImport) -> ResponseReturnValue:
    """What a roster would do, row by row; or how far its import is."""
    job = _job(sent)
    if job is not None and job.state in ("queued", "running"):
        return render_template("people/roster_work.html", sent=sent, job=job, applying=sent.apply_job is not None)
    lines = unpack(sent.plan)
    kind = exports.wanted()
    if kind:
        return _export(kind, lines)
    only = request.args.get("only", "")
    shown = [line for line in lines if not only or line.outcome == only]
    number = max(1, request.args.get("page", 1, type=int))
    return render_template(
        "people/roster_check.html",
        sent=sent,
        lines=shown[(number - 1) * PAGE : number * PAGE],
        number=number,
        pages=max(1, -(-len(shown) // PAGE)),
        total=len(shown),
        only=only,
        outcomes=OUTCOMES,
        counts=sent.counts or {},
        failed=job is not None and (job.state == "failed" or bool((job.outcome or {}).get("conflict"))),
        may_apply=sent.state == "checked" and not (sent.counts or {}).get(Outcome.REFUSED),
    )


def _job(sent: RosterImport) -> Job | None:
    """The work that was asked for last."""
    asked = sent.apply_job or sent.check_job
    return progress.as_left_by(db.session.get(Job, asked), sent) if asked is not None else None


@pages.page("/people/roster/<int:id>/state", needs=People.IMPORT, on=one(RosterImport))
def roster_state(sent: RosterImport) -> ResponseReturnValue:
    """How far the work is, for the page's script."""
    return progress.stand(_job(sent), url_for("people.roster_check", id=sent.id))


def _export(kind: str, lines: list[Line]) -> ResponseReturnValue:
    """The refused rows with cell and reason, numbers masked."""
    heads = [_("Sheet"), _("Cell"), _("Full name"), _("Identity number"), _("Institution"), _("Reason")]
    rows: list[list[exports.Cell]] = [
        [line.sheet, cell, line.name, line.identity, line.institution, words]
        for line in lines
        for cell, words in line.reasons
    ]
    return exports.answer(kind, _("Refused rows"), heads, rows)


@pages.page("/people/roster/<int:id>/check", needs=People.IMPORT, on=one(RosterImport), methods=("POST",))
def roster_recheck(sent: RosterImport) -> ResponseReturnValue:
    """Check once more."""
    services.recheck(actor(), sent)
    return redirect(url_for("people.roster_check", id=sent.id), 303)


@pages.page("/people/roster/<int:id>/import", needs=People.IMPORT, on=one(RosterImport), methods=("POST",))
def roster_import(sent: RosterImport) -> ResponseReturnValue:
    """Import what was checked: this file, to this effect."""
    sha256, plan_hash = request.form.get("sha256", ""), request.form.get("plan", "")
    services.request_import(actor(), sent, sha256=sha256, plan_hash=plan_hash)
    flash(_("The import has begun."), "info")
    return redirect(url_for("people.roster_check", id=sent.id), 303)
