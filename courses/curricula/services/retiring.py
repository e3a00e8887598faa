"""Courses out of use: nobody new begins one, whoever has begun goes on, and it can be brought back."""

from courses.curricula.events import CourseRetired
from courses.curricula.models import Course
from courses.curricula.policy import Courses
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.events import publish as tell_others
from lms.i18n import _
from lms.service import service, tell


@service(needs=Courses.EDIT)
def retire(actor: Actor, course: Course, *, reason: str) -> None:
    """Let nobody new begin a course, with the reason."""
    _become(course, True, reason)


@service(needs=Courses.EDIT)
def bring_back(actor: Actor, course: Course, *, reason: str) -> None:
    """Let people begin a retired course again, in the version that was in use last."""
    _become(course, False, reason)


def _become(course: Course, retired: bool, reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("Say why, so that others understand it."), field="note")
    db.session.refresh(course, with_for_update=True)
    if course.retired is retired:
        raise Conflict(_("This course is out of use already.") if retired else _("This course is in use."))
    course.retired = retired
    tell(course=course.code, reason=reason.strip())
    tell_others(CourseRetired(course.id))
