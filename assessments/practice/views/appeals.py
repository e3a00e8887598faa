"""Appeals: the doctor's word beside a result, and the officers' desk with their answers."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.practice import forms, services
from assessments.practice.models import Evaluation, EvaluationAppeal, Outcome
from assessments.practice.policy import Practice
from assessments.practice.queries import results as queries
from assessments.practice.views import pages
from assessments.practice.views.evaluations import typed_points, whole_page
from lms.authz import Actor
from lms.db.paging import cut
from lms.errors import Invalid
from lms.i18n import _
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/practice/results/<int:id>/appeal", needs=Practice.APPEAL, on=one(Evaluation), methods=("POST",))
def appeal(shown: Evaluation) -> ResponseReturnValue:
    """Appeal against one's own result."""
    try:
        services.appeal(actor(), shown, reason=request.form.get("reason", ""))
        flash(_("Your appeal is with the officers. Their answer will stand here."), "done")
    except Invalid as refused:
        flash(str(refused), "danger")
    return redirect(url_for("practice.result", id=shown.id, _anchor="appeal"), 303)


@pages.page("/practice/appeals", needs=Practice.APPEALS)
def appeals() -> ResponseReturnValue:
    """Appeals of one's area, those that wait longest first."""
    asked = request.args
    sought = queries.Sought(asked.get("q", "").strip()[:80], asked.get("state", "open") or "open")
    shown = cut(queries.listing(sought), asked.get("page", 1, int))
    return render_template("practice/appeals.html", shown=shown, sought=sought)


@pages.page(
    "/practice/appeals/<int:id>", needs=Practice.ANSWER_APPEAL, on=one(EvaluationAppeal), methods=("GET", "POST")
)
def appealed(shown: EvaluationAppeal) -> ResponseReturnValue:
    """One appeal: the reason, the result with its records, and the answer."""
    form = forms.AnswerForm()
    if form.validate_on_submit() and attempted(form, lambda: _answer(shown, form)):
        flash(_("Answered. The doctor can read it."), "done")
        return redirect(url_for("practice.appeals"), 303)
    evaluation = shown.evaluation
    involved = actor().person_id in (evaluation.assigned_by_id, evaluation.assessor_id, evaluation.person_id)
    page = render_template(
        "practice/appeal.html",
        appeal=shown,
        form_answer=form,
        involved=involved,
        typed=_typed(),
        names=queries.names_of([shown.answer.by_id] if shown.answer else []),
        **whole_page(evaluation),
    )
    return page, 422 if request.method == "POST" else 200


def _answer(shown: EvaluationAppeal, form: forms.AnswerForm) -> None:
    outcome = Outcome(form.outcome.data)
    given = _typed() if outcome is Outcome.CHANGED else {}
    services.answer(actor(), shown, outcome=outcome, reason=form.reason.data or "", corrections=given)


def _typed() -> dict[int, dict[str, Any]]:
    """The points of each record as they were typed: fields are named `points-<number>-<criterion>`."""
    made: dict[int, dict[str, Any]] = {}
    for name, points in typed_points(request.form).items():
        number, _dash, code = name.partition("-")
        if number.isascii() and number.isdigit() and len(number) < 4:
            made.setdefault(int(number), {})[code] = points
    return made


def panel(_actor: Actor) -> str | None:
    """How many appeals wait, for an officer's home; nothing where none does."""
    waiting = queries.waiting()
    return render_template("practice/appeals_panel.html", waiting=waiting) if waiting else None
