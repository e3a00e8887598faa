"""Reading: a lesson's questions, one question with its answers, all questions; and taking part with one tap."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.curricula.models import Lesson
from courses.discussion import forms, services
from courses.discussion.models import Entry
from courses.discussion.policy import Discussion
from courses.discussion.queries import desk, threads
from courses.discussion.queries.desk import Side, Sought
from courses.discussion.queries.threads import Place
from courses.discussion.views import pages
from lms.authz import Actor
from lms.db import db
from lms.db.paging import cut
from lms.web.pages import actor

_SHOWN_BESIDE = 3


@pages.page("/questions", needs=Discussion.READ)
def questions() -> ResponseReturnValue:
    """All questions, one's own, those one follows, those that nobody has answered."""
    asked = request.args
    side = Side(asked["side"]) if asked.get("side") in [*Side] else Side.ALL
    sought = Sought(side, asked.get("q", "").strip()[:60], asked.get("course", "")[:80])
    shown = cut(desk.listing(sought, actor().person_id or 0), asked.get("page", 1, int))
    return render_template("discussion/questions.html", shown=shown, sought=sought, courses=desk.courses())


@pages.page("/courses/<code>/lessons/<lesson>/questions", needs=Discussion.READ, on=threads.place)
def lesson(place: Place) -> ResponseReturnValue:
    """A lesson's questions."""
    shown = cut(threads.at_lesson(place.course_id, place.lesson.code), request.args.get("page", 1, int))
    return render_template("discussion/lesson.html", place=place, shown=shown)


@pages.page("/questions/<int:id>", needs=Discussion.READ, on=threads.question)
def question(question: Entry) -> ResponseReturnValue:
    """One question, what was answered, and the place to answer."""
    return thread_page(question, forms.EntryForm())


def thread_page(question: Entry, form: forms.EntryForm, status: int = 200, **more: Any) -> ResponseReturnValue:
    """The page of a question, with an answer as far as it is written."""
    me = actor()
    thread = threads.thread(question, me.person_id or 0)
    rulings = {one.id: threads.last_ruling(one) for one in (question, *thread.answers) if one.hidden}
    place = threads.place_of(question)
    page = render_template(
        "discussion/question.html", question=question, thread=thread, place=place, form=form, rulings=rulings, **more
    )
    return page, status


@pages.page("/questions/<int:id>/follow", needs=Discussion.FOLLOW, on=threads.question, methods=("POST",))
def follow(question: Entry) -> ResponseReturnValue:
    """Be told of answers, or no longer."""
    services.follow(actor(), question, on=request.form.get("on") == "1")
    return _back(question)


@pages.page("/questions/<int:id>/accept", needs=Discussion.ACCEPT, on=threads.question, methods=("POST",))
def accept(question: Entry) -> ResponseReturnValue:
    """Say which answer helped, or take it back."""
    services.accept(actor(), question, answer_id=request.form.get("answer", type=int))
    return _back(question)


@pages.page("/questions/entries/<int:id>/useful", needs=Discussion.RATE, on=threads.entry, methods=("POST",))
def useful(entry: Entry) -> ResponseReturnValue:
    """Say that something is useful, or take it back."""
    services.rate(actor(), entry, on=request.form.get("on") == "1")
    return _back(entry)


def _back(entry: Entry) -> ResponseReturnValue:
    return redirect(url_for("discussion.question", id=entry.thread_id) + f"#entry-{entry.id}", 303)


def beside(_actor: Actor, course_id: int, lesson: Lesson) -> dict[str, Any]:
    """For the page one reads: how many questions there are, and the first of them."""
    found = db.session.scalars(threads.at_lesson(course_id, lesson.code).limit(_SHOWN_BESIDE + 1)).all()
    return {"questions": found[:_SHOWN_BESIDE], "more": len(found) > _SHOWN_BESIDE}
