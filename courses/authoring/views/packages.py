"""Courses as files: given out, and taken in as drafts."""

from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from courses.authoring import forms, queries
from courses.authoring.models import CourseDraft
from courses.authoring.policy import Authoring
from courses.authoring.services import packages
from courses.authoring.views import pages
from courses.curricula.formats import package as formats
from courses.curricula.formats.parts import Zip
from courses.curricula.models import CourseVersion
from courses.curricula.queries import version_by_number
from lms.errors import Invalid, Refused
from lms.i18n import _
from lms.people.views.signing_in import mend
from lms.web.pages import actor


@pages.page("/editor/packages", needs=Authoring.WRITE, methods=("GET", "POST"))
def take_in() -> ResponseReturnValue:
    """Bring in a course from elsewhere."""
    form: Any = forms.FileForm()
    if not form.validate_on_submit():
        return render_template("authoring/package.html", form=form, most=formats.most()), 422 if form.errors else 200
    try:
        sent = form.file.data
        if not sent:
            raise Invalid(_("Choose a file first."), field="file")
        made = packages.take_in(actor(), None, file=sent.stream)
    except Refused as refused:
        return render_template("authoring/package.html", form=form, most=formats.most()), mend(form, refused)
    flash(_("Taken in as a draft. Look it over, then send it for review."), "done")
    return redirect(url_for("authoring.draft", id=made.id), 303)


@pages.page("/editor/courses/<code>/<int:number>/package", needs=Authoring.WRITE, on=version_by_number)
def give_out(version: CourseVersion) -> ResponseReturnValue:
    """A version as a file."""
    return _file(packages.give_out(actor(), version), version.course.code)


@pages.page("/editor/drafts/<int:id>/package", needs=Authoring.WRITE, on=queries.draft)
def give_out_draft(draft: CourseDraft) -> ResponseReturnValue:
    """A draft as a file."""
    try:
        return _file(packages.give_out_draft(actor(), draft), draft.code)
    except Invalid as refused:
        flash(str(refused), "attention")
        return redirect(url_for("authoring.draft", id=draft.id), 303)


def _file(made: Zip, code: str) -> Response:
    answer = Response(made.pieces(), mimetype="application/zip")
    answer.content_length = made.size
    answer.headers["Content-Disposition"] = f'attachment; filename="{code}.zip"'
    return answer
