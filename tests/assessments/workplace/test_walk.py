"""A workplace assessment from the request to the evidence, and every way of not coming there."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.results.models import ResultKind
from assessments.stations.models import StationVersion
from assessments.workplace import jobs, services
from assessments.workplace.models import WorkplaceAnswer, WorkplaceAssessment, WorkplaceRequest, WorkplaceTurn
from assessments.workplace.queries import assessments, people, requests, years
from assessments.workplace.rules import EXPIRES, GRACE
from assessments.workplace.rules.sameness import Same
from assessments.workplace.rules.year import Breadth
from assessments.workplace.services.requesting import Wish
from courses.mentoring.models import Pairing
from lms import clock, ids
from lms.authz import Actor
from lms.db import act_as, db
from lms.digests import digest
from lms.errors import Conflict, Invalid, NotAllowed
from lms.institutions.models import Consortium, ConsortiumMember
from lms.people.models import Person
from tests.conftest import As
from tests.factories.mentoring import ago
from tests.factories.workplace import Clinic, body, filled
from tests.factories.world import World


def test_what_was_asked_for_is_watched_read_and_evidence_once(clinic: Clinic, world: World) -> None:
    doctor, assessor = world.a.doctor, world.a.examiner
    asked = clinic.ask(doctor, assessor, note="想请您看我接诊")
    sheet = ids.uuid7()
    assert clinic.answer_request(assessor, asked, sheet=sheet) == sheet
    (row,) = clinic.rows()
    assert (row.person_id, row.assessor_id, row.level, row.request_id) == (doctor, assessor, 3, asked)
    assert (row.percent, row.critical, row.encounter_id) == (Decimal("83.33"), False, sheet)
    assert clinic.session.get_one(WorkplaceRequest, asked).state == "done"
    clinic.deliver()
    clinic.deliver()
    (result,) = clinic.results()
    assert (result.kind, result.person_id, result.assessor_id) == (ResultKind.WORKPLACE_ENCOUNTER, doctor, assessor)
    assert (result.technique_id, result.value, result.on_day) == (
        clinic.techniques[0],
        Decimal("86.660"),
        clock.today(),
    )
    clinic.say(doctor, sheet, services.acknowledge, text="谢谢老师", reflection="先告知再动手")
    clinic.say(doctor, sheet, services.reflect, text="又练了三例")
    with clinic.as_(assessor):
        said = [one.answered for one in assessments.answers(sheet)]
    assert said == ["acknowledged", "reflected", "reflected"]
    with pytest.raises(Conflict):
        clinic.say(doctor, sheet, services.acknowledge)


def test_the_same_sheet_again_changes_nothing_and_another_under_its_name_is_refused(
    clinic: Clinic, world: World
) -> None:
    asked, sheet = clinic.ask(world.a.doctor, world.a.examiner), ids.uuid7()
    for _again in range(3):
        assert clinic.answer_request(world.a.examiner, asked, sheet=sheet) == sheet
    with pytest.raises(Conflict):
        clinic.answer_request(world.a.examiner, asked, sheet=sheet, good="另一份")
    with pytest.raises(Conflict):
        clinic.answer_request(world.a.examiner, asked, good="第二份")
    with pytest.raises(Conflict):
        clinic.watch(world.a.second_examiner, world.a.doctor, sheet=sheet)
    with pytest.raises(Conflict):
        clinic.watch(world.a.examiner, world.a.second_doctor, sheet=sheet)
    assert len(clinic.rows()) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"marks": {"ask": 9, "examine": 2, "judge": None, "safe": 2}},
        {"marks": {"ask": float("nan"), "examine": 2, "judge": None, "safe": 2}},
        {"rating": "level-9"},
        {"good": "x" * 1_000_000},
        {"good": "患者王小明，血压高"},
        {"improve": "联系电话 13812345678"},
        {"action": "身份证 11010519491231002X"},
        {"about": "姓名：李四"},
        {"marks": {"safe": 0}, "comment": "病人张三丰，没有查对"},
        {"observed_on": (clock.today() + timedelta(days=1)).isoformat()},
        {"observed_on": ago(31).isoformat()},
        {"form": 987_654_321},
        {"form": "1"},
        {"reason": "不是更正"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(clinic: Clinic, world: World, changed: dict[str, Any]) -> None:
    asked = clinic.ask(world.a.doctor, world.a.examiner)
    with pytest.raises(Invalid):
        clinic.answer_request(world.a.examiner, asked, **changed)
    assert clinic.rows() == []
    assert clinic.session.get_one(WorkplaceRequest, asked).state == "open"


def test_a_form_that_nobody_approved_is_not_filled(clinic: Clinic, session: orm.Session, world: World) -> None:
    draft = body()
    row = StationVersion(
        station_id=clinic.station,
        version=2,
        body=draft,
        sources=[],
        content_hash=digest([2]),
        made_by_id=world.a.editor,
    )
    session.add(row)
    session.flush()
    number = row.id
    session.commit()
    with clinic.as_(world.a.examiner):
        assert [one.id for one in people.forms()] == [clinic.version]
        assert people.version(number) is None
    with pytest.raises(Invalid):
        clinic.watch(world.a.examiner, world.a.doctor, form=number)


def test_a_critical_point_that_was_missed_stands_in_the_evidence(clinic: Clinic, world: World) -> None:
    clinic.watch(world.a.examiner, world.a.doctor, marks={"safe": 0}, comment="没有查对就给药")
    clinic.deliver()
    (result,) = clinic.results()
    assert (result.value, result.critical_failure) == (Decimal(0), True)


def test_a_correction_supersedes_and_the_first_stays_readable(clinic: Clinic, world: World) -> None:
    doctor, assessor = world.a.doctor, world.a.examiner
    first = clinic.watch(assessor, doctor)
    clinic.deliver()
    clinic.say(doctor, first, services.acknowledge, agrees=False, text="当时已先告知")
    sheet = ids.uuid7()
    sent = filled(clinic.version, rating="level-4", reason="看错了一格")
    for _again in range(2):
        assert clinic.say(assessor, first, services.correct, sheet=sheet, sent=sent) == sheet
    with pytest.raises(Invalid):
        clinic.say(assessor, sheet, services.correct, sheet=ids.uuid7(), sent=sent | {"reason": " "})
    with pytest.raises(Conflict):
        clinic.say(assessor, first, services.correct, sheet=ids.uuid7(), sent=sent | {"rating": "level-5"})
    with pytest.raises(Conflict):
        clinic.say(doctor, first, services.acknowledge)
    clinic.deliver()
    old, new = clinic.results()
    assert (new.version, new.supersedes_id, new.reason) == (2, old.id, "看错了一格")
    with clinic.as_(doctor):
        assert [row.version for row in assessments.history(first)] == [1, 2]
        assert [row.level for row in assessments.of_doctor(doctor, clock.today().year)] == [4]
        assert [row.id for row in assessments.unread(doctor)] == [sheet], "the new version is to be read anew"
    for other in (world.a.second_examiner, doctor, world.a.exam_officer, world.b.examiner):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            clinic.say(other, sheet, services.correct, sheet=ids.uuid7(), sent=sent)


def test_an_officer_withdraws_and_nobody_withdraws_their_own(clinic: Clinic, world: World) -> None:
    made = clinic.watch(world.a.examiner, world.a.doctor)
    clinic.deliver()
    for who in (world.a.examiner, world.a.doctor, world.a.manager, world.b.exam_officer):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            clinic.say(who, made, services.withdraw, reason="x")
    with pytest.raises(Invalid):
        clinic.say(world.a.exam_officer, made, services.withdraw, reason=" ")
    clinic.say(world.a.exam_officer, made, services.withdraw, reason="评错了人")
    clinic.deliver()
    first, second = clinic.results()
    assert (second.value, second.supersedes_id, second.reason) == (None, first.id, "评错了人")
    with clinic.as_(world.a.doctor):
        assert assessments.of_doctor(world.a.doctor, clock.today().year) == []
    with pytest.raises(Conflict):
        clinic.say(world.a.exam_officer, made, services.withdraw, reason="又一次")
    sent = filled(clinic.version, reason="再改")
    with pytest.raises(Conflict):
        clinic.say(world.a.examiner, made, services.correct, sheet=ids.uuid7(), sent=sent)


def test_withdrawn_before_anybody_heard_is_never_evidence(clinic: Clinic, world: World) -> None:
    made = clinic.watch(world.a.examiner, world.a.doctor)
    clinic.say(world.a.exam_officer, made, services.withdraw, reason="评错了人")
    clinic.deliver()
    assert clinic.results() == []


# ---- requests --------------------------------------------------------------------------------------------------


def test_a_request_is_declined_handed_on_or_withdrawn_by_whom_it_is_for(clinic: Clinic, world: World) -> None:
    doctor, assessor, other = world.a.doctor, world.a.examiner, world.a.second_examiner
    asked = clinic.ask(doctor, assessor)
    for who in (other, world.a.second_doctor, world.b.examiner, world.a.manager):
        with pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            clinic.turn(who, asked, services.decline, reason="x")
    for to in (assessor, doctor, world.a.manager, 987_654_321, -1):
        with pytest.raises(Invalid):
            clinic.turn(assessor, asked, services.delegate, to=to, reason="出差")
    with pytest.raises(Invalid):
        clinic.turn(assessor, asked, services.delegate, to=other, reason=" ")
    clinic.turn(assessor, asked, services.delegate, to=other, reason="出差")
    with pytest.raises(sa.exc.NoResultFound):
        clinic.turn(assessor, asked, services.decline, reason="已转交")
    with clinic.as_(other):
        assert [row.id for row in requests.waiting(other)] == [asked]
    with pytest.raises(Invalid):
        clinic.turn(other, asked, services.decline, reason="")
    clinic.turn(other, asked, services.decline, reason="那天门诊")
    with pytest.raises(NotAllowed):
        clinic.answer_request(other, asked)
    said = clinic.session.execute(sa.select(WorkplaceTurn.turned, WorkplaceTurn.reason).order_by(WorkplaceTurn.id))
    assert said.all() == [("delegated", "出差"), ("declined", "那天门诊")]


def test_nobody_escapes_a_judgement_by_withdrawing_the_request(clinic: Clinic, world: World) -> None:
    doctor, assessor = world.a.doctor, world.b.examiner
    asked = clinic.ask(doctor, assessor)
    clinic.turn(doctor, asked, services.take_back)
    with pytest.raises(NotAllowed):
        clinic.turn(doctor, asked, services.take_back)
    made = clinic.answer_request(assessor, asked)
    assert [row.id for row in clinic.rows()] == [made]
    again = clinic.ask(doctor, assessor)
    clinic.turn(doctor, again, services.take_back)
    row = clinic.session.get_one(WorkplaceRequest, again)
    row.closed_on = clock.today() - GRACE - timedelta(days=1)
    with pytest.raises(NotAllowed):
        clinic.answer_request(assessor, again)
    row.closed_on = clock.today() - timedelta(days=2)
    with pytest.raises(Invalid):
        clinic.answer_request(assessor, again)
    clinic.answer_request(assessor, again, observed_on=ago(3).isoformat())


def test_what_nobody_answers_is_put_away_by_night(clinic: Clinic, app: Flask, world: World) -> None:
    asked, fresh = clinic.ask(world.a.doctor, world.a.examiner), clinic.ask(world.a.doctor, world.b.examiner)
    row = clinic.session.get_one(WorkplaceRequest, asked)
    row.proposed_on = clock.today() - EXPIRES - timedelta(days=1)
    clinic.session.commit()
    for expected in (1, 0):
        with app.app_context():
            assert jobs.expire(lambda *_: None) == {"expired": expected}
    clinic.session.expire_all()
    states = {n: clinic.session.get_one(WorkplaceRequest, n).state for n in (asked, fresh)}
    assert states == {asked: "expired", fresh: "open"}
    with pytest.raises(NotAllowed), clinic.as_(world.a.manager) as actor:
        services.expire(actor, None, today=clock.today())


def test_the_same_is_asked_of_one_assessor_once_at_a_time(clinic: Clinic, world: World) -> None:
    clinic.ask(world.a.doctor, world.a.examiner)
    with pytest.raises(Conflict):
        clinic.ask(world.a.doctor, world.a.examiner)
    other = clinic.ask(world.a.doctor, world.a.second_examiner)
    with pytest.raises(Conflict):
        clinic.turn(world.a.second_examiner, other, services.delegate, to=world.a.examiner, reason="请代")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("form", 987_654_321),
        ("technique", 987_654_321),
        ("on_day", ago(1)),
        ("on_day", ago(-91)),
        ("note", "患者王小明，想请您看"),
        ("note", "x" * 401),
    ],
)
def test_a_wish_that_cannot_be_is_refused(clinic: Clinic, world: World, field: str, value: Any) -> None:
    with pytest.raises(Invalid):
        clinic.ask(world.a.doctor, world.a.examiner, **{field: value})


def test_nobody_asks_themselves_a_stranger_or_for_another(clinic: Clinic, world: World) -> None:
    for assessor in (world.a.doctor, world.a.manager, 987_654_321, 1 << 64):
        with pytest.raises(Invalid):
            clinic.ask(world.a.doctor, assessor)
    wish = Wish(clinic.station, clinic.techniques[0], world.a.examiner, clock.today())
    with pytest.raises(NotAllowed), clinic.as_(world.a.manager) as actor:
        services.request(actor, db.session.get_one(Person, world.a.doctor), wish=wish)


# ---- on the spot -----------------------------------------------------------------------------------------------


def reached(as_: As, who: int) -> set[int]:
    with as_(who):
        return {one.id for one in people.doctors(who, "")}


def test_one_assesses_those_one_works_with_and_never_oneself(clinic: Clinic, as_: As, world: World) -> None:
    mine = {world.a.doctor, world.a.second_doctor, world.a.village_doctor}
    assert reached(as_, world.a.examiner) == mine
    assert reached(as_, world.b.examiner) & mine == set()
    clinic.pair(world.a.doctor, world.b.examiner)
    assert reached(as_, world.b.examiner) & mine == {world.a.doctor}
    clinic.watch(world.b.examiner, world.a.doctor)
    with as_(world.b.examiner) as actor:
        stranger = Person(id=world.a.second_doctor)
        with pytest.raises(NotAllowed):
            services.assess(actor, stranger, sheet=ids.uuid7(), sent=filled(clinic.version))
        myself = db.session.get_one(Person, world.b.examiner)
        with pytest.raises(NotAllowed):
            services.assess(actor, myself, sheet=ids.uuid7(), sent=filled(clinic.version))


def test_the_pair_is_over_and_so_is_the_right(clinic: Clinic, as_: As, session: orm.Session, world: World) -> None:
    number = clinic.pair(world.a.doctor, world.b.examiner)
    made = clinic.watch(world.b.examiner, world.a.doctor)
    row = session.get_one(Pairing, number)
    row.ended_on, row.ended_why = clock.today(), "外派"
    session.commit()
    assert world.a.doctor not in reached(as_, world.b.examiner)
    with as_(world.b.examiner):
        assert db.session.get(WorkplaceAssessment, made) is not None, "one's own writing stays in reach"


def test_institutions_of_one_consortium_work_together(
    clinic: Clinic, as_: As, session: orm.Session, world: World
) -> None:
    found = session.scalars(sa.select(Consortium)).one()
    member = ConsortiumMember(consortium_id=found.id, institution_id=world.b.hospital, begins_on=ago(10))
    session.add(member)
    session.commit()
    assert {world.a.doctor, world.a.village_doctor} <= reached(as_, world.b.examiner)
    member.ends_on = clock.today()
    session.commit()
    assert reached(as_, world.b.examiner) & {world.a.doctor, world.a.village_doctor} == set()


def test_a_doctor_who_is_no_mentor_watches_nobody(clinic: Clinic, world: World) -> None:
    with clinic.as_(world.a.second_doctor) as actor:
        other = Person(id=world.a.doctor)
        with pytest.raises(NotAllowed):
            services.assess(actor, other, sheet=ids.uuid7(), sent=filled(clinic.version))


# ---- a year ----------------------------------------------------------------------------------------------------


def test_a_year_with_one_two_and_three_assessors(clinic: Clinic, world: World) -> None:
    doctor, year = world.a.doctor, clock.today().year
    clinic.pair(doctor, world.a.examiner)

    def breadth() -> Breadth:
        with clinic.as_(world.a.examiner):
            return years.apprentices(world.a.examiner, year, clock.today())[0].year.breadth

    clinic.many(doctor, world.a.examiner, 3)
    assert breadth() is Breadth.ONE
    clinic.many(doctor, world.a.second_examiner, 1)
    assert breadth() is Breadth.FEW
    clinic.many(doctor, world.b.examiner, 1)
    assert breadth() is Breadth.ENOUGH
    with clinic.as_(world.a.examiner):
        (one,) = years.apprentices(world.a.examiner, year, clock.today())
    assert (one.year.done, one.year.owed, one.year.met) == (5, 0, True)


def test_whoever_needs_it_most_stands_first(clinic: Clinic, world: World) -> None:
    for doctor in (world.a.doctor, world.a.second_doctor):
        clinic.pair(doctor, world.a.examiner)
    clinic.many(world.a.doctor, world.a.examiner, 3)
    with clinic.as_(world.a.examiner):
        found = years.apprentices(world.a.examiner, clock.today().year, clock.today())
    assert [one.person_id for one in found] == [world.a.second_doctor, world.a.doctor]


def test_only_oneself_is_told_that_all_marks_are_the_same(clinic: Clinic, world: World) -> None:
    assessor = world.a.examiner
    for doctor in (world.a.doctor, world.a.second_doctor):
        clinic.many(doctor, assessor, 3, marks={"ask": 2, "examine": 2, "safe": 2})
    with clinic.as_(assessor):
        assert years.own_sameness(assessor) is Same.EVERY_MARK
    with clinic.as_(world.a.second_examiner):
        assert years.own_sameness(world.a.second_examiner) is None


def test_what_was_said_is_never_changed(clinic: Clinic, world: World) -> None:
    made = clinic.watch(world.a.examiner, world.a.doctor)
    clinic.say(world.a.doctor, made, services.acknowledge)
    for model in (WorkplaceAssessment, WorkplaceAnswer):
        with clinic.as_(world.a.exam_officer), pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.session.execute(sa.update(model).values(person_id=world.a.second_doctor))


def test_a_job_that_may_nothing_reads_nothing_more(clinic: Clinic, app: Flask, world: World) -> None:
    made = clinic.watch(world.a.examiner, world.a.doctor)
    with app.app_context():
        job = Actor.job("workplace.other")
        act_as(db.session, job)
        with pytest.raises(NotAllowed):
            services.withdraw(job, db.session.get_one(WorkplaceAssessment, made), reason="x")
