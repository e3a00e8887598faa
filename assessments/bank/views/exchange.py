"""Questions in files: send one, look at what it would do, import it; take some out."""

from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.bank import queries
from assessments.bank.formats.known import FORMATS, MOST_BYTES, TAKEN, Format
from assessments.bank.formats.plans import Line, Outcome, unpack
from assessments.bank.formats.sheet import template
from assessments.bank.formats.words import DONE, OUTCOMES, PARTS, WHY
from assessments.bank.forms import ImportForm
from assessments.bank.models import QuestionImport
from assessments.bank.policy import Bank
from assessments.bank.queries import exchange as known
from assessments.bank.services import exchange as services
from assessments.bank.views import pages
from assessments.bank.views.finding import sought
from lms import clock
from lms.db import db
from lms.errors import NotFound, Refused
from lms.i18n import _
from lms.jobs import Job
from lms.people.views.signing_in import mend
from lms.web import exports, intake, limits, progress
from lms.web.pages import actor, one

PAGE = 100
_PER_HOUR = 60


@pages.page("/bank/import", needs=Bank.EDIT, methods=("GET", "POST"))
def import_questions() -> ResponseReturnValue:
    """Send a file to be checked; those that were sent before."""
    titled = [(code, one["title"]) for code, one in sorted(known.sources().items())]
    form = ImportForm().offering(known.techniques(), titled)
    if form.validate_on_submit():
        limits.count("bank import", str(actor().person_id), most=_PER_HOUR, per=timedelta(hours=1))
        file = form.file.data
        try:
            taken = intake.take(file.stream, file.filename or "", kinds=TAKEN, most=MOST_BYTES)
            sent = services.send(actor(), None, taken=taken, name=form.format.data or "", defaults=form.defaults)
        except Refused as refused:
            return _upload(form, mend(form, refused))
        return redirect(url_for("bank.import_check", id=sent.id), 303)
    return _upload(form, 422 if request.method == "POST" else 200)


def _upload(form: ImportForm, status: int) -> ResponseReturnValue:
    sent = known.sent_files()
    return render_template("bank/import.html", form=form, sent=sent, outcomes=OUTCOMES, formats=FORMATS), status


@pages.page("/bank/import/template.xlsx", needs=Bank.EDIT)
def import_template() -> ResponseReturnValue:
    """The empty table, with techniques and sources to choose from."""
    with template([code for code, _title in known.techniques()], sorted(known.sources())) as file:
        answer = Response(file.read(), content_type=exports.KINDS["xlsx"])
    return exports.attached(answer, f"{_('Questions')}.xlsx")


@pages.page("/bank/import/<int:id>", needs=Bank.EDIT, on=one(QuestionImport))
def import_check(sent: QuestionImport) -> ResponseReturnValue:
    """What a file would do, item by item; or how far its import is."""
    job = _job(sent)
    if job is not None and job.state in ("queued", "running"):
        return render_template("bank/import_work.html", sent=sent, job=job, applying=sent.apply_job is not None)
    lines, about = unpack(sent.plan)
    if kind := exports.wanted():
        return _export(kind, lines)
    only = request.args.get("only", "")
    shown = [line for line in lines if not only or line.outcome == only or (only == "said" and line.reports)]
    number = max(1, request.args.get("page", 1, type=int))
    return render_template(
        "bank/import_check.html",
        sent=sent,
        lines=shown[(number - 1) * PAGE : number * PAGE],
        about=about,
        number=number,
        pages=max(1, -(-len(shown) // PAGE)),
        total=len(shown),
        only=only,
        counts=sent.counts or {},
        failed=job is not None and (job.state == "failed" or bool((job.outcome or {}).get("conflict"))),
        refused=(sent.counts or {}).get(Outcome.REFUSED.value, 0),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"outcomes": OUTCOMES, "done": DONE, "why": WHY, "parts": PARTS, "formats": FORMATS}


def _job(sent: QuestionImport) -> Job | None:
    """The work that was asked for last."""
    asked = sent.apply_job or sent.check_job
    return progress.as_left_by(db.session.get(Job, asked), sent) if asked is not None else None


@pages.page("/bank/import/<int:id>/state", needs=Bank.EDIT, on=one(QuestionImport))
def import_state(sent: QuestionImport) -> ResponseReturnValue:
    """How far the work is, for the page's script."""
    return progress.stand(_job(sent), url_for("bank.import_check", id=sent.id))


def _export(kind: str, lines: list[Line]) -> ResponseReturnValue:
    """Everything that was said, item by item."""
    heads = [_("Place in the file"), _("Code"), _("What happens"), _("Element"), _("What was done"), _("Reason")]
    said = [(line, *report) for line in lines for report in line.reports]
    rows: list[list[exports.Cell]] = [
        [line.place, line.code, *map(str, (OUTCOMES[line.outcome], PARTS.get(element, element), DONE[done], WHY[why]))]
        for line, element, done, why in said
    ]
    return exports.answer(kind, _("Notes on the import"), heads, rows)


@pages.page("/bank/import/<int:id>/check", needs=Bank.EDIT, on=one(QuestionImport), methods=("POST",))
def import_recheck(sent: QuestionImport) -> ResponseReturnValue:
    """Check once more."""
    services.recheck(actor(), sent)
    return redirect(url_for("bank.import_check", id=sent.id), 303)


@pages.page("/bank/import/<int:id>/apply", needs=Bank.EDIT, on=one(QuestionImport), methods=("POST",))
def import_apply(sent: QuestionImport) -> ResponseReturnValue:
    """Import what was checked: this file, to this effect."""
    sha256, plan_hash = request.form.get("sha256", ""), request.form.get("plan", "")
    partly = request.form.get("partly") == "yes"
    services.request_import(actor(), sent, sha256=sha256, plan_hash=plan_hash, partly=partly)
    flash(_("The import has begun."), "info")
    return redirect(url_for("bank.import_check", id=sent.id), 303)


@pages.page("/bank/export", needs=Bank.READ_KEY)
def export_questions() -> ResponseReturnValue:
    """The formats there are, and what other systems will not see of these questions in each."""
    unseen = services.unseen(actor(), None, sought=sought())
    total = len(db.session.execute(queries.listing(sought())).all())
    return render_template("bank/export.html", unseen=unseen, total=total, looked_at=services.LOOKED_AT, **_words())


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise NotFound
    return FORMATS[name]


@pages.page("/bank/export/<name>", needs=Bank.READ_KEY, on=_format)
def export_file(chosen: Format) -> ResponseReturnValue:
    """The questions that are looked for, keys and all, as a file."""
    written = services.export(actor(), None, sought=sought(), name=chosen.name)
    answer = Response(written.data, content_type=chosen.media_type)
    return exports.attached(answer, f"{_('Questions')}-{clock.today():%Y%m%d}-{chosen.name}.{chosen.suffix}")
