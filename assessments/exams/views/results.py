"""For officers: marking, the look at every question before the release with its rulings, and the release."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams.forms import results as forms
from assessments.exams.models import AnswerKey, Decided, Exam, Feedback, PaperItem, Ruling, State
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import gate, regrades
from assessments.exams.queries import marking as queries
from assessments.exams.rules import keytext
from assessments.exams.rules.scoring import plain
from assessments.exams.services import marking, releasing, rulings
from assessments.exams.views import pages
from assessments.exams.views.making import hash_sent
from lms.db import db
from lms.db.paging import cut
from lms.errors import Invalid
from lms.i18n import _, _n
from lms.web.forms import attempted
from lms.web.pages import actor, one

_FIRST = {"key": 0, "backwards": 1, "hard": 2, "weak": 3, "easy": 4}


@pages.page("/exams/<int:id>/mark", needs=Exams.MARK, on=one(Exam), methods=("POST",))
def mark(exam: Exam) -> ResponseReturnValue:
    """Mark every attempt."""
    marking.mark(actor(), exam)
    flash(_("Marked. Look at the questions, then let another officer release the results."), "done")
    return redirect(url_for("exams.review", id=exam.id), 303)


@pages.page("/exams/<int:id>/review", needs=Exams.MARK, on=one(Exam))
def review(exam: Exam) -> ResponseReturnValue:
    """How the questions worked and what came out, before and after release; what stands out first."""
    keep_candidates_out(actor(), exam)
    return _review(exam, {})


def _review(exam: Exam, given: dict[int, forms.RuleForm], passes: forms.WordForm | None = None) -> str:
    run = exam_queries.last_run(exam)
    if run is None:
        return render_template("exams/review.html", exam=exam, run=None)
    items = exam_queries.items_of(exam.paper_version_id, keyed=True)
    standing = gate.standing(exam, run, anew=False) if exam.state == State.SCORED else None
    figures = {one["item"]: one for one in run.figures["items"]}
    return render_template(
        "exams/review.html",
        exam=exam,
        run=run,
        key=db.session.get_one(AnswerKey, run.key_id),
        shown=cut(queries.results_of(run), request.args.get("page", 1, int), 50),
        standing=standing,
        items=sorted(items, key=lambda item: _place(item, figures, standing)),
        figures=figures,
        said=_by_item(gate.said_of(exam)),
        asked=_forms(exam, items, standing, given),
        passes=passes or forms.WordForm(formdata=None, prefix="p"),
        releases=exam_queries.decisions(exam, Decided.RELEASE, run.input_hash),
        passed=queries.passed_of(run),
        hindrances=releasing.HINDRANCES,
        regrades=regrades.of_exam(exam),
        suspects={one["item"]: one for one in run.figures.get("keys", {}).get("suspects", [])},
    )


def _place(item: PaperItem, figures: dict[int, Any], standing: gate.Standing | None) -> tuple[bool, int, int]:
    flags = figures.get(item.id, {}).get("flags", [])
    waits = standing is not None and item.id in standing.unruled
    return not waits, min((_FIRST[flag] for flag in flags), default=9), item.position


def _by_item(said: list[gate.Said]) -> dict[int | None, list[gate.Said]]:
    found: dict[int | None, list[gate.Said]] = {}
    for words in said:
        found.setdefault(words.word.item, []).append(words)
    return found


def _forms(
    exam: Exam, items: list[PaperItem], standing: gate.Standing | None, given: dict[int, forms.RuleForm]
) -> dict[int, forms.RuleForm]:
    """A form for every question that waits for a word, and for the one that somebody wants to speak of."""
    if standing is None:
        return {}
    wanted = {*standing.unruled, request.args.get("item", 0, int)}
    key = queries.key_of(exam.key)
    made = {
        item.id: forms.rule_form(item.id, item.question.kind, keytext.written(item.question.kind, key[item.id]))
        for item in items
        if item.id in wanted
    }
    return made | given


@pages.page("/exams/<int:id>/rule", needs=Exams.MARK, on=one(Exam), methods=("POST",))
def rule(exam: Exam) -> ResponseReturnValue:
    """An officer's word on one question."""
    keep_candidates_out(actor(), exam)
    number = request.form.get("item", 0, int)
    item = next((one for one in exam_queries.items_of(exam.paper_version_id) if one.id == number), None)
    if item is None:
        raise Invalid(_("There is no such question on this paper."))
    form = forms.rule_form(item.id, item.question.kind)
    if not form.validate() or not attempted(form, lambda: _rule(exam, item, form)):
        return _review(exam, {item.id: form}), 422
    flash(_("Written down. Question %(number)s.", number=item.position), "done")
    return redirect(url_for("exams.review", id=exam.id), 303)


def _rule(exam: Exam, item: PaperItem, form: forms.RuleForm) -> None:
    ruling = Ruling(form.ruling.data)
    key = keytext.read(item.question.kind, form.key.data or "") if ruling == Ruling.CORRECTED else None
    rulings.rule(actor(), exam, item=item.id, ruling=ruling, reason=form.reason.data or "", key=key)


@pages.page("/exams/<int:id>/passes", needs=Exams.MARK, on=one(Exam), methods=("POST",))
def passes(exam: Exam) -> ResponseReturnValue:
    """An officer's word on how many passed."""
    form = forms.WordForm(prefix="p")
    explained = form.validate() and attempted(
        form, lambda: rulings.explain_passes(actor(), exam, reason=form.reason.data or "")
    )
    if not explained:
        keep_candidates_out(actor(), exam)
        return _review(exam, {}, form), 422
    flash(_("Written down."), "done")
    return redirect(url_for("exams.review", id=exam.id), 303)


@pages.page("/exams/<int:id>/release", needs=Exams.RELEASE, on=one(Exam), methods=("POST",))
def release(exam: Exam) -> ResponseReturnValue:
    """Let the results stand."""
    written = releasing.release(actor(), exam, input_hash=hash_sent())
    flash(_n("%(num)d result released.", "%(num)d results released.", written), "done")
    return redirect(url_for("exams.review", id=exam.id), 303)


@pages.page("/exams/<int:id>/results", needs=Exams.MANAGE, on=one(Exam), methods=("GET", "POST"))
def settle(exam: Exam) -> ResponseReturnValue:
    """What candidates will see, how long they may appeal, how many are expected to pass."""
    form = forms.ResultsForm(
        data={
            "feedback": exam.feedback,
            "appeal_days": exam.appeal_days,
            "low": plain(exam.expected_low),
            "high": plain(exam.expected_high),
        }
    )
    if form.validate_on_submit() and attempted(form, lambda: _settle(exam, form)):
        flash(_("Saved."), "done")
        return redirect(url_for("exams.exam", id=exam.id), 303)
    return render_template("exams/settle.html", exam=exam, form=form), (422 if request.method == "POST" else 200)


def _settle(exam: Exam, form: forms.ResultsForm) -> None:
    releasing.settle_release(
        actor(),
        exam,
        feedback=Feedback(form.feedback.data),
        appeal_days=form.appeal_days.data,
        low=form.low.data,
        high=form.high.data,
    )
