"""Doctors begin the course: some by themselves, some because their county assigned it."""

from datetime import timedelta

import sqlalchemy as sa

from courses.curricula.models import CourseVersion
from courses.curricula.queries import current
from courses.enrolment.services import assign, enrol
from demo.story.stage import Stage
from lms import clock
from lms.db import db

COURSE = "hypertension-primary-care"
BY_THEMSELVES = ("doctor", "village", "gp01", "gp02", "gp03", "gp07")


def begin(stage: Stage) -> None:
    """Enrol a few, and assign the course to the general practitioners of one town."""
    for account in BY_THEMSELVES:
        with stage.acting(account) as actor:
            enrol(actor, course())
    with stage.acting("manager") as actor:
        due = clock.today() + timedelta(days=60)
        town = stage.institution("530302102")
        assign(actor, town, version=course(), category="general_practitioner", due_on=due)


def course() -> CourseVersion:
    """The version that is taught now, in the present session."""
    return db.session.scalars(sa.select(CourseVersion).where(CourseVersion.id.in_(_current()))).one()


def _current() -> list[int]:
    return [version.id for version in db.session.scalars(current()) if version.course.code == COURSE]
