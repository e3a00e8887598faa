"""For officers: candidates, the live board, closing, marking, release."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams import forms
from assessments.exams.models import Candidate, Decided, Exam
from assessments.exams.policy import Exams, keep_candidates_out
from assessments.exams.queries import candidates as queries
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import marking as marking_queries
from assessments.exams.queries import places
from assessments.exams.services import marking, seating, sitting
from assessments.exams.views import pages
from assessments.exams.views.making import hash_sent
from lms.db.paging import cut
from lms.i18n import _, _n
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/exams/<int:id>/candidates", needs=Exams.READ, on=one(Exam))
def candidates(exam: Exam) -> ResponseReturnValue:
    """Who sits this exam."""
    shown = cut(queries.sitting(exam), request.args.get("page", 1, int), 50)
    return render_template("exams/candidates.html", exam=exam, shown=shown)


def _sought() -> queries.Sought:
    asked = request.values
    return queries.Sought(
        asked.get("q", "").strip(), asked.get("institution", type=int), category=asked.get("category", "")
    )


@pages.page("/exams/<int:id>/candidates/add", needs=Exams.MANAGE, on=one(Exam), methods=("GET", "POST"))
def add(exam: Exam) -> ResponseReturnValue:
    """Find people of one's area and seat them."""
    if request.method == "GET":
        found = cut(queries.addable(exam, _sought()), request.args.get("page", 1, int), 50)
        institutions = places.below(actor())
        return render_template("exams/add.html", exam=exam, found=found, institutions=institutions)
    if request.form.get("all"):
        added = seating.add_found(actor(), exam, sought=_sought())
    else:
        added = seating.add_candidates(actor(), exam, persons=request.form.getlist("person", int))
    flash(_n("%(num)d candidate added.", "%(num)d candidates added.", added), "done")
    return redirect(url_for("exams.candidates", id=exam.id), 303)


@pages.page(
    "/exams/<int:exam>/candidates/<int:number>", needs=Exams.MANAGE, on=queries.candidate_by, methods=("GET", "POST")
)
def candidate(shown: Candidate) -> ResponseReturnValue:
    """One candidate: extra time, with who gave it and why."""
    form = forms.TimeForm(data={"minutes": shown.extra_minutes})
    if form.validate_on_submit() and attempted(
        form,
        lambda: seating.give_time(actor(), shown, minutes=form.minutes.data, reason=form.reason.data or ""),
    ):
        flash(_("The deadline is changed."), "done")
        return redirect(url_for("exams.candidates", id=shown.exam_id), 303)
    return render_template(
        "exams/candidate.html",
        candidate=shown,
        name=queries.name_of(shown.person_id),
        form=form,
        history=queries.extra_times(shown),
    ), (422 if request.method == "POST" else 200)


@pages.page(
    "/exams/<int:exam>/candidates/<int:number>/remove",
    needs=Exams.MANAGE,
    on=queries.candidate_by,
    methods=("POST",),
)
def remove(shown: Candidate) -> ResponseReturnValue:
    """Take somebody off the list who has not begun."""
    seating.remove_candidate(actor(), shown)
    flash(_("Taken off the list."), "done")
    return redirect(url_for("exams.candidates", id=shown.exam_id), 303)


@pages.page("/exams/<int:id>/board", needs=Exams.READ, on=one(Exam))
def board(exam: Exam) -> ResponseReturnValue:
    """Who is in, how far, last heard when, and what is still only on a device."""
    shown = cut(queries.sitting(exam), request.args.get("page", 1, int), 50)
    number, _points = exam_queries.paper_size(exam.paper_version_id)
    count = exam_queries.count(exam)
    return render_template("exams/board.html", exam=exam, shown=shown, number=number, count=count)


@pages.page("/exams/<int:id>/close", needs=Exams.MANAGE, on=one(Exam), methods=("POST",))
def close(exam: Exam) -> ResponseReturnValue:
    """End the exam now."""
    form = forms.ReasonForm()
    if not form.validate_on_submit():
        flash(_("Say why the exam is closed."), "danger")
        return redirect(url_for("exams.exam", id=exam.id, _anchor="close"), 303)
    sitting.close(actor(), exam, reason=form.reason.data or "")
    flash(_("The exam is closed."), "done")
    return redirect(url_for("exams.exam", id=exam.id), 303)


@pages.page("/exams/<int:id>/mark", needs=Exams.MARK, on=one(Exam), methods=("POST",))
def mark(exam: Exam) -> ResponseReturnValue:
    """Mark every attempt."""
    marking.mark(actor(), exam)
    flash(_("Marked. Look at the questions, then let another officer release the results."), "done")
    return redirect(url_for("exams.review", id=exam.id), 303)


@pages.page("/exams/<int:id>/review", needs=Exams.MARK, on=one(Exam))
def review(exam: Exam) -> ResponseReturnValue:
    """How the questions worked and what came out, before and after release."""
    keep_candidates_out(actor(), exam)
    run = exam_queries.last_run(exam)
    shown = cut(marking_queries.results_of(run), request.args.get("page", 1, int), 50) if run else None
    return render_template(
        "exams/review.html",
        exam=exam,
        run=run,
        shown=shown,
        items=exam_queries.items_of(exam.paper_version_id, keyed=True),
        figures={one["item"]: one for one in run.figures["items"]} if run else {},
        releases=exam_queries.decisions(exam, Decided.RELEASE, run.input_hash) if run else [],
        passed=marking_queries.passed_of(run) if run else 0,
    )


@pages.page("/exams/<int:id>/release", needs=Exams.RELEASE, on=one(Exam), methods=("POST",))
def release(exam: Exam) -> ResponseReturnValue:
    """Let the results stand."""
    written = marking.release(actor(), exam, input_hash=hash_sent())
    flash(_n("%(num)d result released.", "%(num)d results released.", written), "done")
    return redirect(url_for("exams.review", id=exam.id), 303)
