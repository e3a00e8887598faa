"""One exam from draft to release, and from a wrong key to the corrected results; the state after each step."""

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from assessments.exams.models import (
    AnswerEvent,
    AnswerKey,
    Attempt,
    AttemptClose,
    Exam,
    ExamScore,
    Regrade,
    Ruling,
    ScoreRun,
)
from assessments.exams.queries import regrades
from assessments.exams.queries.exams import last_run
from assessments.exams.services import marking, regrading, releasing, sitting
from assessments.exams.services.keys import Correction, corrected
from assessments.results.models import Result
from lms.db import db
from lms.events import OutboxEvent
from tests.assessments.exams.conftest import Writer


class Walk:
    """The steps, each of which leaves the state that is asserted after it."""

    def __init__(self, office, officers, world, page, session) -> None:
        self.office, self.page, self.session = office, page, session
        self.first, self.second = officers
        self.place, self.doctor, self.other = world.a.commission, world.a.doctor, world.a.second_doctor

    def state(self):
        self.session.expire_all()
        return self.session.get_one(Exam, self.exam).state

    def count(self, what):
        return self.session.scalar(sa.select(sa.func.count()).select_from(what))

    def do(self, who, act):
        return self.office.do(who, self.exam, act)

    def draft_and_approve(self):
        self.exam = self.office.draft(self.first, self.place)
        assert self.state() == "drafted"
        assert self.office.seat(self.first, self.exam, self.doctor, self.other) == 2
        assert self.office.seat(self.first, self.exam, self.doctor) == 0
        self.office.approve(self.exam, self.first)
        assert self.state() == "drafted"
        self.office.approve(self.exam, self.second)
        assert self.state() == "approved"
        assert self.session.get_one(Exam, self.exam).approved_hash is not None

    def start(self):
        self.attempt = self.office.start(self.doctor, self.exam)
        assert self.state() == "open"
        attempt = self.office.attempt(self.attempt)
        assert attempt.deadline - attempt.started_at == timedelta(minutes=30)
        assert attempt.closed_at is None
        assert sorted(attempt.items) == sorted(item.id for item in self.office.items(self.exam))
        assert self.office.start(self.doctor, self.exam) == self.attempt

    def answer(self, *wrong):
        """Everything right; then the wrong ones instead."""
        self.hand = Writer(self.page, self.doctor, self.attempt)
        right = self.office.right_answers(self.exam)
        for item, keys in right.items():
            said = self.hand.choose(item, keys)
            assert said["late"] == []
            assert len(said["held"]) == 1
        for item, keys in wrong:
            self.hand.choose(item, keys)
        assert self.count(AnswerEvent) == len(right) + len(wrong)

    def hand_in_and_close(self):
        self.hand.post("hand-in", {})
        assert self.session.scalars(sa.select(AttemptClose.ending)).all() == ["handed_in"]
        assert self.state() == "open"
        self.do(self.first, lambda a, e: sitting.close(a, e, reason="everybody is done"))
        assert self.state() == "closed"

    def mark(self, percent):
        self.do(self.first, marking.mark)
        assert self.state() == "scored"
        assert self.session.scalars(sa.select(ExamScore.percent)).one() == Decimal(percent)
        assert self.count(Result) == 0

    def release(self, percent):
        self.do(self.second, lambda a, e: releasing.release(a, e, input_hash=last_run(e).input_hash))
        assert self.state() == "released"
        result = self.session.scalars(sa.select(Result)).one()
        assert (result.person_id, result.kind, result.value) == (self.doctor, "theory_exam", Decimal(percent))
        assert (result.standard_error, result.source_id) == (None, str(self.attempt))
        kinds = set(self.session.scalars(sa.select(OutboxEvent.kind)))
        assert {"ExamApproved", "ExamReleased", "ResultsRecorded"} <= kinds

    def dry_run(self, *corrections):
        def look(_actor, exam):
            found = corrected(exam, exam.key, corrections)
            return regrades.dry_run(exam, last_run(exam), found.key, found.dropped, found.content_hash)

        dry = self.do(self.first, look)
        assert self.state() == "released"
        assert (self.count(AnswerKey), self.count(ScoreRun), self.count(Regrade), self.count(Result)) == (1, 1, 0, 1)
        return dry

    def propose(self, dry, *corrections):
        def act(actor, exam):
            return regrading.propose(actor, exam, corrections=corrections, dry=dry.hash, reason="答案有误").id

        self.regrade = self.do(self.first, act)
        assert self.state() == "released"
        assert (self.count(AnswerKey), self.count(ScoreRun), self.count(Result)) == (2, 1, 1)
        exam = self.session.get_one(Exam, self.exam)
        assert exam.key.version == 1, "the old key stands until the second officer"

    def release_regrade(self, dry, percent):
        def act(actor, _exam):
            row = db.session.get_one(Regrade, self.regrade)
            return regrading.release_regrade(actor, row, dry=dry.hash).version

        assert self.do(self.second, act) == 2
        assert self.state() == "released"
        assert self.session.get_one(Exam, self.exam).key.version == 2
        assert (self.count(ScoreRun), self.count(ExamScore)) == (2, 2)
        first, later = self.session.scalars(sa.select(Result).order_by(Result.version))
        assert (later.supersedes_id, later.value, later.reason) == (first.id, Decimal(percent), "答案有误")
        assert "ExamRegraded" in set(self.session.scalars(sa.select(OutboxEvent.kind)))


def test_from_draft_to_release(office, officers, world, page, session):
    walk = Walk(office, officers, world, page, session)
    walk.draft_and_approve()
    walk.start()
    wrong = next(item for item in office.items(walk.exam) if item.question.kind == "multiple")
    walk.answer((wrong.id, ["D"]))
    walk.hand_in_and_close()
    walk.mark("75.000")  # six of eight points: a multiple choice counts double
    assert session.scalars(sa.select(ExamScore.passed)).one()
    walk.release("75.000")
    assert walk.count(Attempt) == 1


def test_from_a_wrong_key_to_the_corrected_result(office, officers, world, page, session):
    walk = Walk(office, officers, world, page, session)
    walk.draft_and_approve()
    walk.start()
    first, second = (item for item in office.items(walk.exam) if item.question.kind == "multiple")
    walk.answer((first.id, ["A", "D"]), (second.id, ["A", "C"]))
    walk.hand_in_and_close()
    walk.mark("50.000")
    walk.release("50.000")
    correction = Correction(first.id, Ruling.CORRECTED, ["A", "D"])
    dry = walk.dry_run(correction)
    assert [(one.person, one.outcome) for one in dry.changes] == [(walk.doctor, "gained")]
    walk.propose(dry, correction)
    walk.release_regrade(dry, "75.000")
    result = page.get(f"/attempts/{walk.attempt}/result", walk.doctor)
    assert "答案有误" in result.get_text()
    assert "75%" in result.select_one(".verdict-number").get_text()
