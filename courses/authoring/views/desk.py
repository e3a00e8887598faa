"""What is being written, one draft with all that is still missing, and its file."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from courses.authoring import forms, queries
from courses.authoring.formats import Flaw
from courses.authoring.models import CourseDraft
from courses.authoring.policy import Authoring
from courses.authoring.rules.standing import State
from courses.authoring.rules.words import where
from courses.authoring.services import drafting
from courses.authoring.services.holding import flaws
from courses.authoring.views import pages
from courses.curricula.models import CourseVersion
from courses.curricula.queries import published_ids, version_by_number
from courses.curricula.rules import compare
from lms.content.formats import digest
from lms.errors import Refused
from lms.i18n import _
from lms.people.views.signing_in import mend
from lms.web.pages import actor


@pages.page("/editor/drafts", needs=Authoring.WRITE)
def drafts() -> ResponseReturnValue:
    """All drafts that are worked on: mine first to be written, others' first to be reviewed."""
    found = queries.open_drafts()
    names = queries.names([one.updated_by_id for one in found])
    return render_template("authoring/drafts.html", drafts=found, names=names)


@pages.page("/editor/drafts/new", needs=Authoring.WRITE, methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    """Begin a course."""
    form: Any = forms.NewForm()
    if form.validate_on_submit():
        try:
            made = drafting.begin(actor(), None, code=form.code.data, zh=form.zh.data, en=form.en.data)
        except Refused as refused:
            return render_template("authoring/new.html", form=form), mend(form, refused)
        return redirect(url_for("authoring.draft", id=made.id), 303)
    return render_template("authoring/new.html", form=form), 422 if form.errors else 200


@pages.page("/editor/courses/<code>/<int:number>/draft", needs=Authoring.WRITE, on=version_by_number, methods=("POST",))
def go_on(version: CourseVersion) -> ResponseReturnValue:
    """Write the next version, beginning with what this one says."""
    there = queries.open_for(version.course.code)
    if there is not None:
        flash(_("This course is being worked on already. Here is the draft."), "info")
        return redirect(url_for("authoring.draft", id=there.id), 303)
    made = drafting.go_on(actor(), version)
    return redirect(url_for("authoring.draft", id=made.id), 303)


@pages.page("/editor/drafts/<int:id>", needs=Authoring.WRITE, on=queries.draft)
def draft(draft: CourseDraft) -> ResponseReturnValue:
    """One draft: its lessons, its files, what is still missing, and what may be done with it now."""
    return show(draft, {})


def show(draft: CourseDraft, filled: dict[str, Any], status: int = 200) -> ResponseReturnValue:
    """The page of a draft, with the form that was sent and refused."""
    mine = actor().person_id in draft.writer_ids
    there = {
        "note": filled.get("approve") or forms.NoteForm(prefix="approve"),
        "reason": filled.get("give-back") or forms.ReasonForm(prefix="give-back"),
        "mine": mine,
        "flaws": [_mended_at(draft, one) for one in flaws(draft)] if draft.state == State.WRITING else [],
        "changes": _changes(draft),
        "reviews": queries.reviews(draft.id),
        "names": queries.names([draft.updated_by_id, *(one.updated_by_id for one in draft.lessons)]),
        "in_use": draft.base is not None and published_ids([draft.base.course_id]).get(draft.base.course_id),
    }
    return render_template("authoring/draft.html", draft=draft, **there), status


def _mended_at(draft: CourseDraft, flaw: Flaw) -> dict[str, str]:
    """A flaw in words, and the page where it is mended."""
    if flaw.at[:1] == ("lesson",) and isinstance(flaw.at[1], int):
        address = url_for("authoring.lesson", id=draft.lessons[flaw.at[1]].id)
    else:
        address = url_for("authoring.about", id=draft.id)
    return {"where": where(flaw.at), "words": flaw.words, "address": address}


def _changes(draft: CourseDraft) -> Any:
    """Against the version it began with: lessons that are new, changed or gone."""
    if draft.base is None:
        return None
    before = {
        one.code: _said(one.title, one.title_en, one.minutes, one.body, one.self_check) for one in draft.base.lessons
    }
    after = {}
    for lesson in draft.lessons:
        said = lesson.entry
        title = said.get("title", {})
        after[str(said.get("code"))] = _said(
            title.get("zh"), title.get("en"), said.get("minutes"), said.get("body"), said.get("self_check")
        )
    return compare(before, after)


def _said(*parts: Any) -> bytes:
    return digest(list(parts))
