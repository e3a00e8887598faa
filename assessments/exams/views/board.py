"""For officers while an exam is sat: the live board, what can be done from it, and the incident log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from assessments.exams.forms import exams as forms
from assessments.exams.models import Exam, What
from assessments.exams.policy import Exams
from assessments.exams.queries import board as queries
from assessments.exams.queries import exams as exam_queries
from assessments.exams.queries import incidents as incident_queries
from assessments.exams.queries import rooms
from assessments.exams.services import incidents, seating, sitting
from assessments.exams.views import pages
from lms.db import db
from lms.db.paging import cut
from lms.errors import Conflict, Invalid
from lms.i18n import _, _n
from lms.web.pages import actor, one

PAGE = 100
#: As many incidents stand beside the board.
NEWEST = 5


def _sought() -> queries.Sought:
    asked = request.args
    return queries.Sought(
        asked.get("q", "").strip(),
        asked.get("room", type=int),
        asked.get("window", type=int),
        asked.get("stand", ""),
        asked.get("unsaved") == "1",
        asked.get("sort", ""),
    )


@pages.page("/exams/<int:id>/board", needs=Exams.READ, on=one(Exam))
def board(exam: Exam) -> ResponseReturnValue:
    """Who is in, how far, last heard when, and what is still only on a device."""
    return _board(exam)


def _board(exam: Exam, wrong: str = "") -> ResponseReturnValue:
    sought = _sought()
    shown = cut(queries.listing(exam, sought), request.args.get("page", 1, int), PAGE)
    attempts = [row.attempt_id for row in shown.rows if row.started_at is not None]
    number, _points = exam_queries.paper_size(exam.paper_version_id)
    page = render_template(
        "exams/board.html",
        exam=exam,
        shown=shown,
        summary=queries.summary(exam, sought),
        answered=queries.answered(attempts),
        late=queries.late(attempts),
        number=number,
        rooms=rooms.rooms(exam),
        windows=rooms.windows(exam),
        newest=db.session.execute(incident_queries.listing(exam).limit(NEWEST)).all(),
        incidents=forms.INCIDENTS,
        wrong=wrong,
    )
    return page, 422 if wrong else 200


@pages.page("/exams/<int:id>/board/steer", needs=Exams.MANAGE, on=one(Exam), methods=("POST",))
def steer(exam: Exam) -> ResponseReturnValue:
    """Give time, pause, let go on, or write an incident down: for one, the ticked ones, or all who fit the filters."""
    try:
        flash(str(_steered(exam)), "done")
    except (Invalid, Conflict) as refused:
        return _board(exam, str(refused))
    return redirect(url_for("exams.board", id=exam.id, **_kept()), 303)


def _kept() -> Mapping[str, Any]:
    return request.args.to_dict()


@dataclass(frozen=True)
class _Order:
    """What is to be done, to whom, why."""

    exam: Exam
    candidates: list[int]
    reason: str

    def minutes(self) -> int:
        """The minutes that were typed; 0 where there are none."""
        text = request.form.get("minutes", "").strip()
        if text and not (text.isdecimal() and len(text) < 5):
            raise Invalid(_("“%(text)s” is not a whole number.", text=text), field="minutes")
        return int(text or 0)


def _steered(exam: Exam) -> object:
    """Do what the button says; the words that say what was done."""
    single = request.form.get("one", "")
    what, _colon, number = single.partition(":")
    act = _ACTS.get(what or request.form.get("do", ""))
    if act is None:
        raise Invalid(_("Choose what is to be done."))
    chosen = [int(number)] if number.isdecimal() else _chosen(exam)
    # in one word where no other is given: the kind of incident that is chosen
    kind = request.form.get("what", "")
    reason = request.form.get("reason", "").strip() or str(
        forms.INCIDENTS.get(What(kind), "") if kind in set(What) else ""
    )
    return act(_Order(exam, chosen, reason))


def _chosen(exam: Exam) -> list[int]:
    """Whom the bar means: the ticked ones, or everybody who fits the filters."""
    if request.form.get("whom") == "shown":
        return queries.of_those(exam, _sought())
    ticked = request.form.getlist("candidate", int)
    if not ticked:
        raise Invalid(_("Nobody is ticked. Tick candidates, or choose all who are shown."))
    return ticked


def _time(order: _Order) -> object:
    given = seating.add_time(
        actor(), order.exam, minutes=order.minutes(), reason=order.reason, candidates=order.candidates
    )
    return _n("%(num)d candidate has more time.", "%(num)d candidates have more time.", given)


def _pause(order: _Order) -> object:
    stopped = sitting.pause(actor(), order.exam, reason=order.reason, candidates=order.candidates)
    return _n("%(num)d attempt is paused.", "%(num)d attempts are paused.", stopped)


def _resume(order: _Order) -> object:
    resumed = sitting.resume(actor(), order.exam, reason=order.reason, candidates=order.candidates)
    return _n("%(num)d attempt goes on.", "%(num)d attempts go on.", resumed)


def _incident(order: _Order) -> object:
    room = request.args.get("room", type=int)
    incidents.report(
        actor(),
        order.exam,
        what=request.form.get("what", ""),
        words=order.reason,
        candidates=order.candidates,
        room=rooms.room_by(order.exam.id, room) if room is not None else None,
        minutes=order.minutes(),
    )
    return _("The incident is written down.")


_ACTS: dict[str, Callable[[_Order], object]] = {
    "time": _time,
    "pause": _pause,
    "resume": _resume,
    "incident": _incident,
}


@pages.page("/exams/<int:id>/incidents", needs=Exams.READ, on=one(Exam))
def incident_log(exam: Exam) -> ResponseReturnValue:
    """Everything that was written down, newest first."""
    shown = cut(incident_queries.listing(exam), request.args.get("page", 1, int))
    return render_template("exams/incidents.html", exam=exam, shown=shown, incidents=forms.INCIDENTS)
