"""One theory exam that has been held, marked and released, and one that is open now."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from assessments.exams.models import Attempt, Exam
from assessments.exams.queries import attempts, exams
from assessments.exams.services import answers, making, marking, releasing, seating, sitting
from demo.cast import HOME, SEED
from demo.story.stage import Stage
from lms import clock, ids
from lms.authz import only
from lms.db import db
from lms.institutions.models import Institution

HELD, OPEN = "基层高血压防治理论考试（第一场）", "基层高血压防治理论考试（第二场）"
SAT_BY = ("gp01", "gp02", "gp03", "gp04", "gp05", "gp07", "gp08", "gp09", "gp10", "vd01", "vd02", "vd03")
OPEN_TO = ("doctor", "village", "gp06", "gp11", "gp12")


def hold(stage: Stage) -> None:
    """Hold the first, open the second; what is there already stays as it is."""
    if not _there(stage, HELD):
        exam_id = _make(stage, HELD, "Hypertension theory exam (first sitting)", SAT_BY, days=1)
        for number, account in enumerate(SAT_BY):
            _sit(stage, exam_id, account, knows=0.95 - 0.05 * number)
        _finish(stage, exam_id)
    if not _there(stage, OPEN):
        _make(stage, OPEN, "Hypertension theory exam (second sitting)", OPEN_TO, days=30)


def _there(stage: Stage, title: str) -> bool:
    with stage.acting("exam"):
        return db.session.scalar(sa.select(Exam.id).where(Exam.title == title)) is not None


def _make(stage: Stage, title: str, title_en: str, sat_by: tuple[str, ...], days: int) -> int:
    with stage.acting("exam") as actor:
        here: Institution = stage.institution(HOME)
        plan = making.Plan(title, title_en, *_window(days), minutes=30, pass_percent=Decimal(60))
        blueprint = making.Blueprint("hypertension", {}, "exact", {"single": 2, "multiple": 3})
        exam = making.create(actor, here, plan=plan, blueprint=blueprint)
        seating.add_candidates(actor, exam, persons=[stage.person(account) for account in sat_by])
        exam_id = exam.id
    for officer in ("exam", "exam2"):
        with stage.acting(officer) as actor:
            exam = db.session.get_one(Exam, exam_id)
            making.approve(actor, exam, content_hash=exams.sealed(exam))
    return exam_id


def _window(days: int) -> tuple[datetime, datetime]:
    now = clock.now()
    return now - timedelta(minutes=1), now + timedelta(days=days)


def _sit(stage: Stage, exam_id: int, account: str, knows: float) -> None:
    """Begin, answer every question as well as one knows, hand in."""
    drawn = random.Random(f"{SEED}:{account}")
    with stage.acting(account) as actor:
        attempt = db.session.get_one(Attempt, sitting.start(actor, only(attempts.candidacy(exam_id))))
        pen = attempts.pen(attempt.id)
        assert pen is not None
        right = _key(stage, exam_id)
        events = [
            {
                "id": str(ids.uuid7()),
                "item": item,
                "seq": number,
                "epoch": attempt.epoch,
                "answer": _answer(drawn, right[item], attempt.options[str(item)], knows),
            }
            for number, item in enumerate(attempt.items, 1)
        ]
        answers.save(actor, pen, events=events)
        sitting.hand_in(actor, pen)


def _answer(drawn: random.Random, right: list[str], keys: list[str], knows: float) -> list[str]:
    return right if drawn.random() < knows else sorted(drawn.sample(keys, len(right)))


def _key(stage: Stage, exam_id: int) -> dict[int, list[str]]:
    with stage.acting("exam"):
        return {int(item): keys for item, keys in db.session.get_one(Exam, exam_id).key.keys.items()}


def _finish(stage: Stage, exam_id: int) -> None:
    with stage.acting("exam") as actor:
        exam = db.session.get_one(Exam, exam_id)
        sitting.close(actor, exam, reason="模拟场次结束")
        marking.mark(actor, exam)
    with stage.acting("exam2") as actor:
        exam = db.session.get_one(Exam, exam_id)
        run = exams.last_run(exam)
        assert run is not None
        releasing.release(actor, exam, input_hash=run.input_hash)
