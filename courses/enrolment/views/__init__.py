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
from courses.enrolment.queries.offline import bytes_of
from courses.enrolment.queries.reading import Standing, standing, standings
from courses.enrolment.rules.watching import Watched
from courses.enrolment.services.reading import record, synchronise
from lms.db import db
from lms.i18n import _, _n, pick
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.techniques.views import CATEGORIES
from lms.web.pages import Pages, actor

pages = Pages("enrolment", "courses.enrolment")


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
    size = bytes_of(course.version.id) if course.enrolment else 0
    teaches = queries.taught(course.version)
    return render_template("enrolment/course.html", course=course, bytes=size, teaches=teaches)


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
    course = queries.at_hand(actor().person_id or 0, code)
    found = queries.lesson_in(course.version.id, lesson) if course else None
    return Reading(course, course.enrolment, found) if course and found else None


@pages.page("/courses/<code>/lessons/<lesson>", needs=Courses.READ, on=_reading)
def lesson(reading: Reading) -> ResponseReturnValue:
    """The page one reads; whoever has not begun the course is shown the course."""
    if reading.enrolment is None:
        flash(_("Begin the course first; then its lessons open."), "info")
        return redirect(url_for("enrolment.course", code=reading.course.code), 303)
    return render_template(
        "enrolment/lesson.html",
        reading=reading,
        lesson=reading.lesson,
        stand=stand_of(reading.enrolment, reading.lesson),
    )


def _enrolled(code: str, lesson: str) -> Reading | None:
    reading = _reading(code, lesson)
    return reading if reading and reading.enrolment else None


@pages.page("/courses/<code>/lessons/<lesson>/events", needs=Enrolments.LEARN, on=_enrolled, methods=("POST",))
def tell(reading: Reading) -> ResponseReturnValue:
    """Keep what the page tells; the answer names what is kept."""
    events = formats.read(request.get_json(silent=True))
    assert reading.enrolment is not None
    kept = record(actor(), reading.enrolment, lesson=reading.lesson, events=events)
    stand = stand_of(reading.enrolment, reading.lesson)
    return {"acknowledged": kept.acknowledged, "refused": kept.refused, "stand": stand}


@pages.page("/courses/<code>/lessons/<lesson>/stand", needs=Enrolments.LEARN, on=_enrolled)
def stand(reading: Reading) -> ResponseReturnValue:
    """How far one is, for a page that came from a device's own store."""
    assert reading.enrolment is not None
    return stand_of(reading.enrolment, reading.lesson)


def _myself() -> Person | None:
    return db.session.get(Person, actor().person_id) if actor().person_id else None


@pages.page("/learning/events", needs=Enrolments.LEARN, on=_myself, methods=("POST",))
def sync(person: Person) -> ResponseReturnValue:
    """Keep what a device gathered, of any lessons and in any order; the answer names what need not be sent again."""
    gathered = formats.read_gathered(request.get_json(silent=True))
    kept = synchronise(actor(), person, events=gathered.events)
    refused = [*kept.refused, *({"id": one, "why": "malformed"} for one in gathered.malformed)]
    known = standings(kept.lessons)
    codes = {one.key: f"{one.enrolment.version.course.code}/{one.lesson.code}" for one in kept.lessons}
    stands = {codes[key]: words_of(known[key]) for key in codes}
    return {"acknowledged": kept.acknowledged, "refused": refused, "stands": stands}


def stand_of(enrolment: Enrolment, lesson: Lesson) -> dict[str, Any]:
    """How far one is in a lesson, for the page and its script."""
    return words_of(standing(enrolment, lesson))


def words_of(at: Standing) -> dict[str, Any]:
    """The same as plain values; what is complete stays so."""
    stand, done = at.stand, at.completion is not None
    place = {"media": at.place.attachment_id, "at": at.place.at_ms} if at.place else None
    return {
        "anchor": stand.anchor,
        "reached_end": stand.reached_end or done,
        "passed": sorted(stand.passed),
        "check_passed": stand.check_passed or done,
        "wait": 0 if done else int(-(-stand.wait.total_seconds() // 1)),
        "complete": done,
        "minutes": at.minutes,
        "offline_minutes": at.offline_minutes,
        "offline": stand.was_offline,
        "asks": [name for name in ("read", "watched", "check") if name in stand.asks],
        "watched": {str(id): _watched(one, done=done) for id, one in stand.watched.items()},
        "place": place,
    }


def _watched(film: Watched, *, done: bool) -> dict[str, Any]:
    ranges = [list(one) for one in film.ranges]
    return {"seconds": film.seconds, "percent": film.percent, "enough": film.enough or done, "ranges": ranges}


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
