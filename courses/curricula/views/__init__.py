"""The editor's desk, and the files of a lesson."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from courses.curricula import queries, services
from courses.curricula.models import Course, CourseVersion, Lesson, LessonAttachment
from courses.curricula.policy import Courses
from courses.curricula.queries import media
from courses.curricula.queries.tiers import asking_for
from courses.curricula.rules import Changes, compare
from lms.i18n import _
from lms.web import ranges
from lms.web.assets import FOR_EVER
from lms.web.pages import Pages, actor

pages = Pages("curricula", "courses.curricula")


@pages.page("/editor/courses", needs=Courses.EDIT)
def desk() -> ResponseReturnValue:
    """All courses, and which wait for a decision."""
    courses = queries.all_courses()
    in_use = queries.published_ids([course.id for course in courses])
    return render_template("curricula/desk.html", courses=courses, in_use=in_use)


@pages.page("/editor/courses/<code>", needs=Courses.EDIT, on=queries.course_by_code)
def versions(course: Course) -> ResponseReturnValue:
    """One course: its versions, newest first, and what each would change for those who begin."""
    in_use = queries.published_ids([course.id]).get(course.id)
    used = next((version for version in course.versions if version.id == in_use), None)
    changes = {version.id: _changes(used, version) for version in course.versions if used and version is not used}
    return render_template(
        "curricula/versions.html", course=course, used=used, changes=changes, asked_by=asking_for(course.id)
    )


def _changes(used: CourseVersion, other: CourseVersion) -> Changes:
    before, after = ({lesson.code: lesson.digest for lesson in one.lessons} for one in (used, other))
    return compare(before, after)


@pages.page("/editor/courses/<code>/<int:number>/<lesson>", needs=Courses.EDIT, on=queries.lesson_of)
def preview(lesson: Lesson) -> ResponseReturnValue:
    """A lesson as a doctor will see it, with the right answers shown and nothing recorded."""
    return render_template("curricula/preview.html", lesson=lesson, version=lesson.version)


@pages.page(
    "/editor/courses/<code>/<int:number>/publish",
    needs=Courses.EDIT,
    on=queries.version_by_number,
    methods=("POST",),
)
def publish(version: CourseVersion) -> ResponseReturnValue:
    """Let people begin with this version."""
    services.publish(actor(), version)
    flash(_("Version %(number)s is in use now.", number=version.number), "done")
    return redirect(url_for("curricula.versions", code=version.course.code), 303)


def _readable(id: int, name: str) -> LessonAttachment | None:
    found = queries.attachment(id, name)
    if found is None or queries.ever_published(found.lesson_id) or actor().may(Courses.EDIT):
        return found
    return None


@pages.page("/lessons/files/<int:id>/<name>", needs=Courses.READ, on=_readable)
def file(attachment: LessonAttachment) -> ResponseReturnValue:
    """A file of a lesson or the part of it that is asked for; it never runs as a page of ours."""
    answer = ranges.answer(attachment.size, f"file-{attachment.id}", partial(media.pieces, attachment))
    answer.mimetype = attachment.media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{attachment.name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["Cache-Control"] = FOR_EVER.replace("public", "private")
    return answer
