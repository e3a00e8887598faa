"""The nightly watch: score everybody, and raise as many flags as mentors can answer."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import sqlalchemy as sa

from assessments.stall import queries
from assessments.stall.events import FlagRaised
from assessments.stall.models import Flag, StallModel
from assessments.stall.policy import Stall
from assessments.stall.rules import FEATURES, History, Parameters, tidy
from assessments.stall.rules.history import day_of
from assessments.stall.rules.reasons import Case, plainly, strongest
from assessments.stall.services.training import train
from courses.mentoring.queries import pairs_on
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Invalid
from lms.events import publish
from lms.service import service, tell

#: A model learns anew when it is older than this.
RETRAIN_DAYS = 30
#: Marks that a flag keeps to be drawn.
KEPT_MARKS = 12


@dataclass(frozen=True)
class Capacity:
    """How many flags people can take: beyond it a list is not read."""

    #: open at once per mentor; for doctors without a mentor, per institution
    per_mentor: int = 5
    #: open at once about one doctor
    per_doctor: int = 2
    #: days after an answer in which the same technique of the same doctor is left alone
    quiet_days: int = 60


CAPACITY = Capacity()


def _model(actor: Actor, history: History, today: date) -> tuple[StallModel | None, str]:
    """The model to score with, and what is to be said of it."""
    row, why = queries.newest_model(), ""
    if row is not None:
        try:
            queries.fitted(row)
        except Invalid as refused:
            row, why = None, str(refused)
    if row is not None and clock.local(row.trained_at).date() > today - timedelta(days=RETRAIN_DAYS):
        return row, why
    try:
        return train(actor, None, history=history), why
    except Invalid as short:
        return row, "; ".join(filter(None, (why, str(short))))


Progress = Callable[[int, int], object]


@service(needs=Stall.WATCH)
def watch(actor: Actor, _on: None, *, today: date, progress: Progress) -> dict[str, Any]:
    """Look at everybody's marks and raise flags; again on the same day raises none that stands already."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("stall.watch", 0))))
    attempts = queries.attempts(today)
    if not attempts:
        return {"raised": 0, "pairs": 0, "why": "there are no marks yet"}
    progress(1, 4)
    history, _notes = tidy(attempts)
    row, why = _model(actor, history, today)
    scores = queries.scores(history, today, row)
    progress(2, 4)
    raised = [_flag(history, scores, index, today) for index in _chosen(history, scores, today)]
    homes = queries.at_work()
    for flag in raised:
        flag.institution_id = homes[flag.person_id]
    db.session.add_all(raised)
    db.session.flush()
    for flag in raised:
        publish(FlagRaised(flag.id, flag.person_id, flag.technique_id))
    progress(4, 4)
    by = scores.model.content_hash.hex() if scores.model else "plain rule"
    tell(raised=len(raised), pairs=len(scores.rows), by=by)
    return {"raised": len(raised), "pairs": len(scores.rows), "by": by, "why": why}


def _chosen(history: History, scores: queries.Scores, today: date) -> Iterator[int]:
    """Rows to flag, the likeliest first, as many as mentors and institutions can take."""
    homes, techniques = queries.at_work(), queries.in_use()
    mentors = {person: mentor for _, person, mentor in db.session.execute(pairs_on(today))}
    resting, about = queries.resting(today, CAPACITY.quiet_days), queries.open_counts()
    load_of: Counter[tuple[str, int]] = Counter()

    def whose(person: int) -> tuple[str, int]:
        return ("mentor", mentors[person]) if person in mentors else ("institution", homes.get(person, 0))

    for person, count in about.items():
        load_of[whose(person)] += count
    for index in np.argsort(-scores.order, kind="stable"):
        if scores.order[index] == -np.inf:
            return
        person, technique = _ids(history, scores, int(index))
        free = load_of[whose(person)] < CAPACITY.per_mentor and about[person] < CAPACITY.per_doctor
        if person in homes and technique in techniques and (person, technique) not in resting and free:
            load_of[whose(person)] += 1
            about[person] += 1
            yield int(index)


def _ids(history: History, scores: queries.Scores, index: int) -> tuple[int, int]:
    learner, skill = history.key(int(scores.rows.pair[index]))
    return int(learner), int(skill)


def _flag(history: History, scores: queries.Scores, index: int, today: date) -> Flag:
    person, technique = _ids(history, scores, index)
    at, marks = history.of(int(scores.rows.pair[index]), until=queries.day_number(today))
    case = Case(
        marks=tuple(map(float, marks)),
        figures=dict(zip(FEATURES, map(float, scores.rows.values[index]), strict=True)),
        parameters=Parameters(),
        probability=float(scores.probability[index]) if scores.model else None,
        base_rate=float(scores.model.card["base_rate"]) if scores.model else None,
    )
    if scores.contributions is None:
        reasons = plainly(case)
    else:
        reasons = strongest(case, dict(zip(FEATURES, map(float, scores.contributions[index]), strict=True)))
    return Flag(
        person_id=person,
        technique_id=technique,
        raised_on=today,
        since=day_of(at[int(np.argmax(marks))]),
        probability=None if case.probability is None else Decimal(f"{case.probability:.4f}"),
        level=Decimal(f"{case.level:.2f}"),
        reasons=reasons,
        history=[[day_of(day).isoformat(), round(float(mark), 1)] for day, mark in zip(at, marks, strict=True)][
            -KEPT_MARKS:
        ],
        model_hash=scores.model.content_hash if scores.model else None,
    )
