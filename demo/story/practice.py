"""Evaluations of clinical practice: some that stand, one that waits for its assessor."""

import random
from datetime import timedelta

import sqlalchemy as sa

from assessments.practice import queries, services
from assessments.practice.models import Evaluation
from demo.cast import SEED
from demo.story.stage import Stage
from lms import clock
from lms.db import db
from lms.people.models import Person

DONE_FOR = ("gp01", "gp02", "gp03")
WAITING_FOR = ("doctor", "gp05")


def hold(stage: Stage) -> None:
    """Assign them all, and bring the first to their end; what is there already stays as it is."""
    for account in (*DONE_FOR, *WAITING_FOR):
        evaluation = _there(stage, account) or _assign(stage, account)
        if account in DONE_FOR and not _accepted(stage, evaluation):
            _assess(stage, evaluation, account)
            _accept(stage, evaluation)


def _there(stage: Stage, account: str) -> int | None:
    with stage.acting("exam"):
        return db.session.scalar(sa.select(Evaluation.id).where(Evaluation.person_id == stage.person(account)))


def _accepted(stage: Stage, evaluation: int) -> bool:
    with stage.acting("exam"):
        return db.session.get_one(Evaluation, evaluation).percent is not None


def _assign(stage: Stage, account: str) -> int:
    with stage.acting("exam") as actor:
        made = services.assign(
            actor,
            db.session.get_one(Person, stage.person(account)),
            assessor=db.session.get_one(Person, stage.person("mentor")),
            version=queries.newest_forms()[0],
            period_from=clock.today() - timedelta(days=365),
            period_until=clock.today(),
        )
        return made.id


def _assess(stage: Stage, evaluation: int, account: str) -> None:
    drawn = random.Random(f"{SEED}:{account}")
    with stage.acting("mentor") as actor:
        row = db.session.get_one(Evaluation, evaluation)
        form = queries.form_of(row)
        scored = {one.number for one in queries.records(row)}
        for number in range(1, form.records_required + 1):
            if number not in scored:
                points = {one.code: one.points - drawn.randint(0, one.points // 3) for one in form.criteria}
                services.score(actor, row, number=number, label=f"2026 年第 {number} 份", scores=points)
        services.submit(actor, row)


def _accept(stage: Stage, evaluation: int) -> None:
    with stage.acting("exam2") as actor:
        row = db.session.get_one(Evaluation, evaluation)
        services.accept(actor, row, content_hash=queries.whole_hash(row, queries.records(row)))
