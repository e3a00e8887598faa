"""The clock of one attempt, of a room, or of a whole exam is stopped and goes on; nobody loses a second by it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from assessments.exams.jobs import ACTOR
from assessments.exams.models import AnswerEvent, AttemptClose, AttemptPause, Candidate, Exam, LateEvent
from assessments.exams.queries import attempts as queries
from assessments.exams.services import seating, sitting
from lms.db import db
from lms.errors import Invalid, NotAllowed
from tests.assessments.exams.conftest import Writer


@pytest.fixture
def begun(office, open_exam, world):
    """Both candidates have begun; their attempts."""
    return [office.start(person, open_exam) for person in (world.a.doctor, world.a.second_doctor)]


@pytest.fixture
def officer(office, officers, open_exam):
    """`officer(sitting.pause, reason="…")` as an officer of the county."""
    return lambda verb, **told: office.do(officers[0], open_exam, lambda a, exam: verb(a, exam, **told))


def seat(session, person):
    return session.scalars(sa.select(Candidate.id).where(Candidate.person_id == person)).one()


def ago(office, attempt_id, **long):
    """As if the pause had begun so long ago."""
    attempt = office.attempt(attempt_id)
    for name in ("started_at", "deadline", "paused_at"):
        setattr(attempt, name, getattr(attempt, name) - timedelta(**long))
    office.session.commit()


def test_the_deadline_moves_by_just_the_length_of_the_pause(office, officer, begun, session, world):
    assert officer(sitting.pause, candidates=[seat(session, world.a.doctor)], reason="停电") == 1
    first, second = (office.attempt(one) for one in begun)
    assert first.paused_at is not None
    assert second.paused_at is None, "only whom it was said of"
    ago(office, begun[0], minutes=7)
    before = office.attempt(begun[0])
    deadline, paused_at = before.deadline, before.paused_at
    assert officer(sitting.resume, candidates=[seat(session, world.a.doctor)], reason="来电了") == 1
    after = office.attempt(begun[0])
    assert after.paused_at is None
    assert timedelta(minutes=7) <= after.deadline - deadline <= timedelta(minutes=7, seconds=30)
    stopped, resumed = session.scalars(sa.select(AttemptPause).order_by(AttemptPause.id)).all()
    assert (stopped.deadline, stopped.reason, stopped.by_id) == (None, "停电", world.a.exam_officer)
    assert (resumed.deadline, resumed.reason) == (after.deadline, "来电了")
    assert resumed.at - paused_at >= timedelta(minutes=7)


def test_a_whole_exam_at_once_and_nothing_happens_twice(officer, begun, session):
    assert officer(sitting.pause, reason="火警") == 2
    assert officer(sitting.pause, reason="火警") == 0, "who is paused stays paused from when it was"
    assert officer(sitting.resume, reason="误报") == 2
    assert officer(sitting.resume, reason="误报") == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(AttemptPause)) == 4


def test_only_what_is_under_way_is_paused(office, officer, open_exam, begun, session, world):
    with office.as_(world.a.doctor) as actor:
        sitting.hand_in(actor, queries.Pen(begun[0], world.a.doctor))
    over = office.attempt(begun[1])
    office.deadline(begun[1], over.started_at + timedelta(microseconds=1))
    assert officer(sitting.pause, reason="x") == 0


def test_a_reason_is_asked_for(officer, begun):
    for verb in (sitting.pause, sitting.resume):
        with pytest.raises(Invalid):
            officer(verb, reason=" ")


def test_only_officers_of_the_county_and_no_candidate(office, open_exam, begun, world):
    for person, refused in ((world.a.doctor, NotAllowed), (world.a.manager, NotAllowed)):
        with pytest.raises(refused):
            office.do(person, open_exam, lambda a, exam: sitting.pause(a, exam, reason="x"))
    with pytest.raises(sa.exc.NoResultFound):  # the neighbour does not even find it
        office.do(world.b.exam_officer, open_exam, lambda a, exam: sitting.pause(a, exam, reason="x"))


def test_while_it_is_paused_time_stands_still_and_answers_still_arrive(
    office, officer, open_exam, begun, page, world, session
):
    hand = Writer(page, world.a.doctor, begun[0])
    item = office.items(open_exam)[0].id
    officer(sitting.pause, reason="x")
    session.execute(sa.update(Exam).values(closes_at=sa.func.clock_timestamp(), opens_at=sa.func.now() - timedelta(1)))
    ago(office, begun[0], hours=3)
    said = hand.choose(item, ["A"])
    assert said["paused"] is True
    assert len(said["held"]) == 1, "the deadline of a paused attempt does not pass"
    assert 0 < said["remaining"] <= 30 * 60_000
    beat = hand.post("beat", {"epoch": 1, "unsaved": 0})
    assert (beat["paused"], beat["closed"]) == (True, False)
    page.get(f"/attempts/{begun[0]}/stand", world.a.doctor)
    assert page.answer.get_json()["paused"] is True
    assert page.get(f"/attempts/{begun[0]}", world.a.doctor).select_one("#sitting") is not None
    with office.as_(ACTOR):
        assert sitting.sweep(ACTOR, None) == {"opened": 0, "ended": 0, "closed": 0}
    assert session.scalar(sa.select(sa.func.count()).select_from(LateEvent)) == 0
    officer(sitting.resume, reason="y")
    said = hand.choose(item, ["B"])
    assert (said["paused"], len(said["held"])) == (False, 1)
    assert session.scalar(sa.select(sa.func.count()).select_from(AnswerEvent)) == 2


def test_another_device_can_take_over_and_hand_in_while_it_is_paused(office, officer, begun, page, world, session):
    officer(sitting.pause, reason="换一台电脑")
    ago(office, begun[0], hours=3)
    hand = Writer(page, world.a.doctor, begun[0])
    second = Writer(page, world.a.doctor, begun[0], seen=1)
    assert (hand.epoch, second.epoch) == (1, 2)
    second.post("hand-in", {})
    assert session.scalars(sa.select(AttemptClose.ending)).one() == "handed_in"
    assert officer(sitting.resume, reason="x") == 1, "the other candidate alone goes on"


def test_closing_the_exam_ends_what_is_paused(office, officer, begun, session):
    officer(sitting.pause, reason="x")
    ago(office, begun[0], hours=3)
    assert officer(sitting.close, reason="取消") == 2
    assert set(session.scalars(sa.select(AttemptClose.ending))) == {"officer"}


def test_extra_time_given_in_a_pause_is_kept(office, officer, officers, open_exam, begun, world, session):
    before = office.attempt(begun[0]).deadline
    officer(sitting.pause, reason="x")
    number = seat(session, world.a.doctor)

    def give(actor, _exam):
        seating.give_time(actor, db.session.get_one(Candidate, number), minutes=10, reason="y")

    office.do(officers[0], open_exam, give)
    officer(sitting.resume, reason="z")
    gained = office.attempt(begun[0]).deadline - before
    assert timedelta(minutes=10) <= gained <= timedelta(minutes=10, seconds=30)


def test_pausing_a_room_is_the_same_number_of_statements_for_one_and_for_many(officer, begun, queries, session, world):
    officer(sitting.pause, candidates=[seat(session, world.a.doctor)], reason="x")
    one = len(queries)
    queries.clear()
    officer(sitting.resume, reason="x")
    queries.clear()
    officer(sitting.pause, reason="x")
    assert len(queries) <= one
