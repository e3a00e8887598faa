"""Pages of figures: what stands, the import with its dry run, the template."""

from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.practice import forms, services
from assessments.practice.formats.indicators import KINDS, template
from assessments.practice.models import IndicatorImport
from assessments.practice.policy import Practice
from assessments.practice.queries import indicators as queries
from assessments.practice.rules.parts import Counted, Definition, rounded
from assessments.practice.rules.words import problem
from assessments.practice.views import pages
from lms.db import db
from lms.db.paging import cut
from lms.errors import Refused
from lms.i18n import _, pick
from lms.web import exports, intake, limits
from lms.web.pages import actor, one

MOST_BYTES = 5 << 20
PAGE = 100
_PER_HOUR = 60


@pages.page("/practice/figures", needs=Practice.FIGURES)
def figures() -> ResponseReturnValue:
    """The figures of one's area that stand; or the same as a file."""
    asked = request.args
    sought = queries.Sought(asked.get("q", "").strip()[:60], asked.get("indicator", ""), asked.get("sort", "-period"))
    query, known = queries.listing(sought), queries.newest_versions()
    definitions = {one.indicator_id: Definition.of(one.body) for one in known}
    if kind := exports.wanted():
        return exports.answer(kind, _("Practice figures"), *_table(query, definitions))
    return render_template(
        "practice/figures.html",
        shown=cut(query, asked.get("page", 1, int)),
        known=known,
        value=lambda row: _value(row, definitions),
        definitions=definitions,
    )


def _value(row: Any, definitions: dict[int, Definition]) -> Any:
    found = definitions.get(row.indicator_id)
    return rounded(Counted(row.numerator, row.denominator).value(found.unit)) if found else None


def _table(query: Any, definitions: dict[int, Definition]) -> tuple[list[str], list[list[exports.Cell]]]:
    heads = [
        _("Doctor"), _("Institution"), _("Indicator"), _("Period from"), _("Period until"), _("Numerator"),
        _("Denominator"), _("Value"), _("Source"), _("Version"),
    ]  # fmt: skip
    rows: list[list[exports.Cell]] = [
        [name, place, pick(row.indicator.title, row.indicator.title_en), row.period_from, row.period_until,
         row.numerator, row.denominator, _value(row, definitions), row.source, row.version]
        for row, name, place in db.session.execute(query)
    ]  # fmt: skip
    return heads, rows


@pages.page("/practice/figures/import", needs=Practice.IMPORT, methods=("GET", "POST"))
def send_figures() -> ResponseReturnValue:
    """Send a table to be checked; those that were sent before."""
    form = forms.FiguresForm()
    if form.validate_on_submit():
        limits.count("figures", str(actor().person_id), most=_PER_HOUR, per=timedelta(hours=1))
        sent_file = form.file.data
        try:
            taken = intake.take(sent_file.stream, sent_file.filename or "", kinds=KINDS, most=MOST_BYTES)
            sent = services.send(actor(), None, taken=taken)
        except Refused as refused:
            form.file.errors = [*form.file.errors, str(refused)]
        else:
            return redirect(url_for("practice.figures_check", id=sent.id), 303)
    page = render_template("practice/figures_send.html", form=form, sent=queries.sent_imports())
    return page, 422 if request.method == "POST" else 200


@pages.page("/practice/figures/template.xlsx", needs=Practice.IMPORT)
def figures_template() -> ResponseReturnValue:
    """The empty table, with the reader's doctors and all indicators to choose from."""
    titles = [version.indicator.title for version in queries.newest_versions()]
    with template(queries.template_people(), titles) as file:
        answer = Response(file.read(), content_type=exports.KINDS["xlsx"])
    return exports.attached(answer, f"{_('Practice figures')}.xlsx")


@pages.page("/practice/figures/import/<int:id>", needs=Practice.IMPORT, on=one(IndicatorImport))
def figures_check(sent: IndicatorImport) -> ResponseReturnValue:
    """What a table would do, row by row; or what it did."""
    if kind := exports.wanted():
        return exports.answer(kind, _("Refused rows"), [_("Sheet"), _("Row"), _("Reason")], _refused(sent))
    only = request.args.get("only", "")
    shown = [line for line in sent.lines if not only or line["outcome"] == only]
    number = max(1, request.args.get("page", 1, type=int))
    return render_template(
        "practice/figures_check.html",
        sent=sent,
        lines=shown[(number - 1) * PAGE : number * PAGE],
        number=number,
        pages=max(1, -(-len(shown) // PAGE)),
        total=len(shown),
        only=only,
        problem=_said,
        titles=queries.titles_of(sorted({line["indicator"] for line in sent.lines})),
        may_apply=sent.state == "checked" and not sent.counts["refused"],
    )


def _said(found: Any) -> str:
    code, column, said = found
    return problem(code, column, dict(said))


def _refused(sent: IndicatorImport) -> list[list[exports.Cell]]:
    return [[line["sheet"], line["row"], _said(one)] for line in sent.lines for one in line["problems"]]


@pages.page(
    "/practice/figures/import/<int:id>/apply", needs=Practice.IMPORT, on=one(IndicatorImport), methods=("POST",)
)
def apply_figures(sent: IndicatorImport) -> ResponseReturnValue:
    """Write what was shown."""
    services.apply(actor(), sent, plan_hash=request.form.get("plan", ""))
    flash(_("Imported."), "done")
    return redirect(url_for("practice.figures_check", id=sent.id), 303)
