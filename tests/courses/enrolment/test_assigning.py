"""Curricula given by rule: who gets which, until when, what a new post changes, and who goes over to a new version."""

from datetime import date

import pytest
import sqlalchemy as sa

from courses.curricula.models import CurriculumPublication, CurriculumRequirement, CurriculumVersion
from courses.curricula.queries.kinds import KINDS, progress
from courses.curricula.rules.tiers import GRAMMAR, Moving, months_later
from courses.enrolment.jobs import assign as work
from courses.enrolment.models import AssignmentChange, AssignmentException, CurriculumAssignment
from courses.enrolment.queries import listing
from courses.enrolment.services import assigning as services
from lms import clock
from lms.db import act_as, db
from lms.errors import NotAllowed
from lms.events import OutboxEvent, deliver
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.people.services import register
from lms.techniques.models import Standing, Technique
from tests.factories import curricula, packs

pytestmark = pytest.mark.usefixtures("loaded")


def assignments(session):
    session.expire_all()
    return {one.person_id: one for one in session.scalars(sa.select(CurriculumAssignment))}


def test_every_kind_that_may_be_asked_for_is_known_to_a_room():
    assert KINDS.keys() == GRAMMAR.keys()


def test_who_joined_when_decides_how_fast(give, session, world):
    new = curricula.doctors(session, world.a.township, 1, joined=date(2026, 3, 31), prefix="new")[0]
    session.commit()
    said = give()
    found = assignments(session)
    # both doctors of both counties and the new one; nobody of another category
    assert said == {"people": 5, "given": 5, "ruled": 0, "ended": 0}
    assert found[new].rule.code == "gp-new"
    assert found[new].begins_on == date(2026, 3, 31)
    assert found[new].due_on[:2] == [date(2027, 3, 31), date(2028, 3, 31)]
    old = found[world.a.doctor]
    assert (old.rule.code, old.begins_on) == ("gp-in-post", clock.today())
    assert old.due_on == [months_later(clock.today(), months) for months in (6, 12, 24, 36, 48)]
    assert world.a.village_doctor not in found
    assert give() == {"people": 5, "given": 0, "ruled": 0, "ended": 0}


def test_a_new_post_brings_other_days_and_nothing_is_lost(app, give, session, world, as_):
    from courses.curricula.models import AssignmentRule

    give()
    before = assignments(session)[world.a.doctor]
    rule = AssignmentRule(
        code="hospital", curriculum_id=before.curriculum_id, title="县医院", title_en="Hospital", priority=1,
        place_id=world.a.hospital, posts=["主治"], begins="assignment", months=[1, 2, 3, 4, 5],
    )  # fmt: skip
    session.add(rule)
    session.commit()
    first, begins = list(before.due_on), before.begins_on
    with as_(world.a.manager) as actor:
        person, to = db.session.get_one(Person, world.a.doctor), db.session.get_one(Institution, world.a.hospital)
        register.move(actor, person, to=to, since=clock.today(), title="主治医师")
    told = session.scalars(sa.select(OutboxEvent).where(OutboxEvent.kind == "PeopleChanged")).one()
    with app.app_context():
        deliver(told.id, "enrolment.follow_posts")
    after = assignments(session)[world.a.doctor]
    assert (after.rule.code, after.begins_on, after.institution_id) == ("hospital", begins, world.a.hospital)
    assert after.due_on == [months_later(begins, months) for months in (1, 2, 3, 4, 5)]
    kept = session.scalars(
        sa.select(AssignmentChange).where(AssignmentChange.person_id == world.a.doctor).order_by(AssignmentChange.id)
    ).all()
    assert [(one.event, list(one.due_on)) for one in kept] == [("given", first), ("ruled", after.due_on)]
    # a rule that no longer fits anybody takes nothing away
    rule.retired_at = clock.now()
    session.execute(sa.text("UPDATE assignment_rule SET retired_at = now()"))
    session.commit()
    assert give()["given"] == 0
    assert assignments(session)[world.a.doctor].due_on == after.due_on


def test_what_people_have_is_counted_by_every_kind(session, world):
    technique = session.scalars(sa.select(Technique).where(Technique.code == "bp")).one()
    home = session.get_one(Person, world.a.doctor).institution_id
    session.add(
        Standing(person_id=world.a.doctor, institution_id=home, technique_id=technique.id, level=4, since=clock.today())
    )
    curricula.finish_course(session, world.a.doctor)
    session.commit()
    version = session.scalars(sa.select(CurriculumVersion)).one()
    have = progress([version.id], clock.today())
    query = sa.select(CurriculumRequirement.code, have.c.have).join(
        CurriculumRequirement, CurriculumRequirement.id == have.c.requirement_id
    )
    found = dict(session.execute(query.where(have.c.person_id == world.a.doctor)).all())
    assert found == {"htn": 1, "bp-3": 4, "bp-4": 4, "bp-5": 4}


STRICTER = curricula.GP.replace(
    "      - {code: year,", "      - {code: cpr-3, kind: technique, technique: cpr, amount: 3}\n      - {code: year,"
)


def publish(app, as_, world, tmp_path, moving, text=STRICTER):
    packs.bring(app, curricula.pack(tmp_path, text))
    with as_(world.a.editor) as actor:
        query = sa.select(CurriculumVersion).order_by(CurriculumVersion.number.desc())
        made = services.put_to_use(actor, db.session.scalars(query).first(), moving=moving)
        return made.id


def test_a_change_moves_twenty_and_lists_two_whom_it_cannot_serve(app, give, session, world, as_, tmp_path):
    people = curricula.doctors(session, world.a.township, 18)
    session.commit()
    give()
    # one has finished the first tier, which the change would open again; for another the new thing is due already
    technique = session.scalars(sa.select(Technique).where(Technique.code == "bp")).one()
    done, late = people[0], people[1]
    curricula.finish_course(session, done)
    session.add(
        Standing(
            person_id=done, institution_id=world.a.township, technique_id=technique.id, level=3, since=clock.today()
        )
    )
    session.execute(
        sa.update(CurriculumAssignment)
        .where(CurriculumAssignment.person_id == late)
        .values(begins_on=date(2024, 1, 1), due_on=[date(2024, 7, 1), *[date(2030, 1, 1)] * 4])
    )
    session.commit()
    number = publish(app, as_, world, tmp_path, Moving.EVERYBODY)
    with app.app_context():
        said = work.move(lambda done, total: None, publication_id=number)
    assert said == {"under_way": 22, "moved": 20, "exceptions": 2}
    session.expire_all()
    excepted = {one.person_id: one for one in session.scalars(sa.select(AssignmentException))}
    assert (excepted[done].reopened, excepted[done].past_due) == (["cpr-3"], [])
    assert (excepted[late].reopened, excepted[late].past_due) == ([], ["cpr-3"])
    found = assignments(session)
    new = session.get_one(CurriculumPublication, number).version_id
    assert {one.version_id for person, one in found.items() if person not in (done, late)} == {new}
    assert new not in (found[done].version_id, found[late].version_id)
    # the same again changes nothing
    with app.app_context():
        again = work.move(lambda done, total: None, publication_id=number)
    assert (again["moved"], again["exceptions"]) == (0, 0)
    # an editor decides about one of them
    with as_(world.a.editor) as actor:
        one = listing.exception(actor, excepted[late].id)
        services.settle_exception(actor, one, moved=True)
    assert assignments(session)[late].version_id == new


def test_whoever_has_begun_stays_where_the_rule_says_so(app, give, session, world, as_, tmp_path):
    give()
    curricula.finish_course(session, world.a.doctor)
    session.commit()
    number = publish(app, as_, world, tmp_path, Moving.NOT_BEGUN)
    with app.app_context():
        assert work.move(lambda done, total: None, publication_id=number) == {
            "under_way": 4, "moved": 3, "exceptions": 0,
        }  # fmt: skip
    found = assignments(session)
    assert found[world.a.doctor].version_id != found[world.b.doctor].version_id


def test_a_curriculum_of_another_category_takes_the_place_and_time_goes_on_when_one_comes_back(
    app, give, session, world, tmp_path
):
    give()
    nurse = curricula.GP.replace("code: gp\n", "code: nurse\n").replace("general_practitioner", "nurse")
    nurse = nurse.replace("gp-new", "nurse-new").replace("gp-in-post", "nurse-in-post")
    packs.bring(app, curricula.pack(tmp_path, changes={"curricula/nurse.yaml": nurse}))
    session.execute(sa.update(CurriculumAssignment).values(begins_on=date(2025, 1, 31), due_on=[date(2025, 7, 31)] * 5))
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(category="nurse"))
    session.commit()
    assert give()["ended"] == 1
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(category="general_practitioner"))
    session.commit()
    give()
    query = sa.select(CurriculumAssignment).where(CurriculumAssignment.person_id == world.a.doctor)
    mine = session.scalars(query.order_by(CurriculumAssignment.id)).all()
    assert [one.curriculum.code for one in mine] == ["gp", "nurse", "gp"]
    assert [one.ended_on is None for one in mine] == [False, False, True]
    assert mine[2].begins_on == date(2025, 1, 31)
    assert mine[2].due_on[0] == date(2025, 7, 31)


def test_only_editors_and_the_job_give_curricula(app, world, as_, session):
    for who in (world.a.doctor, world.a.manager, world.b.exam_officer):
        with as_(who) as actor, pytest.raises(NotAllowed):
            services.settle(actor, None, person_ids=[who])
    version = session.scalars(sa.select(CurriculumVersion)).one()
    with app.app_context():
        act_as(db.session, work.ACTOR)
        with pytest.raises(NotAllowed):
            services.put_to_use(work.ACTOR, db.session.get_one(CurriculumVersion, version.id), moving=Moving.EVERYBODY)
