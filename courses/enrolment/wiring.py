"""What this feature adds to the app."""

from flask import Flask, g, render_template

from courses.curricula.policy import Courses, Curricula
from courses.curricula.queries.kinds import RequirementKind, add_kind
from courses.enrolment import queries
from courses.enrolment.events import LessonCompleted, MinutesAdded
from courses.enrolment.jobs import assign as work
from courses.enrolment.policy import Enrolments
from courses.enrolment.queries import have, telling
from courses.enrolment.queries.beside import parts_beside
from courses.enrolment.services import earning
from courses.enrolment.services.assigning import FOLLOW, GIVE, MOVE
from courses.enrolment.services.previewing import PREVIEW
from courses.enrolment.views import assigning, offline, pages
from courses.enrolment.views import path as own_path
from lms import jobs
from lms.audit.queries import name_verbs
from lms.authz import Actor, Role
from lms.content.events import ContentLoaded
from lms.events import subscribe
from lms.i18n import _l
from lms.institutions.events import InstitutionMoved
from lms.notifications.services import notify
from lms.people.events import PeopleChanged
from lms.web import nav

__all__ = ["assigning", "wire"]  # importing it has filled the pages
_LEARNERS = {Role.DOCTOR}


def wire(app: Flask) -> None:
    """Pages, the doctor's way to them, the next ten minutes on the home page, and hours from lessons."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(lesson_panels=parts_beside)
    nav.register(nav.Item("learn", _l("Learn"), "enrolment.shelf", "learn", "bottom", 10, Courses.READ))
    app.after_request(offline.name_the_account)
    nav.hold(nav.Held("learning-", ("outbox",), _l("What you read in lessons")))
    nav.add_panel(nav.Panel("keeping", 900, Enrolments.JOIN, _keeping))
    nav.add_panel(nav.Panel("next_ten_minutes", 20, Enrolments.JOIN, _next_ten_minutes))
    nav.add_panel(nav.Panel("due", 30, Enrolments.JOIN, _due))
    name_verbs(
        "enrolment",
        {
            "bring_in": _l("took over what people had learned"),
            "synchronise": _l("told what was learned without network"),
        },
    )
    subscribe(LessonCompleted, "hours.enter_lesson", earning.enter_hours)
    subscribe(MinutesAdded, "hours.enter_more", earning.enter_more_hours)
    _curricula()


_VERBS = {
    "move": _l("took people over to a version of a curriculum"),
    "count_preview": _l("counted whom a version of a curriculum would move"),
    "request_preview": _l("had counted whom a version of a curriculum would move"),
    "put_to_use": _l("put a version of a curriculum to use"),
    "request_giving": _l("had the rules of curricula applied"),
    "settle": _l("gave curricula by rule"),
    "settle_exception": _l("decided about somebody a version cannot serve"),
}


def _path(actor: Actor) -> str | None:
    """For learners alone: nobody else has a way to go."""
    return own_path.panel(actor) if actor.roles & _LEARNERS else None


def _curricula() -> None:
    """What curricula ask of courses, and the work by which people get theirs and what follows from their post."""
    add_kind(RequirementKind("course", _l("Course"), "learn", "", have.courses))
    jobs.register(GIVE, work.give, every=jobs.daily(16, 20))
    jobs.register(FOLLOW, work.follow)
    jobs.register(MOVE, work.move)
    jobs.register(PREVIEW, work.preview)
    subscribe(PeopleChanged, "enrolment.follow_posts", work.people_changed)
    subscribe(InstitutionMoved, "enrolment.follow_places", work.place_moved)
    subscribe(ContentLoaded, "enrolment.give_anew", work.content_loaded)
    notify(*telling.HEARD)
    nav.register(nav.Item("path", _l("My path"), "enrolment.path", "flag", "account", 15, Curricula.OWN))
    nav.add_about(nav.About("path", _l("Path"), "enrolment.path_of", "flag", 8, Curricula.READ_PATH))
    nav.add_panel(nav.Panel("path", 25, Enrolments.JOIN, _path))
    name_verbs("curricula", _VERBS)


def _shelf(actor: Actor) -> list[queries.OnShelf]:
    """Read once for the page: two of its panels speak of it."""
    if "shelf" not in g:
        g.shelf = queries.shelf(actor.person_id or 0)
    shelf: list[queries.OnShelf] = g.shelf
    return shelf


def _next_ten_minutes(actor: Actor) -> str | None:
    """One big button: the lesson to go on with, or the course to begin."""
    if not actor.roles & _LEARNERS:
        return None
    courses = _shelf(actor)
    begun = next((one for one in courses if one.enrolment and not one.complete and one.next), None)
    fresh = next((one for one in courses if one.enrolment is None and one.fits), None)
    if begun is None and fresh is None:
        return None
    return render_template("enrolment/panel_next.html", begun=begun, fresh=fresh)


def _keeping(actor: Actor) -> str | None:
    """Nothing to see: the home page opens without network, and sends what waits on this device."""
    return render_template("enrolment/keeping.html") if actor.roles & _LEARNERS else None


def _due(actor: Actor) -> str | None:
    """What is to be finished by a date, the nearest first."""
    if not actor.roles & _LEARNERS:
        return None
    due = sorted((one for one in _shelf(actor) if one.due_on), key=lambda one: str(one.due_on))
    return render_template("enrolment/panel_due.html", due=due[:5]) if due else None
