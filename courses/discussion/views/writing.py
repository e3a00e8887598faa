"""Writing: ask, answer, put right; what tells who a patient is is shown before it is kept."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.discussion import formats, forms, services
from courses.discussion.models import Entry
from courses.discussion.policy import Discussion
from courses.discussion.queries import finding, threads
from courses.discussion.queries.threads import Place
from courses.discussion.rules import PER_HOUR, parts
from courses.discussion.services.writing import Recognisable
from courses.discussion.views import pages
from courses.discussion.views.reading import thread_page
from lms.errors import Refused
from lms.i18n import _
from lms.web import limits
from lms.web.pages import actor


def _count() -> None:
    limits.count("discussion", str(actor().person_id), most=PER_HOUR, per=timedelta(hours=1))


@pages.page("/courses/<code>/lessons/<lesson>/ask", needs=Discussion.ASK, on=threads.place, methods=("GET", "POST"))
def ask(place: Place) -> ResponseReturnValue:
    """Ask a question about a lesson; what is like it is shown while one types."""
    form, doubtful = forms.QuestionForm(), False
    like = finding.like(actor(), form.title.data or "") if form.is_submitted() else []
    # Search first: what was asked before is shown once, here for who has no script, while one types for all others.
    first_look = bool(like) and form.looked.data != "1"
    form.looked.data = "1" if like else form.looked.data
    if form.validate_on_submit() and not first_look:
        _count()
        title, body = form.title.data or "", form.body.data or ""
        try:
            row = services.ask(actor(), place, title=title, body=body, sure=form.sure.data)
        except Refused as refused:
            doubtful = _say(form, refused)
        else:
            flash(_("Your question is there. You will be told of answers."), "done")
            return redirect(url_for("discussion.question", id=row.id), 303)
    page = render_template(
        "discussion/ask.html", place=place, form=form, like=like, first_look=first_look, **_marks(form, doubtful)
    )
    return page, 422 if form.errors or doubtful or first_look else 200


@pages.page("/questions/<int:id>/answer", needs=Discussion.ANSWER, on=threads.question, methods=("POST",))
def answer(question: Entry) -> ResponseReturnValue:
    """Answer a question."""
    form, doubtful = forms.EntryForm(), False
    if form.validate_on_submit():
        _count()
        try:
            row = services.answer(actor(), question, body=form.body.data or "", sure=form.sure.data)
        except Refused as refused:
            doubtful = _say(form, refused)
        else:
            return redirect(url_for("discussion.question", id=question.id) + f"#entry-{row.id}", 303)
    return thread_page(question, form, 422, **_marks(form, doubtful))


@pages.page("/questions/entries/<int:id>/edit", needs=Discussion.EDIT, on=threads.entry, methods=("GET", "POST"))
def edit(entry: Entry) -> ResponseReturnValue:
    """Put right what one wrote."""
    kind = forms.QuestionForm if entry.question_id is None else forms.EntryForm
    form, doubtful = kind(obj=entry), False
    if form.validate_on_submit():
        _count()
        title = form.title.data or "" if isinstance(form, forms.QuestionForm) else ""
        seen = form.number.data or ""
        number = int(seen) if seen.isdecimal() else 0
        try:
            services.edit(actor(), entry, title=title, body=form.body.data or "", number=number, sure=form.sure.data)
        except Refused as refused:
            doubtful = _say(form, refused)
        else:
            return redirect(url_for("discussion.question", id=entry.thread_id) + f"#entry-{entry.id}", 303)
    page = render_template("discussion/edit.html", entry=entry, form=form, **_marks(form, doubtful))
    return page, 422 if form.errors or doubtful else 200


@pages.page("/questions/look", needs=Discussion.READ, methods=("POST",))
def look() -> ResponseReturnValue:
    """What is like the question that is being typed, and what in it tells who a patient is. Nothing is kept."""
    title, body = formats.read(request.get_json(silent=True))
    like = [
        {"title": one.title, "address": url_for("discussion.question", id=one.id), "answers": _answers(one)}
        for one in finding.like(actor(), title)
    ]
    return {"like": like, "marked": formats.marked(title, body)}


def _answers(question: Entry) -> str:
    if question.accepted_id:
        return str(_("answered, and it helped"))
    return str(_("answered") if question.answers else _("not answered yet"))


def _say(form: forms.EntryForm, refused: Refused) -> bool:
    """Put a refusal on the form; whether it was for what tells who a patient is."""
    form.form_errors = [str(refused)]
    return isinstance(refused, Recognisable)


def _marks(form: forms.EntryForm, doubtful: bool) -> dict[str, object]:
    """For the page: the texts with their marked words, and whether one may say that one is sure."""
    texts = [field.data or "" for name in ("title", "body") if (field := getattr(form, name, None)) is not None]
    cut = [parts(text) for text in texts if doubtful]
    return {"doubtful": doubtful, "marked": [one for one in cut if any(part.kind for part in one)]}
