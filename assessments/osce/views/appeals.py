"""Appeals: the doctor's word beside a result, and the officers' desk with their answers."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.osce import forms
from assessments.osce.models import CircuitAppeal, CircuitCandidate
from assessments.osce.policy import Osce, takes_part
from assessments.osce.queries import appeals as queries
from assessments.osce.queries import results, rulings, sheets
from assessments.osce.services import appeals as services
from assessments.osce.views import pages
from lms.authz import Actor
from lms.db.paging import cut
from lms.errors import NotAllowed
from lms.i18n import _
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/osce/results/<int:id>/appeal", needs=Osce.APPEAL, on=one(CircuitCandidate), methods=("POST",))
def appeal(shown: CircuitCandidate) -> ResponseReturnValue:
    """Appeal against one's own result."""
    form = forms.AppealForm()
    if form.validate():
        services.appeal(actor(), shown, reason=form.reason.data or "")
        flash(_("Your appeal is with the officers. Their answer will stand here."), "done")
    else:
        flash(_("Say what is wrong with the result, in 1000 characters at most."), "danger")
    return redirect(url_for("osce.result", id=shown.id, _anchor="appeal"), 303)


@pages.page("/osce/appeals", needs=Osce.APPEALS)
def appeals() -> ResponseReturnValue:
    """Appeals of one's area, those that wait longest first."""
    asked = request.args
    sought = queries.Sought(asked.get("q", "").strip()[:80], asked.get("state", "open") or "open")
    shown = cut(queries.listing(sought), asked.get("page", 1, int))
    return render_template("osce/appeals.html", shown=shown, sought=sought)


@pages.page("/osce/appeals/<int:id>", needs=Osce.ANSWER_APPEAL, on=one(CircuitAppeal), methods=("GET", "POST"))
def appealed(shown: CircuitAppeal) -> ResponseReturnValue:
    """One appeal: the reason, every frozen sheet with its way to the history, and the answer."""
    if takes_part(actor(), shown.circuit):
        raise NotAllowed
    form = forms.AnswerForm()
    if form.validate_on_submit() and attempted(
        form, lambda: services.reject(actor(), shown, reason=form.reason.data or "")
    ):
        flash(_("Answered. The candidate can read it."), "done")
        return redirect(url_for("osce.appeals"), 303)
    candidate = shown.score.candidate
    return render_template(
        "osce/appeal.html",
        appeal=shown,
        circuit=shown.circuit,
        candidate=candidate,
        score=shown.score,
        heads={head.id: head for head in results.heads(shown.circuit)},
        squares={place: square for (place, who), square in _squares(shown).items() if who == candidate.id},
        form=form,
        revision_form=forms.RevisionForm(formdata=None, prefix="revision"),
        open_one=rulings.open_revision(shown.circuit),
        decided=queries.decided_about(candidate.id, actor().person_id or 0),
        names=queries.named([shown.person_id, *([shown.answer.by_id] if shown.answer else [])]),
    ), (422 if request.method == "POST" else 200)


def _squares(shown: CircuitAppeal) -> dict[tuple[int, int], sheets.Square]:
    return sheets.board(shown.circuit).squares


def panel(_actor: Actor) -> str | None:
    """How many appeals wait, for an officer's home; nothing where none does."""
    waiting = queries.waiting()
    return render_template("osce/appeals_panel.html", waiting=waiting) if waiting else None
