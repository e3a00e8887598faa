"""For officers: setting the cut of an exam by a method, what it would mean, and making it the cut."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams import formats
from assessments.exams.forms import standards as forms
from assessments.exams.models import Exam, Method, Standard
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import standards as queries
from assessments.exams.rules import standards as rules
from assessments.exams.services import standards
from assessments.exams.views import pages
from lms.i18n import _
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor, one

_JUDGED = (Method.ANGOFF, Method.EBEL)
_NAMELESS = 5


@pages.page("/exams/<int:id>/standards", needs=Exams.MANAGE, on=one(Exam))
def settings(exam: Exam) -> ResponseReturnValue:
    """How the cut of this exam was set, and the ways to set it."""
    keep_candidates_out(actor(), exam)
    run = exam_queries.last_run(exam)
    return render_template(
        "exams/standards.html",
        exam=exam,
        run=run,
        made=queries.settings_of(exam),
        failing=rules.failing(queries.scores_of(run), exam.pass_percent),
    )


def _method() -> Method:
    asked = request.args.get("method", "")
    return Method(asked) if asked in [*Method] else abort(404)


@pages.page("/exams/<int:id>/standards/new", needs=Exams.MANAGE, on=one(Exam), methods=("GET", "POST"))
def set_cut(exam: Exam) -> ResponseReturnValue:
    """Put in what judges said, or what is acceptable."""
    keep_candidates_out(actor(), exam)
    method = _method()
    form = forms.standard_form(method, guess=rules.rounded(queries.guessing(exam), 2))
    made: list[Standard] = []
    if form.validate_on_submit() and attempted(form, lambda: made.append(_made(exam, method, form))):
        flash(_("Kept. It becomes the cut when you use it."), "done")
        return redirect(url_for("exams.setting", exam=exam.id, number=made[0].version), 303)
    status = 422 if request.method == "POST" else 200
    number = exam_queries.paper_size(exam.paper_version_id)[0]
    run = exam_queries.last_run(exam)
    return render_template(
        "exams/standard_new.html", exam=exam, method=method, form=form, number=number, run=run
    ), status


def _made(exam: Exam, method: Method, form: Any) -> Standard:
    return standards.set_standard(
        actor(), exam, given=_given(method, form), errors=form.errors_added.data or Decimal(0), reason=form.reason.data
    )


def _given(method: Method, form: Any) -> rules.Given:
    if method in _JUDGED:
        text = form.figures.data or ""
        if form.file.data:
            with form.file.data.stream as file:
                text = formats.decoded(file, form.file.data.filename or "")
        return formats.angoff(text) if method == Method.ANGOFF else formats.ebel(text)
    if method == Method.HOFSTEE:
        names = ("cut_min", "cut_max", "fail_min", "fail_max")
        return rules.Hofstee(*(Fraction(getattr(form, name).data) for name in names))
    return rules.Cohen(*(Fraction(getattr(form, name).data) for name in ("guess", "top_percent", "multiplier")))


@pages.page("/exams/<int:id>/standards/table", needs=Exams.MANAGE, on=one(Exam))
def judges_table(exam: Exam) -> ResponseReturnValue:
    """An empty table for the judges to fill in."""
    keep_candidates_out(actor(), exam)
    method = _method()
    judges = [_("Judge %(number)s", number=number) for number in range(1, _NAMELESS + 1)]
    number = exam_queries.paper_size(exam.paper_version_id)[0]
    made = formats.angoff_template(number, judges) if method == Method.ANGOFF else formats.ebel_template(judges)
    return Response(
        "".join(exports.csv_lines(*made)),
        content_type=exports.KINDS["csv"],
        headers={"Content-Disposition": f'attachment; filename="{method.value}.csv"'},
    )


@pages.page("/exams/<int:exam>/standards/<int:number>", needs=Exams.MANAGE, on=queries.of_exam)
def setting(shown: Standard) -> ResponseReturnValue:
    """One standard setting: the cut with its error, judge by judge, and who would fail."""
    exam = shown.exam
    keep_candidates_out(actor(), exam)
    run = exam_queries.last_run(exam)
    scores = queries.scores_of(run)
    given = rules.given(shown.method, shown.figures)
    judged = given.outcome(rules.Basis(queries.points_of(shown.paper), scores)) if shown.method in _JUDGED else None
    return render_template(
        "exams/standard.html",
        exam=exam,
        shown=shown,
        made=next(one for one in queries.settings_of(exam) if one.standard.id == shown.id),
        judged=judged,
        run=run,
        what_if=rules.what_if(shown.pass_percent, run.standard_error if run else None, scores),
        failing=rules.failing(scores, shown.pass_percent),
        failing_now=rules.failing(scores, exam.pass_percent),
    )


@pages.page("/exams/<int:exam>/standards/<int:number>/use", needs=Exams.APPROVE, on=queries.of_exam, methods=("POST",))
def use(shown: Standard) -> ResponseReturnValue:
    """Make it the cut."""
    exam = shown.exam
    standards.use_standard(actor(), shown)
    if exam.pass_percent != shown.pass_percent:
        flash(_("You want this cut. A second officer must say so too."), "info")
    elif exam.approved_hash is None:
        flash(_("This is the cut now. Two officers approve the exam with it."), "done")
    else:
        flash(_("This is the cut now. Mark the exam again, so that everybody is judged by it."), "done")
    return redirect(url_for("exams.exam", id=exam.id), 303)
