"""For officers: the list of results, their release by a second officer, and revisions by two again."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.rules import words as certificate_words
from assessments.osce import forms
from assessments.osce.models import Circuit, CircuitAppeal, Revision, State
from assessments.osce.policy import Osce, takes_part
from assessments.osce.queries import appeals, results, revisions, sheets
from assessments.osce.queries.standards import cuts_of
from assessments.osce.rules.changes import Change, counts_of
from assessments.osce.services import releasing
from assessments.osce.views import bytes_of, pages
from assessments.osce.views.overview import overview
from lms.authz import only
from lms.db import db
from lms.i18n import _, _n, pick
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/osce/circuits/<int:id>/results", needs=Osce.READ, on=one(Circuit))
def scores(shown: Circuit) -> ResponseReturnValue:
    """Every candidate's result, station by station; once closed, as they would be released."""
    asked = request.args
    wanted = results.Wanted(asked.get("q", "").strip()[:80], asked.get("show", ""), asked.get("sort", ""))
    heads, every = results.heads(shown), _lines(shown)
    lines = results.chosen(every, wanted)
    if kind := exports.wanted():
        columns, rows = _file(heads, lines)
        return exports.answer(kind, pick(shown.title, shown.title_en), columns, rows)
    words = {str(key): str(word) for key, word in (forms.STANDS | forms.FAILING).items()}
    return render_template(
        "osce/scores.html",
        circuit=shown,
        heads=heads,
        rows=[(line, _cells(line, words)) for line in lines],
        every=len(every),
        passed=sum(line.passed for line in every),
        wanted=wanted,
    )


def _cells(line: results.Line, words: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """A candidate's stations as the page draws them: class, address below the board, what stands there, why it failed.

    Worked out here and not in the template: two hundred candidates at twelve stations are read at one glance.
    """
    return [
        (
            "is-out" if at["stand"] != "marked" else "" if at["passed"] else "is-no",
            f"{line.candidate}/{at['station']}",
            at["percent"] if at["stand"] == "marked" else words[at["stand"]],
            "、".join([words[why] for why in at["why"]]) if at["stand"] == "marked" else "",
        )
        for at in line.at
    ]


def _lines(shown: Circuit) -> list[results.Line]:
    """What stands; between close and release, what would."""
    if shown.state == State.RELEASED:
        return results.lines(shown)
    if shown.state == State.CLOSED:
        return results.expected(results.counted(sheets.board(shown), cuts_of(shown)))
    return []


def _file(heads: list[results.Head], lines: list[results.Line]) -> tuple[list[str], list[list[exports.Cell]]]:
    columns = [_("Candidate number"), _("Full name"), _("Outcome"), _("Percent"), _("Needed"), _("Passed stations")]
    columns += [f"{head.position} {pick(head.title, head.title_en)}" for head in heads]
    rows: list[list[exports.Cell]] = []
    for line in lines:
        whole: list[exports.Cell] = [line.number, line.name, str(_("Passed") if line.passed else _("Not passed"))]
        rows.append([*whole, line.percent, line.cut, line.stations_passed, *map(_cell, line.at)])
    return columns, rows


def _cell(at: Mapping[str, Any]) -> exports.Cell:
    """A station in the file: its percent, or the word that stands in its place."""
    if at["stand"] == "marked":
        return results.number(at["percent"])
    return str(forms.STANDS[at["stand"]])


@pages.page("/osce/circuits/<int:id>/release", needs=Osce.RELEASE, on=one(Circuit), methods=("POST",))
def release(shown: Circuit) -> ResponseReturnValue:
    """Let the frozen sheets and the cuts in force stand as results."""
    sent, standard = bytes_of(request.form.get("hash")), bytes_of(request.form.get("standard"))
    written = releasing.release(actor(), shown, content_hash=sent, standard=standard)
    flash(_n("%(num)d result recorded.", "%(num)d results recorded.", written), "done")
    return redirect(url_for("osce.circuit", id=shown.id), 303)


@pages.page("/osce/circuits/<int:id>/after", needs=Osce.CLOSE, on=one(Circuit), methods=("GET", "POST"))
def after(shown: Circuit) -> ResponseReturnValue:
    """How long candidates may appeal, and whether they read who examined them."""
    form = forms.AfterForm(obj=shown)
    if form.validate_on_submit() and attempted(form, lambda: _after(shown, form)):
        flash(_("Saved."), "done")
        return redirect(url_for("osce.circuit", id=shown.id), 303)
    return render_template("osce/after.html", circuit=shown, form=form), (422 if request.method == "POST" else 200)


def _after(shown: Circuit, form: forms.AfterForm) -> None:
    days, named = form.appeal_days.data or 0, bool(form.examiners_named.data)
    releasing.settle_release(actor(), shown, appeal_days=days, examiners_named=named)


@pages.page("/osce/circuits/<int:id>/revisions", needs=Osce.SETTLE, on=one(Circuit), methods=("POST",))
def revise(shown: Circuit) -> ResponseReturnValue:
    """Begin to revise released results, for an appeal or without one."""
    form, made = forms.RevisionForm(prefix="revision"), []
    appeal = _appeal(shown)
    if form.validate() and attempted(form, lambda: made.append(_open(shown, form, appeal))):
        flash(_("Open. Rule on the squares; then another officer releases what changes."), "done")
        return redirect(url_for("osce.revision", id=shown.id, number=made[0].id), 303)
    return overview(shown, revision_form=form), 422


def _appeal(shown: Circuit) -> CircuitAppeal | None:
    asked = request.form.get("appeal", 0, int)
    return only(next((one for one in appeals.of_circuit(shown) if one.id == asked), None)) if asked else None


def _open(shown: Circuit, form: forms.RevisionForm, appeal: CircuitAppeal | None) -> Revision:
    return releasing.open_revision(actor(), shown, reason=form.reason.data or "", appeal=appeal)


@pages.page("/osce/circuits/<int:id>/revisions/<int:number>", needs=Osce.SETTLE, on=revisions.revision_at)
def revision(shown: Revision) -> ResponseReturnValue:
    """One revision: its rulings, who changes, which certificates it touches, its release or withdrawal."""
    dry = revisions.dry_run(shown) if shown.end is None else None
    changes = dry.changes if dry else revisions.changes_of(shown)
    if kind := exports.wanted():
        columns = [str(label) for label in forms.REVISION_COLUMNS]
        return exports.answer(kind, _("Revision"), columns, map(_changed, changes))
    said, circuit = revisions.within(shown), shown.circuit
    board = dry.board if dry else sheets.board(circuit)
    return render_template(
        "osce/revision.html",
        revision=shown,
        circuit=circuit,
        dry=dry,
        changes=changes,
        counts=counts_of(changes),
        affected=revisions.certificates(board, [one.candidate for one in changes]),
        words_of_status=certificate_words,
        said=said,
        stations={place.id: place for place in board.stations},
        candidates={one.id: one for one in board.candidates},
        appeal=db.session.get(CircuitAppeal, shown.appeal_id) if shown.appeal_id else None,
        names=revisions.names_of(shown),
        involved=takes_part(actor(), circuit),
        worked={shown.opened_by_id, *(one.row.person_id for one in said)},
        withdrawing=forms.WordForm(formdata=None),
    )


def _changed(change: Change) -> list[exports.Cell]:
    before, after = change.before, change.after
    return [
        change.number,
        change.name,
        before.percent,
        after.percent,
        before.stations_passed,
        after.stations_passed,
        str(forms.CHANGES[change.outcome]),
    ]


@pages.page(
    "/osce/circuits/<int:id>/revisions/<int:number>/release",
    needs=Osce.RELEASE,
    on=revisions.revision_at,
    methods=("POST",),
)
def release_revision(shown: Revision) -> ResponseReturnValue:
    """Let it stand."""
    releasing.release_revision(actor(), shown, dry=bytes_of(request.form.get("hash")))
    flash(_("Released. Those whose result changed read why beside it."), "done")
    return redirect(url_for("osce.revision", id=shown.circuit_id, number=shown.id), 303)


@pages.page(
    "/osce/circuits/<int:id>/revisions/<int:number>/withdraw",
    needs=Osce.SETTLE,
    on=revisions.revision_at,
    methods=("POST",),
)
def withdraw_revision(shown: Revision) -> ResponseReturnValue:
    """Take it back."""
    form = forms.WordForm()
    if form.validate():
        releasing.withdraw(actor(), shown, reason=form.reason.data or "")
        flash(_("Withdrawn. The results stand as they were."), "done")
    else:
        flash(_("Say why."), "danger")
    return redirect(url_for("osce.revision", id=shown.circuit_id, number=shown.id), 303)
