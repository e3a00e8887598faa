"""Learning: the shelf of courses, a course's way, the page one reads, and what that page tells."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.curricula.models import CourseVersion, Lesson
from courses.curricula.policy import Courses
from courses.curricula.queries import current_of
from courses.enrolment import formats, queries, services
from courses.enrolment.forms import AssignForm
from courses.enrolment.models import Enrolment
from courses.enrolment.policy import Enrolments
from courses.enrolment.queries import OnShelf
from lms.db import db
from lms.i18n import _, _n, pick
from lms.institutions.models import Institution
from lms.techniques.views import CATEGORIES
from lms.web.pages import Pages, actor

pages = Pages("enrolment", __name__)


@pages.page("/courses", needs=Courses.READ)
def shelf() -> ResponseReturnValue:
    """All courses: mine with how far I am, then those for my work, then the others."""
    courses = queries.shelf(actor().person_id or 0)
    return render_template("enrolment/shelf.html", courses=courses)


def _course(code: str) -> OnShelf | None:
    return queries.on_shelf(actor().person_id or 0, code)


@pages.page("/courses/<code>", needs=Courses.READ, on=_course)
def course(course: OnShelf) -> ResponseReturnValue:
    """One course: what it is for, its lessons in order, how far I am."""
    return render_template("enrolment/course.html", course=course)


@pages.page("/courses/<code>/join", needs=Enrolments.JOIN, on=current_of, methods=("POST",))
def join(version: CourseVersion) -> ResponseReturnValue:
    """Begin a course, and open its first lesson."""
    enrolment = services.enrol(actor(), version)
    first = enrolment.version.lessons[0]
    return redirect(url_for("enrolment.lesson", code=version.course.code, lesson=first.code), 303)


@dataclass(frozen=True)
class Reading:
    """A lesson somebody has in hand; without an enrolment, only its place in the course."""

    course: OnShelf
    enrolment: Enrolment | None
    lesson: Lesson

    @property
    def person_id(self) -> int | None:
        """Whose reading it is, for the policy."""
        return self.enrolment.person_id if self.enrolment else None

    def beside(self, step: int) -> Lesson | None:
        """The lesson before or after."""
        lessons = self.course.version.lessons
        at = self.lesson.position - 1 + step
        return lessons[at] if 0 <= at < len(lessons) else None


def _reading(code: str, lesson: str) -> Reading | None:
    course = _course(code)
    found = queries.lesson_in(course.version.id, lesson) if course else None
    return Reading(course, course.enrolment, found) if course and found else None


@pages.page("/courses/<code>/lessons/<lesson>", needs=Courses.READ, on=_reading)
def lesson(reading: Reading) -> ResponseReturnValue:
    """The page one reads; whoever has not begun the course is shown the course."""
    if reading.enrolment is None:
        flash(_("Begin the course first; then its lessons open."), "info")
        return redirect(url_for("enrolment.course", code=reading.course.code), 303)
    return render_template(
        "enrolment/lesson.html", reading=reading, lesson=reading.lesson, stand=_stand(reading.enrolment, reading.lesson)
    )


def _enrolled(code: str, lesson: str) -> Reading | None:
    enrolment = queries.enrolment_in(actor().person_id or 0, code)
    found = queries.lesson_in(enrolment.version_id, lesson) if enrolment else None
    course = _course(code) if found else None
    return Reading(course, enrolment, found) if course and enrolment and found else None


@pages.page("/courses/<code>/lessons/<lesson>/events", needs=Enrolments.LEARN, on=_enrolled, methods=("POST",))
def tell(reading: Reading) -> ResponseReturnValue:
    """Keep what the page tells; the answer names what is kept."""
    events = formats.read(request.get_json(silent=True))
    assert reading.enrolment is not None
    kept = services.record(actor(), reading.enrolment, lesson=reading.lesson, events=events)
    return {"acknowledged": kept, "stand": _stand(reading.enrolment, reading.lesson)}


def _stand(enrolment: Enrolment, lesson: Lesson) -> dict[str, Any]:
    """How far one is in a lesson, for the page and its script."""
    at = queries.stand_in(enrolment.id, lesson)
    done = queries.completion(enrolment.id, lesson.id)
    return {
        "anchor": at.anchor,
        "reached_end": at.reached_end or done is not None,
        "passed": sorted(at.passed),
        "check_passed": at.check_passed or done is not None,
        "wait": 0 if done else int(-(-at.wait.total_seconds() // 1)),
        "complete": done is not None,
        "minutes": done.minutes if done else 0,
    }


@pages.page("/courses/<code>/assign", needs=Enrolments.ASSIGN, methods=("GET", "POST"), on=current_of)
def assign(version: CourseVersion) -> ResponseReturnValue:
    """Give a course to all of a category in a subtree."""
    form = AssignForm()
    places = queries.assignable(actor())
    form.institution.choices = [
        (one.id, "　" * (one.depth - places[0].depth) + pick(one.name, one.name_en)) for one in places
    ]
    form.category.choices = [(name, CATEGORIES[name]) for name in version.categories if name in CATEGORIES]
    if form.validate_on_submit():
        chosen = db.session.get_one(Institution, form.institution.data)
        count = services.assign(actor(), chosen, version=version, category=form.category.data, due_on=form.due_on.data)
        flash(
            _n(
                "%(num)d person has the course now who had not begun it.",
                "%(num)d people have the course now who had not begun it.",
                count,
            ),
            "done",
        )
        return redirect(url_for("enrolment.assign", code=version.course.code), 303)
    title = pick(version.title, version.title_en)
    return render_template(
        "enrolment/assign.html", form=form, version=version, course_title=title
    ), 422 if form.errors else 200
