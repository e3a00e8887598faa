"""What doctors are told of their curricula, and what makes the rules be applied without waiting for the night."""

from datetime import date

import pytest
import sqlalchemy as sa

from courses.curricula.models import AssignmentRule, CurriculumPublication, CurriculumVersion
from courses.curricula.rules.tiers import Moving
from courses.enrolment.jobs import assign as work
from courses.enrolment.models import AssignmentException, CurriculumAssignment
from courses.enrolment.queries import listing
from courses.enrolment.services import assigning as services
from lms import clock
from lms.db import db
from lms.events import OutboxEvent, deliver
from lms.institutions.models import Institution
from lms.institutions.services import tree
from lms.jobs import Job
from lms.notifications.models import Delivery
from lms.people.models import Person
from lms.people.services import register
from tests.factories import curricula, packs
from tests.factories.telling import again, count, hear, told

pytestmark = pytest.mark.usefixtures("loaded")

GIVEN, RULED, MOVED = (f"enrolment.{name}" for name in ("curriculum_given", "days_changed", "version_changed"))
STRICTER = curricula.GP.replace("amount: 90", "amount: 60")


def deliver_all(app, session, kind, subscriber):
    for one in session.scalars(sa.select(OutboxEvent.id).where(OutboxEvent.kind == kind)).all():
        with app.app_context():
            deliver(one, subscriber)
    session.expire_all()


def move_to_the_hospital(as_, world, title="主治医师"):
    with as_(world.a.manager) as actor:
        person, to = db.session.get_one(Person, world.a.doctor), db.session.get_one(Institution, world.a.hospital)
        register.move(actor, person, to=to, since=clock.today(), title=title)


def rule_for(session, place, *, months, posts=()):
    curriculum = session.scalars(sa.select(AssignmentRule.curriculum_id)).first()
    made = AssignmentRule(
        code="hospital", curriculum_id=curriculum, title="县医院", title_en="Hospital", priority=1,
        place_id=place, posts=list(posts), begins="assignment", months=months,
    )  # fmt: skip
    session.add(made)
    session.commit()


def test_everybody_is_told_once_in_the_inbox_that_they_have_a_curriculum(app, give, session, world, page):
    session.execute(sa.update(Person).where(Person.id == world.a.doctor).values(email="wang@example.org"))
    session.commit()
    give()
    hear(app, session)
    facts = told(session, GIVEN)
    everybody = {world.a.doctor, world.a.second_doctor, world.b.doctor, world.b.second_doctor}
    assert set(facts) == everybody
    mine = session.scalars(
        sa.select(CurriculumAssignment).where(CurriculumAssignment.person_id == world.a.doctor)
    ).one()
    assert facts[world.a.doctor] == {
        "title": "全科医生培训", "title_en": "GP training", "number": 1, "star": 1, "day": mine.due_on[0].isoformat(),
    }  # fmt: skip
    # nobody is told twice, whatever is heard twice; and no letter goes out
    give()
    again(app, session)
    assert count(session) == len(everybody)
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0
    soup = page.get("/notifications", world.a.doctor)
    assert "您有了培训方案：全科医生培训" in soup.text
    assert "GP training" in page.get("/notifications", world.a.doctor, language="en").text
    (form,) = soup.select(".inbox-row form")
    page.post(str(form["action"]), world.a.doctor, expect=303)
    assert page.answer.location == "/path"


def test_a_new_post_with_other_days_is_told_and_one_with_the_same_days_is_not(app, give, session, world, as_):
    rule_for(session, world.a.hospital, months=[1, 2, 3, 4, 5], posts=["主治"])
    give()
    hear(app, session)
    before = count(session)
    move_to_the_hospital(as_, world)
    deliver_all(app, session, "PeopleChanged", "enrolment.follow_posts")
    hear(app, session)
    facts = told(session, RULED)
    mine = session.scalars(
        sa.select(CurriculumAssignment).where(CurriculumAssignment.person_id == world.a.doctor)
    ).one()
    assert mine.rule.code == "hospital"
    assert {one: fact["day"] for one, fact in facts.items()} == {world.a.doctor: mine.due_on[0].isoformat()}
    # another rule with the same days is noted and not told
    session.execute(sa.update(AssignmentRule).where(AssignmentRule.code == "hospital").values(retired_at=clock.now()))
    session.add(
        AssignmentRule(
            code="same",
            curriculum_id=mine.curriculum_id,
            title="同样",
            title_en="Same",
            priority=2,
            place_id=world.a.hospital,
            posts=["主治"],
            begins="assignment",
            months=[1, 2, 3, 4, 5],
        )
    )
    session.commit()
    assert give()["ruled"] == 1
    hear(app, session)
    assert count(session) == before + 1


def test_whoever_goes_over_is_told_and_who_stays_is_not(app, give, session, world, as_, tmp_path):
    give()
    session.execute(
        sa.update(CurriculumAssignment)
        .where(CurriculumAssignment.person_id == world.b.doctor)
        .values(begins_on=date(2024, 1, 1), due_on=[date(2024, 7, 1)] * 5)
    )
    session.commit()
    fresh = curricula.GP.replace(
        "      - {code: year,",
        "      - {code: cpr-3, kind: technique, technique: cpr, amount: 3}\n      - {code: year,",
    )
    packs.bring(app, curricula.pack(tmp_path, fresh))
    with as_(world.a.editor) as actor:
        version = db.session.scalars(sa.select(CurriculumVersion).order_by(CurriculumVersion.number.desc())).first()
        number = services.put_to_use(actor, version, moving=Moving.EVERYBODY).id
    for _ in range(2):
        with app.app_context():
            work.move(lambda done, total: None, publication_id=number)
    hear(app, session)
    assert set(told(session, MOVED)) == {world.a.doctor, world.a.second_doctor, world.b.second_doctor}
    assert told(session, MOVED)[world.a.doctor]["number"] == 2
    with as_(world.b.editor) as actor:
        one = listing.exception(actor, session.scalars(sa.select(AssignmentException.id)).one())
        services.settle_exception(actor, one, moved=True)
    hear(app, session)
    assert world.b.doctor in told(session, MOVED)
    assert session.get_one(CurriculumPublication, number).moving == "everybody"


def test_an_institution_that_stands_elsewhere_has_its_peoples_days_worked_out_anew(app, give, session, world, as_):
    rule_for(session, world.b.commission, months=[1, 2, 3, 4, 5])
    give()
    before = {one.person_id: one.rule.code for one in session.scalars(sa.select(CurriculumAssignment))}
    with as_(world.people["administrator"]) as actor:
        moved = db.session.get_one(Institution, world.a.township)
        tree.move(actor, moved, below=db.session.get_one(Institution, world.b.commission), reason="区划调整")
    deliver_all(app, session, "InstitutionMoved", "enrolment.follow_places")
    job = session.scalars(sa.select(Job).where(Job.name == services.FOLLOW)).one()
    steps = []
    with app.app_context():
        said = work.follow(lambda done, total: steps.append((done, total)), **job.arguments)
        assert work.follow(lambda done, total: None, **job.arguments)["ruled"] == 0
    session.expire_all()
    after = {one.person_id: one.rule.code for one in session.scalars(sa.select(CurriculumAssignment))}
    path = session.get_one(Institution, world.a.township).path
    there = set(session.scalars(
        sa.select(Person.id).join(Person.institution)
        .where(Institution.path.within([path]), Person.category == "general_practitioner")
    ))  # fmt: skip
    assert there
    assert said["people"] == said["ruled"] == len(there)
    assert steps == [(len(there), len(there))]
    assert {one for one in after if after[one] != before[one]} == there
    assert {after[one] for one in there} == {"hospital"}


def test_a_pack_that_brings_a_rule_has_it_applied_at_once(app, give, session, world, tmp_path):
    packs.bring(app, curricula.pack(tmp_path, STRICTER))
    deliver_all(app, session, "ContentLoaded", "enrolment.give_anew")
    waiting = session.scalars(sa.select(Job).where(Job.name == services.GIVE)).all()
    assert len(waiting) == session.scalar(
        sa.select(sa.func.count()).select_from(OutboxEvent).where(OutboxEvent.kind == "ContentLoaded")
    )
    # the same pack once more says nothing new, so nothing is asked for
    packs.bring(app, curricula.pack(tmp_path, STRICTER))
    deliver_all(app, session, "ContentLoaded", "enrolment.give_anew")
    assert len(session.scalars(sa.select(Job).where(Job.name == services.GIVE)).all()) == len(waiting)
