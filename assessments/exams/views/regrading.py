"""For officers: correcting a key after the release, its dry run, and the second officer's release."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.certification.rules import words
from assessments.exams.forms import results as forms
from assessments.exams.models import Exam, PaperItem, Regrade, Ruling
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import marking
from assessments.exams.queries import regrades as queries
from assessments.exams.rules import keytext
from assessments.exams.rules.regrading import Change, counted
from assessments.exams.services import keys, regrading
from assessments.exams.views import pages
from assessments.exams.views.making import hash_sent
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor, one

#: Changes shown on a page; the file has all of them.
MOST = 200


@pages.page("/exams/<int:id>/regrade", needs=Exams.MARK, on=one(Exam), methods=("GET", "POST"))
def regrade(exam: Exam) -> ResponseReturnValue:
    """Choose what was wrong, look at the dry run, propose."""
    keep_candidates_out(actor(), exam)
    items = exam_queries.items_of(exam.paper_version_id, keyed=True)
    form = forms.RegradeForm()
    if request.method == "GET":
        return _choice(exam, items, form)
    found: list[queries.DryRun] = []
    looked = attempted(form, lambda: found.append(_dry(exam, items)))
    proposing = request.form.get("act") == "propose" and "again" not in request.form
    if looked and proposing and form.validate():
        made: list[Regrade] = []
        if attempted(form, lambda: made.append(_propose(exam, items, form))):
            flash(_("Proposed. Another officer must release it."), "done")
            return redirect(url_for("exams.proposed", exam=exam.id, number=made[0].id), 303)
    failed = bool(form.errors or form.form_errors)
    return _choice(exam, items, form, found[0] if found else None), (422 if failed else 200)


def _choice(exam: Exam, items: Sequence[PaperItem], form: forms.RegradeForm, dry: queries.DryRun | None = None) -> str:
    key = marking.key_of(exam.key)
    return render_template(
        "exams/regrade.html",
        exam=exam,
        items=items,
        form=form,
        key=exam.key,
        texts={item.id: keytext.written(item.question.kind, key[item.id]) for item in items},
        given=request.form,
        open_one=queries.open_of(exam),
        dry=dry,
        **(_shown(dry.changes) if dry else {}),
    )


def _shown(changes: Sequence[Change]) -> dict[str, Any]:
    names = queries.names_of([one.person for one in changes])
    return {
        "changes": changes[:MOST],
        "more": max(0, len(changes) - MOST),
        "counts": counted(changes),
        "names": names,
        "affected": queries.certificates(changes),
        "words_of_status": words,
    }


def _corrections(items: Sequence[PaperItem]) -> Iterator[keys.Correction]:
    for item in items:
        ruling = request.form.get(f"ruling-{item.id}", "")
        if ruling not in (Ruling.CORRECTED, Ruling.DROPPED):
            continue
        text = request.form.get(f"key-{item.id}", "")
        key = keytext.read(item.question.kind, text) if ruling == Ruling.CORRECTED else None
        yield keys.Correction(item.id, Ruling(ruling), key)


def _dry(exam: Exam, items: Sequence[PaperItem]) -> queries.DryRun:
    run = exam_queries.last_run(exam)
    corrections = list(_corrections(items))
    if run is None or exam.state != "released":
        raise Conflict(_("Only a released exam is regraded; before the release, rule on the question."))
    if not corrections:
        raise Invalid(_("Choose at least one question and say what was wrong with it."))
    found = keys.corrected(exam, exam.key, corrections)
    return queries.dry_run(exam, run, found.key, found.dropped, found.content_hash)


def _propose(exam: Exam, items: Sequence[PaperItem], form: forms.RegradeForm) -> Regrade:
    return regrading.propose(
        actor(), exam, corrections=list(_corrections(items)), dry=hash_sent(), reason=form.reason.data or ""
    )


@pages.page("/exams/<int:exam>/regrades/<int:number>", needs=Exams.MARK, on=queries.regrade_by)
def proposed(regrade: Regrade) -> ResponseReturnValue:
    """One regrade: who changes, which certificates it touches, and its release or withdrawal."""
    keep_candidates_out(actor(), regrade.exam)
    changes = queries.changes_of(regrade)
    kind = exports.wanted()
    if kind is not None:
        names = queries.names_of([one.person for one in changes])
        rows = [_line(one, names) for one in changes]
        return exports.answer(kind, _("Regrade"), [str(label) for label in forms.REGRADE_COLUMNS], rows)
    end = regrade.end
    officers = queries.names_of([regrade.proposed_by_id, *([end.by_id] if end else [])])
    return render_template(
        "exams/regraded.html",
        regrade=regrade,
        exam=regrade.exam,
        officers=officers,
        corrected=_differences(regrade),
        withdrawing=forms.WordForm(formdata=None),
        **_shown(changes),
    )


def _line(one: Change, names: Any) -> list[exports.Cell]:
    return [
        names.get(one.person, ""),
        one.before,
        one.after,
        str(forms.PASSED[one.passed_before]),
        str(forms.PASSED[one.passed_after]),
        str(forms.CHANGES[one.outcome]),
    ]


def _differences(regrade: Regrade) -> list[tuple[PaperItem, Any, Any]]:
    """Questions whose key differs, with the key before (None: counted for all) and after."""
    before, after = regrade.from_run.key, regrade.key
    found = []
    for item in exam_queries.items_of(regrade.exam.paper_version_id, keyed=True):
        old, new = (None if item.id in one.dropped else one.keys[str(item.id)] for one in (before, after))
        if old != new:
            found.append((item, old, new))
    return found


@pages.page(
    "/exams/<int:exam>/regrades/<int:number>/release", needs=Exams.RELEASE, on=queries.regrade_by, methods=("POST",)
)
def release_regrade(regrade: Regrade) -> ResponseReturnValue:
    """Let it stand."""
    regrading.release_regrade(actor(), regrade, dry=hash_sent())
    flash(_("Released. Those whose result changed read why beside it."), "done")
    return redirect(url_for("exams.proposed", exam=regrade.exam_id, number=regrade.id), 303)


@pages.page(
    "/exams/<int:exam>/regrades/<int:number>/withdraw", needs=Exams.MARK, on=queries.regrade_by, methods=("POST",)
)
def withdraw_regrade(regrade: Regrade) -> ResponseReturnValue:
    """Take it back."""
    form = forms.WordForm()
    if form.validate():
        regrading.withdraw(actor(), regrade, reason=form.reason.data or "")
        flash(_("Withdrawn. The results stand as they were."), "done")
    else:
        flash(_("Say why."), "danger")
    return redirect(url_for("exams.proposed", exam=regrade.exam_id, number=regrade.id), 303)
