"""The verbs over courses."""

from courses.curricula.events import CoursePublished
from courses.curricula.models import CoursePublication, CourseVersion
from courses.curricula.policy import Courses
from courses.curricula.queries import published_ids
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.events import publish as tell_others
from lms.i18n import _
from lms.service import service, tell


@service(needs=Courses.EDIT)
def publish(actor: Actor, version: CourseVersion) -> CoursePublication:
    """Let people begin with this version from now on; whoever has begun with another stays there."""
    if published_ids([version.course_id]).get(version.course_id) == version.id:
        raise Conflict(_("This version is the one in use already."))
    made = CoursePublication(course_id=version.course_id, version_id=version.id, by_id=actor.person_id)
    db.session.add(made)
    db.session.flush()
    tell(course=version.course.code, version=version.number)
    tell_others(CoursePublished(version.course_id, version.id))
    return made
