"""What happens to answers: repeated, reordered, late, from two pages, and whoever closes."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from assessments.exams.jobs import ACTOR
from assessments.exams.models import AnswerEvent, AttemptClose, Candidate, Exam, LateEvent
from assessments.exams.queries.attempts import answers_of
from assessments.exams.rules import papers
from assessments.exams.services import seating, sitting
from lms import ids
from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import Conflict, Invalid
from lms.people.models import Person, SignIn
from lms.people.queries import hash_of
from tests.assessments.exams.conftest import Writer


@pytest.fixture
def attempt_id(office, open_exam, world):
    return office.start(world.a.doctor, open_exam)


@pytest.fixture
def hand(page, world, attempt_id):
    return Writer(page, world.a.doctor, attempt_id)


@pytest.fixture
def item(office, open_exam):
    return office.items(open_exam)[0].id


def stand(page, world, attempt_id):
    """What the page is told; whoever takes the pen is told the same."""
    page.get(f"/attempts/{attempt_id}/stand", world.a.doctor)
    said = page.answer.get_json()
    with page._app.app_context():
        act_as(db.session, Actor.job("test"))
        assert answers_of(attempt_id) == said["answers"]
    return said


def count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_the_same_event_again_is_held_once(hand, item, session):
    event = hand.event(item, ["A"])
    first, second, both = hand.save(event), hand.save(event), hand.save(event, event)
    assert first["held"] == second["held"] == both["held"] == [event["id"]]
    assert count(session, AnswerEvent) == 1


def test_the_acknowledgement_proves_itself(hand, item, built, attempt_id):
    said = hand.choose(item, ["A"])
    key = papers.receipt_key(str(built.secret_key), str(attempt_id))
    assert said["proof"] == papers.receipt(key, str(attempt_id), said["held"])
    assert said["proof"] != papers.receipt(key, str(attempt_id), [])
    assert said["proof"] != papers.receipt(
        papers.receipt_key("another", str(attempt_id)), str(attempt_id), said["held"]
    )


def test_the_last_choice_counts_in_whatever_order_it_comes(hand, item, page, world, attempt_id):
    first, second, third = hand.event(item, ["A"]), hand.event(item, ["B"]), hand.event(item, ["C"])
    hand.save(third)
    hand.save(first, second)
    assert stand(page, world, attempt_id)["answers"][str(item)]["answer"] == ["C"]


def test_an_event_of_another_attempt_is_not_acknowledged(hand, item, office, open_exam, page, world, session):
    event = hand.event(item, ["A"])
    hand.save(event)
    other = Writer(page, world.a.second_doctor, office.start(world.a.second_doctor, open_exam))
    said = other.save(event)
    assert said["held"] == []
    assert count(session, AnswerEvent) == 1


def test_a_second_page_takes_over_and_the_older_ones_answers_are_kept_aside(
    hand, item, page, world, attempt_id, session
):
    hand.choose(item, ["A"])
    second = Writer(page, world.a.doctor, attempt_id, seen=1)
    assert second.epoch == 2
    second.choose(item, ["B"])
    late = hand.event(item, ["D"])
    said = hand.save(late)
    assert said["held"] == []
    assert said["late"] == [late["id"]]
    assert said["epoch"] == 2
    assert hand.save(late)["late"] == [late["id"]], "named again when sent again"
    assert session.scalars(sa.select(LateEvent.why)).all() == ["epoch"]
    assert stand(page, world, attempt_id)["answers"][str(item)]["answer"] == ["B"]
    with pytest.raises(AssertionError, match="409"):
        Writer(page, world.a.doctor, attempt_id, seen=1)


def test_after_the_deadline_answers_are_kept_and_marked_late(hand, item, office, attempt_id, session, page, world):
    before, after = hand.event(item, ["A"]), hand.event(item, ["B"])
    hand.save(before)
    office.deadline(attempt_id, now_of(session) - timedelta(milliseconds=1))
    said = hand.save(before, after)
    assert said["held"] == [before["id"]], "what was in time stays in time, however often it is sent"
    assert said["late"] == [after["id"]]
    assert said["remaining"] == 0
    assert session.scalars(sa.select(LateEvent.why)).all() == ["deadline"]
    hand.post("hand-in", {})
    assert session.scalars(sa.select(AttemptClose.ending)).one() == "deadline"
    closed = hand.save(hand.event(item, ["C"]))
    assert closed["closed"] is True
    assert set(session.scalars(sa.select(LateEvent.why))) == {"deadline", "closed"}
    page.get(f"/attempts/{attempt_id}/result", world.a.doctor)
    assert "2" in page.answer.text


def now_of(session):
    return session.scalars(sa.select(sa.func.clock_timestamp())).one()


def test_the_sweep_comes_late_or_twice_and_it_makes_no_difference(
    hand, item, office, open_exam, attempt_id, as_, session
):
    deadline = now_of(session) - timedelta(minutes=3)
    office.deadline(attempt_id, deadline)
    session.execute(sa.update(Exam).values(opens_at=deadline - timedelta(hours=1), closes_at=deadline))
    session.commit()
    with as_(ACTOR):
        assert sitting.sweep(ACTOR, None) == {"opened": 0, "ended": 1, "closed": 1}
        assert sitting.sweep(ACTOR, None) == {"opened": 0, "ended": 0, "closed": 0}
    session.expire_all()
    ending = session.scalars(sa.select(AttemptClose)).one()
    assert (ending.ending, ending.closed_at) == ("deadline", deadline)
    hand.post("hand-in", {})
    assert count(session, AttemptClose) == 1
    assert session.get_one(Exam, open_exam).state == "closed"


def test_an_exam_opens_by_the_clock(office, officers, world, as_, session):
    exam_id = office.ready(officers, world.a.commission, world.a.doctor)
    with as_(ACTOR):
        assert sitting.sweep(ACTOR, None)["opened"] == 1
    session.expire_all()
    assert session.get_one(Exam, exam_id).state == "open"


def test_nobody_begins_before_or_after_or_unapproved(office, officers, world):
    early = office.ready(
        officers,
        world.a.commission,
        world.a.doctor,
        opens_at=now_of(office.session) + timedelta(hours=1),
        closes_at=now_of(office.session) + timedelta(hours=2),
    )
    over = office.ready(
        officers,
        world.a.commission,
        world.a.doctor,
        opens_at=now_of(office.session) - timedelta(hours=2),
        closes_at=now_of(office.session) - timedelta(hours=1),
    )
    draft = office.draft(officers[0], world.a.commission)
    office.seat(officers[0], draft, world.a.doctor)
    for exam_id in (early, over, draft):
        with pytest.raises(Conflict):
            office.start(world.a.doctor, exam_id)


def test_nobody_has_longer_than_the_exam_is_open_but_extra_time_is_added(office, officers, world, session):
    exam_id = office.ready(
        officers,
        world.a.commission,
        world.a.doctor,
        world.a.second_doctor,
        closes_at=now_of(session) + timedelta(minutes=10),
    )
    give(office, officers[0], world.a.second_doctor, 20, "wrist in plaster")
    exam = session.get_one(Exam, exam_id)
    plain, extra = (office.attempt(office.start(p, exam_id)) for p in (world.a.doctor, world.a.second_doctor))
    assert plain.deadline == exam.closes_at
    assert extra.deadline == exam.closes_at + timedelta(minutes=20)


def give(office, officer, person, minutes, reason):
    with office.as_(officer) as actor:
        candidate = db.session.scalars(sa.select(Candidate).where(Candidate.person_id == person)).one()
        seating.give_time(actor, candidate, minutes=minutes, reason=reason)


def test_extra_time_moves_the_deadline_at_once_and_can_be_taken_back(
    office, officers, world, attempt_id, hand, item, session
):
    before = office.attempt(attempt_id).deadline
    give(office, officers[0], world.a.doctor, 15, "the power failed")
    assert office.attempt(attempt_id).deadline == before + timedelta(minutes=15)
    give(office, officers[0], world.a.doctor, 5, "ten were too many")
    assert office.attempt(attempt_id).deadline == before + timedelta(minutes=5)
    give(office, officers[0], world.a.doctor, 0, "it had not failed")
    assert office.attempt(attempt_id).deadline == before
    with pytest.raises(Invalid):
        give(office, officers[0], world.a.doctor, 5, " ")
    hand.post("hand-in", {})
    with pytest.raises(Conflict):
        give(office, officers[0], world.a.doctor, 5, "too late")


def test_taking_an_answer_back_is_an_answer_and_a_blank_form_is_nothing(hand, item, page, world, attempt_id):
    hand.choose(item, ["A"])
    assert stand(page, world, attempt_id)["answers"][str(item)]["answer"] == ["A"]
    hand.save(hand.event(item, []))
    assert stand(page, world, attempt_id)["answers"][str(item)]["answer"] == []
    hand.choose(item, ["B"])
    assert stand(page, world, attempt_id)["answers"][str(item)]["answer"] == ["B"], "an older blank overwrites nothing"


def test_a_beat_shows_on_the_board(hand, item, open_exam, officers, page):
    hand.post("beat", {"epoch": 1, "unsaved": 3})
    board = page.get(f"/exams/{open_exam}/board", officers[0])
    assert "3" in [cell.get_text(strip=True) for cell in board.select("td.number")]
    hand.post("beat", {"epoch": 7, "unsaved": 9})
    row = page.get(f"/exams/{open_exam}/board", officers[0])
    assert "9" not in [cell.get_text(strip=True) for cell in row.select("td.number")], (
        "only the page that writes is heard"
    )


def test_saving_is_one_statement_beside_the_question_who_asks(hand, item, queries):
    hand.choose(item, ["A"])
    queries.clear()
    hand.choose(item, ["B"])
    saves = [q for q in queries if "answer_event" in q]
    assert len(saves) == 1
    ours = [q for q in queries if "role_grant" not in q and "SAVEPOINT" not in q]
    assert ours == saves


def test_what_an_answer_is_can_not_be_rewritten(hand, item, session):
    hand.choose(item, ["A"])
    for statement in ("UPDATE answer_event SET answer = '[]'", "DELETE FROM answer_event", "DELETE FROM attempt_close"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(sa.text(statement))
    event = {"id": ids.uuid7(), "a": hand.attempt_id, "i": item}
    chosen = "INSERT INTO answer_event (id, attempt_id, item_id, seq, epoch, answer, received_at)"
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(sa.text(f"{chosen} VALUES (:id, :a, :i, 1, 1, '[]', now())"), event)


def test_the_clock_is_the_databases(office, open_exam, world, monkeypatch):
    from lms import clock

    monkeypatch.setattr(clock, "now", lambda: now_of(office.session) + timedelta(days=400))
    attempt = office.attempt(office.start(world.a.doctor, open_exam))
    assert abs(attempt.started_at - now_of(office.session)) < timedelta(minutes=1)


def test_who_was_remembered_is_checked_again_by_the_saving_statement(office, attempt_id, item, hand, session, world):
    """A browser that was signed out between two saves keeps nothing more and is asked to sign in."""
    token = ids.token()
    place = session.get_one(Person, world.a.doctor).institution_id
    session.add(SignIn(person_id=world.a.doctor, institution_id=place, token_hash=hash_of(token)))
    session.commit()
    app = hand.page._app
    app.extensions["acting"] = None
    browser = app.test_client()
    browser.set_cookie("session_id", token)

    def save(answer):
        return browser.post(f"/attempts/{attempt_id}/answers", json={"events": [hand.event(item, answer)]})

    assert [save([key]).status_code for key in "AB"] == [200, 200]
    assert count(session, AnswerEvent) == 2
    session.execute(sa.update(SignIn).values(ended_at=sa.func.now(), ended_why="by_administrator"))
    session.commit()
    assert save(["C"]).status_code == 401
    assert count(session, AnswerEvent) == 2
    assert count(session, LateEvent) == 0
