"""One exam from draft to release, and the state after each step."""

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from assessments.exams.models import AnswerEvent, Attempt, AttemptClose, Exam, ExamScore, ScoreRun
from assessments.exams.services import marking, releasing, sitting
from assessments.results.models import Result
from lms.events import OutboxEvent
from tests.assessments.exams.conftest import Writer


def state(session, exam_id):
    session.expire_all()
    return session.get_one(Exam, exam_id).state


def test_from_draft_to_release(office, officers, world, page, session):
    first, second = officers
    doctor, other = world.a.doctor, world.a.second_doctor

    exam_id = office.draft(first, world.a.commission)
    assert state(session, exam_id) == "drafted"
    assert office.seat(first, exam_id, doctor, other) == 2
    assert office.seat(first, exam_id, doctor) == 0

    office.approve(exam_id, first)
    assert state(session, exam_id) == "drafted"
    office.approve(exam_id, second)
    assert state(session, exam_id) == "approved"
    assert session.get_one(Exam, exam_id).approved_hash is not None

    attempt_id = office.start(doctor, exam_id)
    assert state(session, exam_id) == "open"
    attempt = office.attempt(attempt_id)
    assert attempt.deadline - attempt.started_at == timedelta(minutes=30)
    assert attempt.closed_at is None
    assert sorted(attempt.items) == [item.id for item in office.items(exam_id)]
    assert office.start(doctor, exam_id) == attempt_id

    hand = Writer(page, doctor, attempt_id)
    right = office.right_answers(exam_id)
    for item, keys in right.items():
        said = hand.choose(item, keys)
        assert said["late"] == []
        assert len(said["held"]) == 1
    wrong = office.items(exam_id)[0].id
    hand.choose(wrong, ["D"])
    assert session.scalar(sa.select(sa.func.count()).select_from(AnswerEvent)) == len(right) + 1

    hand.post("hand-in", {})
    assert session.scalars(sa.select(AttemptClose.ending)).all() == ["handed_in"]
    assert state(session, exam_id) == "open"
    office.do(first, exam_id, lambda a, e: sitting.close(a, e, reason="everybody is done"))
    assert state(session, exam_id) == "closed"

    office.do(first, exam_id, marking.mark)
    assert state(session, exam_id) == "scored"
    score = session.scalars(sa.select(ExamScore)).one()
    assert score.percent == Decimal("75.000")  # six of eight points: a multiple choice counts double
    assert score.passed
    assert session.scalar(sa.select(sa.func.count()).select_from(Result)) == 0

    digest = session.scalars(sa.select(ScoreRun.input_hash)).one()
    office.do(second, exam_id, lambda a, e: releasing.release(a, e, input_hash=digest))
    assert state(session, exam_id) == "released"
    result = session.scalars(sa.select(Result)).one()
    assert (result.person_id, result.kind, result.value) == (doctor, "theory_exam", Decimal("75.000"))
    assert result.standard_error is None
    assert result.source_id == str(attempt_id)
    kinds = set(session.scalars(sa.select(OutboxEvent.kind)))
    assert {"ExamApproved", "ExamReleased", "ResultRecorded"} <= kinds
    assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1
