"""For officers: the paper of an exam, what one candidate could get of it, and another draw of a draft."""

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams.forms import exams as forms
from assessments.exams.models import Decided, Exam
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import drawing, pools
from assessments.exams.queries import exams as queries
from assessments.exams.rules.papers import Cell
from assessments.exams.services import making
from assessments.exams.views import blueprint, pages
from lms.i18n import _
from lms.web.pages import actor, one

_draw = secrets.SystemRandom()


@pages.page("/exams/<int:id>/paper", needs=Exams.APPROVE, on=one(Exam))
def paper(shown: Exam) -> ResponseReturnValue:
    """Paper and key, with the hash that is approved; not for whoever sits this exam."""
    keep_candidates_out(actor(), shown)
    sealed = queries.sealed(shown)
    items = queries.items_of(shown.paper_version_id, keyed=True)
    return render_template(
        "exams/paper.html",
        exam=shown,
        items=items,
        cells=[
            (Cell(**cell), sum(one.cell == n for one in items)) for n, cell in enumerate(shown.paper.blueprint or ())
        ],
        forms=pools.forms_of(shown.paper, items),
        size=queries.paper_size(shown.paper_version_id),
        sealed=sealed.hex(),
        approvals=queries.decisions(shown, Decided.APPROVE, sealed),
    )


@pages.page("/exams/<int:id>/paper/example", needs=Exams.APPROVE, on=one(Exam))
def example(shown: Exam) -> ResponseReturnValue:
    """What one candidate could get, drawn now by the same lot as theirs; nothing is kept."""
    keep_candidates_out(actor(), shown)
    dealer = drawing.Dealer(shown, _draw.randrange)
    form = request.args.get("form", type=int)
    chosen = form - 1 if form is not None and 1 <= form <= dealer.forms else None
    items, options = dealer.deal(chosen)
    return render_template(
        "exams/example.html",
        exam=shown,
        sheet=drawing.sheet(shown, items, options),
        size=queries.paper_size(shown.paper_version_id),
        forms=dealer.forms,
        form=form if chosen is not None else None,
    )


@pages.page("/exams/<int:id>/paper/draw", needs=Exams.MANAGE, on=one(Exam), methods=("GET", "POST"))
def draw(shown: Exam) -> ResponseReturnValue:
    """Another paper for a draft."""
    keep_candidates_out(actor(), shown)
    cells = blueprint.table(shown.paper)
    form = forms.PaperForm(data={"multiple": shown.paper.multiple})
    if not request.form.get("show") and form.validate_on_submit():
        asked = form.multiple.data
        if blueprint.attempted(
            form, cells, lambda: making.draw_again(actor(), shown, blueprint=cells.blueprint(asked))
        ):
            flash(_("The draft has another paper. It must be approved by two officers."), "done")
            return redirect(url_for("exams.paper", id=shown.id), 303)
    wrong = request.method == "POST" and not request.form.get("show")
    return render_template("exams/draw.html", exam=shown, form=form, cells=cells), 422 if wrong else 200
