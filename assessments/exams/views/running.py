"""For officers: candidates, their extra time, closing."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams.forms import exams as forms
from assessments.exams.models import Candidate, Exam
from assessments.exams.policy import Exams
from assessments.exams.queries import candidates as queries
from assessments.exams.queries import places, rooms
from assessments.exams.services import seating, sitting
from assessments.exams.views import pages
from lms.db.paging import cut
from lms.i18n import _, _n
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/exams/<int:id>/candidates", needs=Exams.READ, on=one(Exam))
def candidates(exam: Exam) -> ResponseReturnValue:
    """Who sits this exam, when and where."""
    query = queries.listing(exam, words=request.args.get("q", "").strip(), unplaced=request.args.get("unplaced") == "1")
    return render_template(
        "exams/candidates.html",
        exam=exam,
        shown=cut(query, request.args.get("page", 1, int), 50),
        placed=bool(rooms.windows(exam) or rooms.rooms(exam)),
        unplaced=rooms.without_place(exam),
    )


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
