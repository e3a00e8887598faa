"""Saving an answer, with sixteen candidates at once, against the floor."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from assessments.exams.models import Exam
from assessments.exams.queries import exams
from assessments.exams.services import making, seating, sitting
from bench import arena, clients
from bench.report import Row
from demo.cast import HOME
from demo.story.stage import Stage
from lms import clock
from lms.db import db

TITLE = "Saving an answer"
WORDS = (
    "`POST /attempts/<uuid>/answers`: session, permission, one statement that decides and inserts, commit, "
    "acknowledgement with proof. 16 candidates at once, each sending the next answer when the last is acknowledged."
)
CANDIDATES = tuple(f"gp{number:02}" for number in range(13, 29))
SECONDS = 4.0


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs; requests a second and how long one waits."""
    with field.copy() as copy:
        attempts = _seat(copy)
        tokens = copy.sign_in(*CANDIDATES)
        with arena.both(copy) as (ours, floor):
            pens = [clients.Pen.open(ours, *pair) for pair in zip(tokens, attempts, strict=True)]
            own = [_saves(pen, f"/attempts/{pen.attempt_id}/answers") for pen in pens]
            least = [_saves(pen, "/save") for pen in pens]
            clients.run(ours, own, 1.0)
            clients.run(floor, least, 1.0)
            pairs = [(clients.run(ours, own, SECONDS), clients.run(floor, least, SECONDS)) for _ in range(runs)]
    return _rows(pairs)


def _saves(pen: clients.Pen, path: str) -> clients.Next:
    return lambda: pen.save(path)


def _rows(pairs: list[tuple[clients.Load, clients.Load]]) -> list[Row]:
    rate = Row(
        "answers a second",
        [a.per_second for a, _ in pairs],
        "/s",
        [b.per_second for _, b in pairs],
        "floor",
        "ratio ≥ 0.60",
    )
    rate = Row(**(vars(rate) | {"met": (rate.ratio or 0) >= 0.6}))
    return [
        rate,
        Row("one waits, median", [a.p50 for a, _ in pairs], "ms", [b.p50 for _, b in pairs], "floor"),
        Row("one waits, 95 of 100", [a.p95 for a, _ in pairs], "ms", [b.p95 for _, b in pairs], "floor"),
    ]


def _seat(copy: arena.Copy) -> list[Any]:
    """An exam that is open, with an attempt begun by each candidate."""
    with copy.stage() as stage:
        with stage.acting("exam") as actor:
            now = clock.now()
            window = now - timedelta(minutes=1), now + timedelta(days=1)
            plan = making.Plan("测速", "Bench", *window, minutes=600, pass_percent=Decimal(60))
            blueprint = making.Blueprint("hypertension", {}, "exact", {"single": 2, "multiple": 3})
            exam = making.create(actor, stage.institution(HOME), plan=plan, blueprint=blueprint)
            seating.add_candidates(actor, exam, persons=[stage.person(account) for account in CANDIDATES])
            exam_id = exam.id
        for officer in ("exam", "exam2"):
            with stage.acting(officer) as actor:
                exam = db.session.get_one(Exam, exam_id)
                making.approve(actor, exam, content_hash=exams.sealed(exam))
        return [_begin(stage, account, exam_id) for account in CANDIDATES]


def _begin(stage: Stage, account: str, exam_id: int) -> Any:
    with stage.acting(account) as actor:
        return sitting.start(actor, db.session.get_one(Exam, exam_id)).id
