"""What becomes of a draft: sent, approved, sent back, taken back, published, thrown away; courses in and out of use."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from courses.authoring import forms, queries
from courses.authoring.models import CourseDraft
from courses.authoring.policy import Authoring
from courses.authoring.services import drafting, reviewing
from courses.authoring.views import pages
from courses.authoring.views.desk import show
from courses.curricula.models import Course
from courses.curricula.policy import Courses
from courses.curricula.queries import course_by_code
from courses.curricula.services import retiring
from lms.errors import Refused
from lms.i18n import _
from lms.people.views.signing_in import mend
from lms.web.forms import Form
from lms.web.pages import actor


def _moved(
    draft: CourseDraft, act: Callable[[], object], words: str, name: str = "", form: Any = None
) -> ResponseReturnValue:
    """Do it and go back to the draft; a refusal is said there."""
    if form is not None and not form.validate():
        return show(draft, {name: form}, 422)
    try:
        act()
    except Refused as refused:
        if form is not None:
            status = mend(form, refused)
            return show(draft, {name: form}, status)
        flash(str(refused), "attention")
        return redirect(url_for("authoring.draft", id=draft.id), 303)
    flash(words, "done")
    return redirect(url_for("authoring.draft", id=draft.id), 303)


@pages.page("/editor/drafts/<int:id>/send", needs=Authoring.WRITE, on=queries.draft, methods=("POST",))
def send(draft: CourseDraft) -> ResponseReturnValue:
    """Ask a second editor to review it."""
    return _moved(draft, lambda: reviewing.send(actor(), draft), _("Sent. Another editor reviews it now."))


@pages.page("/editor/drafts/<int:id>/take-back", needs=Authoring.WRITE, on=queries.draft, methods=("POST",))
def take_back(draft: CourseDraft) -> ResponseReturnValue:
    """Write on."""
    return _moved(draft, lambda: reviewing.take_back(actor(), draft), _("Taken back. You can write on."))


@pages.page("/editor/drafts/<int:id>/approve", needs=Authoring.REVIEW, on=queries.draft, methods=("POST",))
def approve(draft: CourseDraft) -> ResponseReturnValue:
    """Say that it teaches what is right."""
    form: Any = forms.NoteForm(prefix="approve")
    seen = request.form.get("digest", "")
    act = lambda: reviewing.approve(actor(), draft, digest=seen, note=form.note.data or "")  # noqa: E731 - one line
    return _moved(draft, act, _("Approved. It can be published now."), "approve", form)


@pages.page("/editor/drafts/<int:id>/give-back", needs=Authoring.REVIEW, on=queries.draft, methods=("POST",))
def give_back(draft: CourseDraft) -> ResponseReturnValue:
    """Send it back with the reason."""
    form: Any = forms.ReasonForm(prefix="give-back")
    seen = request.form.get("digest", "")
    act = lambda: reviewing.give_back(actor(), draft, digest=seen, note=form.note.data or "")  # noqa: E731 - one line
    return _moved(draft, act, _("Sent back. Its writers see the reason."), "give-back", form)


@pages.page("/editor/drafts/<int:id>/publish", needs=Authoring.PUBLISH, on=queries.draft, methods=("POST",))
def publish(draft: CourseDraft) -> ResponseReturnValue:
    """Let people begin with it."""
    return _moved(draft, lambda: reviewing.publish(actor(), draft), _("Published. Doctors read it from now on."))


@pages.page("/editor/drafts/<int:id>/discard", needs=Authoring.WRITE, on=queries.draft, methods=("POST",))
def discard(draft: CourseDraft) -> ResponseReturnValue:
    """Throw it away."""
    drafting.discard(actor(), draft)
    flash(_("The draft is thrown away. What is published stays as it is."), "done")
    return redirect(url_for("authoring.drafts"), 303)


@pages.page("/editor/courses/<code>/retire", needs=Courses.EDIT, on=course_by_code, methods=("POST",))
def retire(course: Course) -> ResponseReturnValue:
    """Let nobody new begin it."""
    return _settled(course, retiring.retire, _("Out of use. Nobody new begins it."))


@pages.page("/editor/courses/<code>/bring-back", needs=Courses.EDIT, on=course_by_code, methods=("POST",))
def bring_back(course: Course) -> ResponseReturnValue:
    """Let people begin it again."""
    return _settled(course, retiring.bring_back, _("Back in use."))


def _settled(course: Course, verb: Callable[..., None], words: str) -> ResponseReturnValue:
    form: Form = forms.ReasonForm()
    try:
        verb(actor(), course, reason=form["note"].data or "")
        flash(words, "done")
    except Refused as refused:
        flash(str(refused), "attention")
    return redirect(url_for("curricula.versions", code=course.code), 303)
