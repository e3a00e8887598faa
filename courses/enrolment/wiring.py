"""What this feature adds to the app."""

from flask import Flask, g, render_template

from courses.curricula.policy import Courses
from courses.enrolment import queries, services
from courses.enrolment.events import LessonCompleted
from courses.enrolment.policy import Enrolments
from courses.enrolment.views import pages
from lms.audit.queries import name_verbs
from lms.authz import Actor, Role
from lms.events import subscribe
from lms.i18n import _l
from lms.web import nav

_LEARNERS = {Role.DOCTOR}


def wire(app: Flask) -> None:
    """Pages, the doctor's way to them, the next ten minutes on the home page, and hours from lessons."""
    app.register_blueprint(pages)
    nav.register(nav.Item("learn", _l("Learn"), "enrolment.shelf", "learn", "bottom", 10, Courses.READ))
    nav.hold(nav.Held("lesson-events:", (), _l("What you read in lessons")))
    nav.add_panel(nav.Panel("next_ten_minutes", 20, Enrolments.JOIN, _next_ten_minutes))
    nav.add_panel(nav.Panel("due", 30, Enrolments.JOIN, _due))
    name_verbs("enrolment", {"bring_in": _l("took over what people had learned")})
    subscribe(LessonCompleted, "hours.enter_lesson", services.enter_hours)


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


def _due(actor: Actor) -> str | None:
    """What is to be finished by a date, the nearest first."""
    if not actor.roles & _LEARNERS:
        return None
    due = sorted((one for one in _shelf(actor) if one.due_on), key=lambda one: str(one.due_on))
    return render_template("enrolment/panel_due.html", due=due[:5]) if due else None
