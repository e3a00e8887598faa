"""For officers: what came late, beside what counts, and their word on it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams.forms import exams as forms
from assessments.exams.models import Exam, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import late as queries
from assessments.exams.services import late as services
from assessments.exams.views import pages
from lms.db.paging import cut
from lms.i18n import _n
from lms.web.forms import attempted
from lms.web.pages import actor, one

PAGE = 50


@pages.page("/exams/<int:id>/late", needs=Exams.MARK, on=one(Exam), methods=("GET", "POST"))
def late(exam: Exam) -> ResponseReturnValue:
    """Each late answer beside the current one: count it or not, with the reason."""
    keep_candidates_out(actor(), exam)
    form = forms.ReasonForm()
    if form.validate_on_submit() and attempted(form, lambda: _decide(exam, form)):
        return redirect(url_for("exams.late", id=exam.id, all=request.args.get("all")), 303)
    undecided = request.args.get("all") is None
    shown = cut(queries.listing(exam, undecided=undecided), request.args.get("page", 1, int), PAGE)
    return render_template(
        "exams/late.html",
        exam=exam,
        form=form,
        shown=shown,
        rows=queries.shown(exam, shown.rows),
        tally=queries.tally(exam),
        undecided=undecided,
        open=exam.state in (State.OPEN, State.CLOSED, State.SCORED),
        chosen=set(request.form.getlist("late")),
    ), (422 if request.method == "POST" else 200)


def _decide(exam: Exam, form: forms.ReasonForm) -> None:
    chosen = [number for text in request.form.getlist("late") if (number := _number(text)) is not None]
    counted = request.form.get("counted") == "yes"
    decided = services.decide_late(actor(), exam, late=chosen, counted=counted, reason=form.reason.data or "")
    words = _n("%(num)d late answer decided.", "%(num)d late answers decided.", decided)
    flash(words, "done")


def _number(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
