"""For candidates: my exams, the page before, the attempt and its saving, the result."""

from functools import lru_cache
from typing import Any

from flask import abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from assessments.exams.forms import results as forms
from assessments.exams.models import Attempt, Candidate, State
from assessments.exams.policy import Exams
from assessments.exams.queries import appeals, feedback, regrades, rooms
from assessments.exams.queries import attempts as queries
from assessments.exams.queries import exams as exam_queries
from assessments.exams.rules import papers
from assessments.exams.services import answers, sitting
from assessments.exams.views import pages, sheet
from lms.authz import Actor
from lms.errors import Invalid, NotFound
from lms.i18n import _
from lms.web.pages import actor, sign_in_to_check


@pages.page("/my/exams", needs=Exams.OWN)
def mine() -> ResponseReturnValue:
    """My exams: open now, to come, done."""
    return render_template("exams/mine.html", mine=exam_queries.mine(actor().person_id or 0), now=exam_queries.now())


def panel(who: Actor) -> str | None:
    """On the home page: the exam that is open or comes next; nothing where there is none."""
    now = exam_queries.now()
    near = [one for one in exam_queries.mine(who.person_id or 0) if one.waits(now)]
    if not near:
        return None
    return render_template("exams/panel.html", near=near[-1], now=now)


@pages.page("/exams/<int:id>/start", needs=Exams.SIT, on=queries.candidacy)
def start(candidate: Candidate) -> ResponseReturnValue:
    """The rules of this exam, and the button that begins it."""
    exam, attempt = candidate.exam, queries.attempt_of(candidate)
    number, points = exam_queries.paper_size(exam.paper_version_id)
    return render_template(
        "exams/start.html",
        exam=exam,
        candidate=candidate,
        attempt=attempt,
        number=number,
        points=points,
        now=exam_queries.now(),
        times=rooms.times_of(exam, candidate),
        room=candidate.room,
        states=State,
    )


@pages.page("/exams/<int:id>/start", needs=Exams.SIT, on=queries.seat, methods=("POST",), rechecks=True)
def begin(seat: queries.Seat) -> ResponseReturnValue:
    """Begin, and go to the questions."""
    begun = sitting.begin(actor(), seat, sign_in=sign_in_to_check())
    if begun is None:
        return redirect(url_for("people.sign_in", next=request.path))
    return redirect(url_for("exams.attempt", attempt_id=begun), 303)


@pages.page("/attempts/<uuid:attempt_id>", needs=Exams.ANSWER, on=queries.pen, rechecks=True)
def attempt(pen: queries.Pen) -> ResponseReturnValue:
    """The exam itself; when it is over, what comes next."""
    stand = queries.stand_of(pen, sign_in_to_check())
    if stand is None:
        raise NotFound
    if not stand.signed_in:
        return redirect(url_for("people.sign_in", next=request.path))
    if stand.over:
        return redirect(url_for("exams.result", attempt_id=pen.attempt_id), 303)
    state = {
        "attempt": str(pen.attempt_id),
        "person": pen.person_id,
        "receipt": _receipt_key(pen.attempt_id).hex(),
    }
    return sheet.page(pen, stand, state | _told(stand))


def _told(stand: queries.Stand) -> dict[str, Any]:
    """How an attempt stands, as its page hears it; with a token for its next requests."""
    return {
        "epoch": stand.epoch,
        "closed": stand.over,
        "paused": stand.paused,
        "answers": stand.answers,
        "remaining": stand.remaining,
        "csrf": generate_csrf(),
    }


@lru_cache(maxsize=20_000)
def _receipt_key(attempt_id: Any) -> bytes:
    return papers.receipt_key(str(current_app.secret_key), str(attempt_id))


def _sent() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(_("This is not an answer."))
    return body


def _number(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if type(value) is not int or not 0 <= value < 1 << 31:
        raise Invalid(_("This is not an answer."), field=name)
    return value


@pages.page("/attempts/<uuid:attempt_id>/answers", needs=Exams.ANSWER, on=queries.pen, methods=("POST",), rechecks=True)
def save(pen: queries.Pen) -> ResponseReturnValue:
    """Keep answers; what comes back names what the centre holds, and proves that it was the centre."""
    receipt = answers.save(actor(), pen, events=_sent().get("events"), sign_in=sign_in_to_check())
    if receipt is None:
        abort(401)
    held = [*receipt.held, *receipt.late]
    proof = papers.receipt(_receipt_key(pen.attempt_id), str(pen.attempt_id), held)
    return jsonify(
        held=receipt.held,
        late=receipt.late,
        epoch=receipt.epoch,
        closed=receipt.closed,
        paused=receipt.paused,
        remaining=receipt.remaining,
        proof=proof,
    )


@pages.page("/attempts/<uuid:attempt_id>/beat", needs=Exams.ANSWER, on=queries.pen, methods=("POST",), rechecks=True)
def beat(pen: queries.Pen) -> ResponseReturnValue:
    """The page says that it is there, and hears how the attempt stands."""
    body = _sent()
    epoch, unsaved = _number(body, "epoch"), _number(body, "unsaved")
    stand = answers.beat(actor(), pen, epoch=epoch, unsaved=unsaved, sign_in=sign_in_to_check())
    if stand is None:
        abort(401)
    return jsonify(epoch=stand.epoch, closed=stand.closed, paused=stand.paused, remaining=stand.remaining)


@pages.page("/attempts/<uuid:attempt_id>/stand", needs=Exams.ANSWER, on=queries.pen, rechecks=True)
def stand(pen: queries.Pen) -> ResponseReturnValue:
    """How the attempt stands, for a page that was away; with a token for its next requests."""
    found = queries.stand_of(pen, sign_in_to_check())
    if found is None:
        raise NotFound
    if not found.signed_in:
        abort(401)
    return jsonify(_told(found))


@pages.page("/attempts/<uuid:attempt_id>/pen", needs=Exams.ANSWER, on=queries.pen, methods=("POST",), rechecks=True)
def take_pen(pen: queries.Pen) -> ResponseReturnValue:
    """This page writes from now on; every other becomes read-only."""
    taken = sitting.take_pen(actor(), pen, seen=_number(_sent(), "seen"), sign_in=sign_in_to_check())
    if taken is None:
        abort(401)
    return jsonify(taken)


@pages.page("/attempts/<uuid:attempt_id>/hand-in", needs=Exams.ANSWER, on=queries.pen, methods=("POST",))
def hand_in(pen: queries.Pen) -> ResponseReturnValue:
    """End my attempt."""
    sitting.hand_in(actor(), pen)
    where = url_for("exams.result", attempt_id=pen.attempt_id)
    return jsonify(next=where) if request.is_json else redirect(where, 303)


@pages.page("/attempts/<uuid:attempt_id>/result", needs=Exams.RESULT, on=queries.own)
def result(shown: Attempt) -> ResponseReturnValue:
    """What came of it: that it was handed in, and after the release the score against the cut, by topic."""
    if shown.closed_at is None and queries.remaining(shown) > 0:
        return redirect(url_for("exams.attempt", attempt_id=shown.id), 303)
    score = queries.score_of(shown)
    return render_template(
        "exams/result.html",
        attempt=shown,
        exam=shown.exam,
        ending=queries.ending_of(shown),
        score=score,
        told=feedback.told(shown.exam, score) if score else None,
        changed=regrades.changed_for(shown.id) if score else [],
        appeals=appeals.of_attempt(shown),
        appeal_until=appeals.until(score) if score and appeals.may_still(score) else None,
        appeal_form=forms.AppealForm(formdata=None),
        late=queries.late_of(shown),
        answered=sum(bool(one["answer"]) for one in queries.answers_of(shown.id).values()),
        receipt=_receipt_key(shown.id).hex(),
    )
