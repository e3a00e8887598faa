"""What people had learned elsewhere: taken over whole or not at all, once, by the manager of that place."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from courses.curricula.models import CourseVersion
from courses.enrolment.models import CourseCompletion, Enrolment, LessonCompletion
from courses.enrolment.services import Learned, bring_in
from courses.hours.models import HoursEntry
from lms import clock
from lms.db import db, unfenced
from lms.errors import Invalid, NotAllowed
from lms.events import OutboxEvent
from lms.institutions.models import Institution
from tests.factories import packs


@pytest.fixture
def version(app, session, tmp_path):
    """The id of a course's version with its lessons' codes."""
    packs.bring(app, packs.write(tmp_path))
    made = session.scalars(sa.select(CourseVersion).order_by(CourseVersion.id)).first()
    return made.id, [lesson.code for lesson in made.lessons]


@pytest.fixture
def bring(as_, world, version):
    def act(rows, who=None):
        with as_(who or world.a.manager) as actor:
            place = db.session.get_one(Institution, world.a.commission)
            return bring_in(actor, place, version=db.session.get_one(CourseVersion, version[0]), rows=rows)

    return act


def learned(person, codes, days=3):
    return Learned(person, {code: clock.now() - timedelta(days=days) for code in codes})


def counts(session):
    session.commit()
    tables = (Enrolment, LessonCompletion, CourseCompletion, HoursEntry)
    return [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]


def test_who_finished_has_finished_and_who_began_goes_on(bring, session, version, world):
    codes = version[1]
    rows = [learned(world.a.doctor, codes), learned(world.a.second_doctor, codes[:1])]
    rows.append(learned(world.a.village_doctor, []))
    assert bring(rows) == 3
    assert counts(session) == [3, len(codes) + 1, 1, 0]
    assert bring(rows) == 0
    assert counts(session) == [3, len(codes) + 1, 1, 0]
    told = session.scalars(sa.select(OutboxEvent.payload).where(OutboxEvent.kind == "LearningBroughtIn")).all()
    assert [one["enrolled"] for one in told] == [3, 0]


def test_people_elsewhere_unknown_lessons_and_tomorrow_are_refused_whole(bring, session, version, world):
    fine = learned(world.a.doctor, version[1])
    for wrong in (
        learned(world.b.doctor, version[1]),
        learned(world.a.second_doctor, ["no-such-lesson"]),
        learned(world.a.second_doctor, version[1], days=-1),
    ):
        with pytest.raises(Invalid, match="2"):
            bring([fine, wrong])
    assert counts(session) == [0, 0, 0, 0]


def test_only_the_manager_of_the_place_may(as_, version, world):
    for who in (world.a.doctor, world.a.exam_officer, world.a.editor, world.b.manager):
        with as_(who) as actor, unfenced(db.session):
            place = db.session.get_one(Institution, world.a.commission)
            about = db.session.get_one(CourseVersion, version[0])
            with pytest.raises(NotAllowed):
                bring_in(actor, place, version=about, rows=[])
