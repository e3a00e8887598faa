"""From an offer to a pair and to its end, and every way of refusing."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from courses.mentoring import queries, services
from courses.mentoring.models import MentorOffer, Pairing, PairingProposal, PairingRun
from courses.mentoring.rules import Policy
from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import OutboxEvent
from lms.institutions.models import Institution
from lms.people.models import Category, Person, RoleGrant
from tests.factories.mentoring import Office, ago, stand, techniques, terms
from tests.factories.world import World, person


def search(office: Office, world: World, who: int | None = None) -> int:
    """A search over county A; the run's id."""
    run: int = office.do(who or world.a.manager, Institution, world.a.commission, services.propose)
    return run


def proposals(session: orm.Session, run: int) -> dict[int, PairingProposal]:
    session.expire_all()
    query = sa.select(PairingProposal).where(PairingProposal.run_id == run)
    return {one.apprentice_id: one for one in session.scalars(query)}


def accept(office: Office, world: World, run: int, ids: list[int] | None = None) -> services.Outcome:
    outcome: services.Outcome = office.do(
        world.a.manager, PairingRun, run, services.accept, ids=ids, terms=terms()
    )  # fmt: skip
    return outcome


@pytest.fixture
def lacking(session: orm.Session, world: World) -> list[int]:
    """王小明 lacks the first technique most, 李小红 the second; 陈建国 teaches the first, 周敏 the second."""
    known = techniques(session)
    stand(session, world.a.doctor, {known[0]: 1, known[1]: 4, known[2]: 4, known[3]: 4})
    stand(session, world.a.second_doctor, {known[0]: 4, known[1]: 2, known[2]: 4, known[3]: 4})
    stand(session, world.a.examiner, {known[0]: 5, known[1]: 3})
    stand(session, world.a.second_examiner, {known[1]: 5})
    return known


def test_a_search_pairs_by_gaps_and_says_why(
    office: Office, session: orm.Session, world: World, lacking: list[int]
) -> None:
    for mentor in (world.a.examiner, world.a.second_examiner):
        office.offer(world.a.manager, mentor, 1)
    run = search(office, world)
    found = proposals(session, run)
    assert {one: row.mentor_id for one, row in found.items() if one != world.a.village_doctor} == {
        world.a.doctor: world.a.examiner,
        world.a.second_doctor: world.a.second_examiner,
    }
    why = found[world.a.doctor].because
    assert [(gap["technique"], gap["levels"]) for gap in why["closes"]] == [(lacking[0], 3)]
    assert why["near"] == "hospital"
    assert why["other"] == {"id": world.a.second_examiner, "name": "周敏", "benefit": 8}
    assert found[world.a.doctor].benefit == 38
    row = session.get_one(PairingRun, run)
    assert (row.doctors, row.places, row.proposed) == (3, 2, 2)


def test_a_proof_out_of_date_is_no_level_at_all(office: Office, session: orm.Session, world: World) -> None:
    known = techniques(session, 1)
    stand(session, world.a.doctor, {known[0]: 4}, until=ago(1))
    stand(session, world.a.examiner, {known[0]: 5}, until=clock.today())
    office.offer(world.a.manager, world.a.examiner, 1)
    why = proposals(session, search(office, world))[world.a.doctor].because
    assert [(gap["technique"], gap["levels"]) for gap in why["closes"]] == [(known[0], 4)]


def test_nobody_is_paired_before_somebody_accepts(office: Office, session: orm.Session, world: World) -> None:
    office.offer(world.a.manager, world.a.examiner, 3)
    run = search(office, world)
    assert session.scalar(sa.select(sa.func.count()).select_from(Pairing)) == 0
    outcome = accept(office, world, run)
    assert (outcome.made, outcome.refused) == (3, [])
    made = session.scalars(sa.select(Pairing)).all()
    assert {pair.mentor_id for pair in made} == {world.a.examiner}
    assert not any(pair.agreed for pair in made)
    assert all("12" in pair.mentor_duties for pair in made), "the usual duties, with the policy's number"
    assert session.scalar(sa.select(sa.func.count()).where(OutboxEvent.kind == "PairBegan")) == 3
    assert accept(office, world, run).made == 0, "accepting again changes nothing"


def test_what_has_changed_since_is_refused_by_name_and_nothing_else_is_lost(
    office: Office, session: orm.Session, world: World, lacking: list[int]
) -> None:
    office.offer(world.a.manager, world.a.examiner, 1)
    office.offer(world.a.manager, world.a.second_examiner, 2)
    run = search(office, world)
    before = proposals(session, run)
    assert before[world.a.doctor].mentor_id == world.a.examiner
    office.pair(world.a.manager, world.a.village_doctor, world.a.examiner)
    outcome = accept(office, world, run)
    assert outcome.made == 1, "李小红 is paired with 周敏"
    assert [who for who, _why in outcome.refused] == [
        f"{one.apprentice_name} – {one.mentor_name}"
        for one in sorted(before.values(), key=lambda one: (-one.benefit, one.id))
        if one.apprentice_id != world.a.second_doctor
    ]
    reasons = dict(outcome.refused)
    assert reasons["王小明 – 陈建国"] == "这位带教老师没有空余名额。"
    after = proposals(session, run)
    assert after[world.a.doctor].decided == "open"
    assert after[world.a.second_doctor].decided == "accepted"


def test_a_doctor_who_left_and_a_mentor_who_is_none_any_more_are_refused(
    office: Office, session: orm.Session, world: World
) -> None:
    office.offer(world.a.manager, world.a.examiner, 3)
    run = search(office, world)
    session.get_one(Person, world.a.doctor).active = False
    outcome = accept(office, world, run)
    assert [who for who, _why in outcome.refused] == ["王小明 – 陈建国"]
    second = office.do(world.a.manager, PairingRun, run, services.accept, ids=None, terms=terms())
    assert second.made == 0
    role = sa.select(RoleGrant).where(RoleGrant.person_id == world.a.second_examiner)
    office.offer(world.a.manager, world.a.second_examiner, 3)
    session.get_one(Person, world.a.doctor).active = True
    session.commit()
    run = search(office, world)
    session.scalars(role).one().ends_on = clock.today()
    assert [why for _who, why in accept(office, world, run).refused] == ["对方已不再担任带教老师。"]


def test_chosen_ones_only_and_declined_ones_keep_their_reason(
    office: Office, session: orm.Session, world: World
) -> None:
    office.offer(world.a.manager, world.a.examiner, 3)
    run = search(office, world)
    found = proposals(session, run)
    assert accept(office, world, run, [found[world.a.doctor].id]).made == 1
    rest = [found[world.a.second_doctor].id, found[world.a.doctor].id]
    with pytest.raises(Invalid):
        office.do(world.a.manager, PairingRun, run, services.decline, ids=rest, reason=" ")
    declined = office.do(world.a.manager, PairingRun, run, services.decline, ids=rest, reason="明年进修")
    assert declined == 1, "what has been accepted is not declined"
    after = proposals(session, run)
    assert (after[world.a.second_doctor].decided, after[world.a.second_doctor].reason) == ("declined", "明年进修")
    assert accept(office, world, run).made == 1
    assert after[world.a.doctor].decided == "accepted"


def test_a_pair_by_hand_needs_a_free_place(office: Office, world: World) -> None:
    with pytest.raises(Conflict, match="名额"):
        office.pair(world.a.manager, world.a.doctor, world.a.examiner)
    office.offer(world.a.manager, world.a.examiner, 1)
    office.pair(world.a.manager, world.a.doctor, world.a.examiner)
    with pytest.raises(Conflict, match="名额"):
        office.pair(world.a.manager, world.a.second_doctor, world.a.examiner)


def test_one_mentor_at_a_time(office: Office, session: orm.Session, world: World, pairing: int) -> None:
    office.offer(world.a.manager, world.a.second_examiner)
    with pytest.raises(Conflict, match="已有带教老师"):
        office.pair(world.a.manager, world.a.doctor, world.a.second_examiner)
    pair = session.get_one(Pairing, pairing)
    twin = {name: getattr(pair, name) for name in ("person_id", "institution_id", "mentor_institution_id")}
    session.add(
        Pairing(
            **twin,
            mentor_id=world.a.second_examiner,
            apprentice_name="x",
            mentor_name="y",
            agreed_from=clock.today(),
            agreed_until=clock.today() + timedelta(days=1),
        )
    )
    with pytest.raises(sa.exc.IntegrityError, match="one_mentor_at_a_time"):
        session.flush()


def test_terms_outside_two_to_three_years_are_refused(office: Office, world: World) -> None:
    office.offer(world.a.manager, world.a.examiner)
    for years in (1, 4):
        with pytest.raises(Invalid, match="年"), office.as_(world.a.manager) as actor:
            services.pair(
                actor,
                db.session.get_one(Person, world.a.doctor),
                mentor=db.session.get_one(Person, world.a.examiner),
                terms=terms(years=years),
            )


def test_an_ended_pair_keeps_its_history_and_frees_the_place(
    office: Office, session: orm.Session, world: World
) -> None:
    office.offer(world.a.manager, world.a.examiner, 1)
    pair = office.pair(world.a.manager, world.a.doctor, world.a.examiner, begins=ago(10))
    with pytest.raises(Invalid):
        office.do(world.a.manager, Pairing, pair, services.end, reason="")
    office.do(world.a.manager, Pairing, pair, services.end, reason="老师外派")
    session.expire_all()
    row = session.get_one(Pairing, pair)
    assert (row.ended_on, row.ended_why) == (clock.today(), "老师外派")
    assert session.scalar(sa.select(sa.func.count()).where(OutboxEvent.kind == "PairEnded")) == 1
    with pytest.raises(Conflict):
        office.do(world.a.manager, Pairing, pair, services.end, reason="又一次")
    again = office.pair(world.a.manager, world.a.doctor, world.a.examiner)
    assert again != pair
    running = session.execute(queries.pairs_on(clock.today())).all()
    assert running == [(again, world.a.doctor, world.a.examiner)]
    assert session.execute(queries.pairs_on(ago(1))).all() == [(pair, world.a.doctor, world.a.examiner)]


def test_a_pair_that_begins_later_can_be_ended_before_it_ran(
    office: Office, session: orm.Session, world: World
) -> None:
    office.offer(world.a.manager, world.a.examiner, 1)
    later = clock.today() + timedelta(days=30)
    pair = office.pair(world.a.manager, world.a.doctor, world.a.examiner, begins=later)
    with pytest.raises(Conflict):
        office.pair(world.a.manager, world.a.second_doctor, world.a.examiner)
    office.do(world.a.manager, Pairing, pair, services.end, reason="改派")
    session.expire_all()
    assert session.get_one(Pairing, pair).over_on == later
    office.pair(world.a.manager, world.a.doctor, world.a.examiner)


def test_changed_terms_are_agreed_to_anew(office: Office, session: orm.Session, world: World, pairing: int) -> None:
    row = session.get_one(Pairing, pairing)
    same = services.Terms(row.agreed_from, row.agreed_until, row.apprentice_duties, row.mentor_duties)
    office.do(world.a.manager, Pairing, pairing, services.amend, terms=same)
    session.expire_all()
    assert session.get_one(Pairing, pairing).agreed, "nothing changed"
    changed = services.Terms(row.agreed_from, row.agreed_until + timedelta(days=90), "每周一次门诊", "每月下乡")
    office.do(world.a.manager, Pairing, pairing, services.amend, terms=changed)
    session.expire_all()
    assert not session.get_one(Pairing, pairing).agreed
    with pytest.raises(Conflict, match="重新阅读"):
        office.do(world.a.doctor, Pairing, pairing, services.agree, shown="0" * 64)
    office.agree(world.a.doctor, pairing)
    office.agree(world.a.examiner, pairing)
    session.expire_all()
    assert session.get_one(Pairing, pairing).agreed


def test_only_the_two_agree(office: Office, world: World, pairing: int) -> None:
    with pytest.raises(NotAllowed):
        office.do(world.a.manager, Pairing, pairing, services.agree, shown="")


def test_a_new_offer_takes_the_place_of_the_old_one(office: Office, session: orm.Session, world: World) -> None:
    with office.as_(world.a.examiner) as actor:
        mine = db.session.get_one(Person, world.a.examiner)
        services.offer(actor, mine, capacity=2, begins_on=ago(50))
    office.offer(world.a.manager, world.a.examiner, 3)
    rows = session.scalars(sa.select(MentorOffer).order_by(MentorOffer.id)).all()
    assert [(row.capacity, row.begins_on, row.ends_on) for row in rows] == [
        (2, ago(50), clock.today()),
        (3, clock.today(), None),
    ]
    office.offer(world.a.manager, world.a.examiner, 0)
    session.expire_all()
    assert session.scalars(sa.select(MentorOffer).where(MentorOffer.ends_on.is_(None))).all() == []


@pytest.mark.parametrize("capacity", [-1, 21])
def test_capacity_has_bounds(office: Office, world: World, capacity: int) -> None:
    with pytest.raises(Invalid):
        office.offer(world.a.manager, world.a.examiner, capacity)


def test_only_mentors_offer_and_only_for_themselves(office: Office, world: World) -> None:
    with pytest.raises(Invalid, match="带教老师"):
        office.offer(world.a.manager, world.a.doctor)
    with pytest.raises(NotAllowed), office.as_(world.a.doctor) as actor:
        services.offer(actor, db.session.get_one(Person, world.a.doctor), capacity=1, begins_on=clock.today())


def test_the_neighbour_neither_searches_nor_accepts(office: Office, session: orm.Session, world: World) -> None:
    office.offer(world.a.manager, world.a.examiner)
    with pytest.raises(NotAllowed):
        search(office, world, world.b.manager)
    run = search(office, world)
    with office.as_(world.b.manager) as actor:
        assert db.session.get(PairingRun, run) is None
        assert db.session.scalars(sa.select(PairingProposal)).all() == []
        found = db.session.get_one(PairingRun, run, execution_options=Everything)
        with pytest.raises(NotAllowed):
            services.accept(actor, found, ids=None, terms=terms())


def test_a_mentor_full_in_another_county_is_full_here(office: Office, session: orm.Session, world: World) -> None:
    """The city's mentor takes a doctor of county B, a pair that county A's manager does not see."""
    visiting = person(
        session, "city-mentor", "吴教授", Category.SPECIALIST, world.a.hospital, (Role.MENTOR, world.city)
    )
    office.offer(world.people["manager"], visiting, 1)
    office.pair(world.people["manager"], world.b.doctor, visiting)
    with pytest.raises(Conflict, match="名额"):
        office.pair(world.a.manager, world.a.doctor, visiting)


def test_what_is_asked_is_data(office: Office, session: orm.Session, world: World) -> None:
    numbers = Policy(sessions_a_year=6, teaching_minutes=600, shortest_years=1, usual_years=1, longest_years=1)
    details: dict[str, Any] = {"numbers": numbers, "duties": ("徒弟", "师傅"), "duties_en": ("", "")}
    with office.as_(world.people["administrator"]) as actor:
        services.set_policy(actor, None, **details, valid_from=clock.today())
    office.offer(world.a.manager, world.a.examiner)
    with pytest.raises(Invalid, match="1"):
        office.pair(world.a.manager, world.a.doctor, world.a.examiner)
    with office.as_(world.a.manager) as actor:
        made = services.pair(
            actor,
            db.session.get_one(Person, world.a.doctor),
            mentor=db.session.get_one(Person, world.a.examiner),
            terms=terms(years=1),
        )
        assert (made.apprentice_duties, made.mentor_duties) == ("徒弟", "师傅")
    with office.as_(world.a.manager) as actor, pytest.raises(NotAllowed):
        services.set_policy(actor, None, **details, valid_from=clock.today())
