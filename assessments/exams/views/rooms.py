"""For officers before an exam: its windows and rooms, who sits where, the list at the door, and preparing."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams.forms import exams as forms
from assessments.exams.models import Candidate, Exam, ExamRoom, ExamWindow
from assessments.exams.policy import Exams
from assessments.exams.queries import candidates, preparing
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import rooms as queries
from assessments.exams.services import placing
from assessments.exams.services import preparing as services
from assessments.exams.views import pages
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _, _n
from lms.web import progress
from lms.web.forms import Form, attempted
from lms.web.pages import actor, one


@pages.page("/exams/<int:id>/rooms", needs=Exams.READ, on=one(Exam))
def rooms(exam: Exam) -> ResponseReturnValue:
    """When and where it is sat, and what is still missing before it can be prepared."""
    return _rooms(exam, forms.WindowForm(obj=exam), forms.RoomForm())


def _rooms(
    exam: Exam, window: forms.WindowForm, room: forms.RoomForm, wrong: str = "", status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "exams/rooms.html",
        exam=exam,
        windows=queries.windows(exam),
        rooms=queries.rooms(exam),
        places=queries.places(exam),
        unseated=queries.without_place(exam),
        count=exam_queries.count(exam),
        window_form=window,
        room_form=room,
        wrong=wrong,
    )
    return page, status


def _blank(exam: Exam) -> dict[str, Any]:
    return {"window": forms.WindowForm(None, obj=exam), "room": forms.RoomForm(None)}


def _tried(exam: Exam, form: Form, act: Callable[[], object], said: str, **shown: Any) -> ResponseReturnValue:
    """Do what a form asks for and go back to the page; a refusal is shown on the form."""
    if form.validate_on_submit() and attempted(form, act):
        flash(said, "done")
        return redirect(url_for("exams.rooms", id=exam.id), 303)
    return _rooms(exam, **(_blank(exam) | shown), status=422)


@pages.page("/exams/<int:id>/windows", needs=Exams.MANAGE, on=one(Exam), methods=("POST",))
def add_window(exam: Exam) -> ResponseReturnValue:
    """One more window."""
    form = forms.WindowForm()
    times = {"opens_at": form.opens_at.data, "closes_at": form.closes_at.data}
    return _tried(
        exam, form, lambda: placing.add_window(actor(), exam, **times), _("The window is added."), window=form
    )


@pages.page("/exams/<int:id>/rooms/add", needs=Exams.MANAGE, on=one(Exam), methods=("POST",))
def add_room(exam: Exam) -> ResponseReturnValue:
    """One more room, or another number of seats in one that is there."""
    form = forms.RoomForm()
    name, seats = form.name.data or "", form.seats.data or 0
    added = _("The room is added.")
    return _tried(exam, form, lambda: placing.add_room(actor(), exam, name=name, seats=seats), added, room=form)


@pages.page("/exams/<int:exam>/windows/<int:number>/drop", needs=Exams.MANAGE, on=queries.window_by, methods=("POST",))
def drop_window(window: ExamWindow) -> ResponseReturnValue:
    """Take a window away."""
    exam = db.session.get_one(Exam, window.exam_id)
    return _done(exam, lambda: _unseated(placing.drop_window(actor(), window)))


@pages.page("/exams/<int:exam>/rooms/<int:number>/drop", needs=Exams.MANAGE, on=queries.room_by, methods=("POST",))
def drop_room(room: ExamRoom) -> ResponseReturnValue:
    """Take a room away."""
    exam = db.session.get_one(Exam, room.exam_id)
    return _done(exam, lambda: _unseated(placing.drop_room(actor(), room)))


def _unseated(number: int) -> object:
    if not number:
        return _("Taken away.")
    return _n(
        "Taken away. %(num)d candidate needs another place.",
        "Taken away. %(num)d candidates need another place.",
        number,
    )


@pages.page("/exams/<int:id>/seat", needs=Exams.MANAGE, on=one(Exam), methods=("POST",))
def seat(exam: Exam) -> ResponseReturnValue:
    """Seat everybody who has no place yet, or everybody anew."""
    anew = request.form.get("anew") == "1"

    def act() -> object:
        placed = placing.seat_everybody(actor(), exam, anew=anew)
        return _n("%(num)d candidate is placed.", "%(num)d candidates are placed.", placed)

    return _done(exam, act)


def _done(exam: Exam, act: Callable[[], object]) -> ResponseReturnValue:
    """Do it and go back to the rooms, or show there why it was refused."""
    try:
        flash(str(act()), "done")
    except (Invalid, Conflict) as refused:
        return _rooms(exam, **_blank(exam), wrong=str(refused), status=refused.status)
    return redirect(url_for("exams.rooms", id=exam.id), 303)


@pages.page(
    "/exams/<int:exam>/candidates/<int:number>/place",
    needs=Exams.MANAGE,
    on=candidates.candidate_by,
    methods=("GET", "POST"),
)
def place(shown: Candidate) -> ResponseReturnValue:
    """Place one candidate by hand."""
    exam = db.session.get_one(Exam, shown.exam_id)
    form = forms.place_form(shown, queries.windows(exam), queries.rooms(exam))
    if form.validate_on_submit() and attempted(form, lambda: _place(exam, shown, form)):
        flash(_("The candidate is placed."), "done")
        return redirect(url_for("exams.candidates", id=exam.id), 303)
    name = candidates.name_of(shown.person_id)
    status = 422 if request.method == "POST" else 200
    return render_template("exams/place.html", exam=exam, candidate=shown, name=name, form=form), status


def _place(exam: Exam, shown: Candidate, form: forms.PlaceForm) -> None:
    window = queries.window_by(exam.id, int(form.window.data)) if form.window.data else None
    room = queries.room_by(exam.id, int(form.room.data)) if form.room.data else None
    placing.place(actor(), shown, window=window, room=room, seat=form.seat.data)


@pages.page("/exams/<int:id>/rooms/sheet", needs=Exams.READ, on=one(Exam))
def sheet(exam: Exam) -> ResponseReturnValue:
    """The list at the door, to print: who sits where, and a line to sign."""
    window, room = request.args.get("window", type=int), request.args.get("room", type=int)
    rows = db.session.execute(queries.sheet(exam, window=window, room=room)).all()
    return render_template("exams/door.html", exam=exam, sheets=queries.sheets(rows))


@pages.page("/exams/<int:id>/prepare", needs=Exams.MANAGE, on=one(Exam), methods=("POST",))
def prepare(exam: Exam) -> ResponseReturnValue:
    """Make everybody's attempt; of many in the background."""
    try:
        if preparing.left(exam) > services.AT_ONCE:
            services.ask_to_prepare(actor(), exam)
        else:
            services.prepare(actor(), exam)
            flash(_("The exam is prepared. Seats, paper, time and cut stand."), "done")
    except (Invalid, Conflict) as refused:
        flash(str(refused), "danger")
    return redirect(url_for("exams.exam", id=exam.id), 303)


@pages.page("/exams/<int:id>/prepare/state", needs=Exams.MANAGE, on=one(Exam))
def prepare_state(exam: Exam) -> ResponseReturnValue:
    """How far the preparing is, for the page's script."""
    return progress.stand(preparing.work(exam), url_for("exams.exam", id=exam.id))


@pages.page("/exams/<int:id>/prepare/undo", needs=Exams.MANAGE, on=one(Exam), methods=("POST",))
def undo_preparing(exam: Exam) -> ResponseReturnValue:
    """Throw the prepared attempts away."""
    services.undo_preparing(actor(), exam)
    flash(_("The preparing is undone; seats, times and cut can be changed."), "done")
    return redirect(url_for("exams.exam", id=exam.id), 303)
