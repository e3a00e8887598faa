"""For officers: how the questions and the exam worked, as figures, plots and a file."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams import charts, documents
from assessments.exams.forms import exams as forms
from assessments.exams.models import Exam
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import analysis as queries
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries.analysis import Analysis, Row
from assessments.exams.views import pages
from assessments.psychometrics.rules.keys import ENOUGH
from lms import clock
from lms.i18n import _
from lms.web import exports
from lms.web.charts import drawing
from lms.web.pages import actor, one


@pages.page("/exams/<int:id>/analysis", needs=Exams.MARK, on=one(Exam))
def analysis(exam: Exam) -> ResponseReturnValue:
    """The questions and the exam as their statistics see them; or all of it as an Excel file."""
    keep_candidates_out(actor(), exam)
    run = exam_queries.last_run(exam)
    found = queries.of_run(exam, run) if run else None
    if found is None:
        return render_template("exams/analysis_none.html", exam=exam, run=run)
    if exports.wanted() == "xlsx":
        return _file(exam, found)
    row = _chosen(found)
    if row is None:
        flash(_("This question did not count, or is not on the paper."), "info")
        return redirect(url_for("exams.analysis", id=exam.id))
    return drawing(render_template("exams/analysis.html", **_shown(exam, found, row)))


def _shown(exam: Exam, found: Analysis, row: Row) -> dict[str, object]:
    options = found.options(row)
    drawn = {
        "map": charts.item_map(found.rows, url_for("exams.analysis", id=exam.id)),
        "options": charts.options(options),
        "scores": charts.histogram(found.percents, exam.pass_percent, found.paper.error),
    }
    if found.curve:
        drawn["information"] = charts.information(found.curve, exam.pass_percent)
    sort = request.args.get("sort", "")
    return {
        "exam": exam,
        "found": found,
        "rows": _sorted(found.rows, sort),
        "row": row,
        "options": options,
        "bands": charts.bands(found.percents),
        "band": charts.BAND,
        "charts": drawn,
        "enough": ENOUGH,
        "at_cut": min(found.curve, key=lambda place: abs(place.percent - float(exam.pass_percent)), default=None),
    }


_SORTS: dict[str, Callable[[Row], Any]] = {
    "item": lambda row: row.item.position,
    "p": lambda row: row.found.p,
    "r": lambda row: row.found.r_ir,
    "d": lambda row: row.found.d27,
    "flags": lambda row: -len(row.flags),
}


def _sorted(rows: tuple[Row, ...], by: str) -> list[Row]:
    """In the asked order; what is not known comes last."""
    key = _SORTS.get(by.removeprefix("-"), _SORTS["item"])
    known = [row for row in rows if key(row) is not None]
    known.sort(key=key, reverse=by.startswith("-"))
    return [*known, *(row for row in rows if key(row) is None)]


def _chosen(found: Analysis) -> Row | None:
    """The question asked for; else the one that most needs a look."""
    asked = request.args.get("item", type=int)
    if asked is not None:
        return next((row for row in found.rows if row.item.id == asked), None)
    suspected = next((one.item for one in found.verdict.suspects), None)
    weakest = min(found.rows, key=lambda row: (row.found.r_ir is None, row.found.r_ir or 0))
    return next((row for row in found.rows if row.item.id == suspected), weakest)


def _file(exam: Exam, found: Analysis) -> Response:
    with documents.workbook(exam, found, forms.FLAGS) as file:
        answer = Response(file.read(), content_type=exports.KINDS["xlsx"])
    return exports.attached(answer, f"{exam.title}-{_('Analysis')}-{clock.today():%Y%m%d}.xlsx")
