"""Whom to tell of what becomes of a practice evaluation."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from flask_babel import format_date

from assessments.practice import events
from assessments.practice.models import Evaluation, EvaluationAppeal
from assessments.practice.policy import Practice
from lms.authz import Role
from lms.db import Everything, db
from lms.i18n import _, _l
from lms.notifications.queries import holders
from lms.notifications.rules.kinds import Facts, Group, Heard, How, Kind, Payload, Told


def _period(facts: Facts) -> str:
    begin, end = (format_date(date.fromisoformat(facts[name])) for name in ("begin", "end"))
    return str(_("Work from %(begin)s until %(end)s", begin=begin, end=end))


ASSIGNED = Kind(
    "practice.assigned",
    Group.PRACTICE,
    _l("Evaluations you are to make"),
    lambda _facts: _("You are asked to evaluate a doctor's practice"),
    "practice.records",
    ("id",),
    _period,
    needs=Practice.ASSESS_LIST,
)
ACCEPTED = Kind(
    "practice.accepted",
    Group.PRACTICE,
    _l("Results of practice evaluations"),
    lambda _facts: _("The result of your practice evaluation is there"),
    "practice.result",
    ("id",),
    _period,
    needs=Practice.OWN,
)
APPEALED = Kind(
    "practice.appealed",
    Group.PRACTICE,
    _l("Appeals about practice evaluations that wait for officers"),
    lambda _facts: _("A doctor appeals against a practice evaluation"),
    "practice.appealed",
    ("id",),
    _period,
    mail=How.DAILY,
    needs=Practice.APPEALS,
)
ANSWERED = Kind(
    "practice.answered",
    Group.PRACTICE,
    _l("The answer to an appeal about a practice evaluation"),
    lambda _facts: _("Your appeal about your practice evaluation is answered"),
    "practice.result",
    ("id",),
    _period,
    needed=True,
    needs=Practice.OWN,
)


def _facts(evaluation: Evaluation, number: int) -> dict[str, Any]:
    begin, end = evaluation.period_from.isoformat(), evaluation.period_until.isoformat()
    return {"id": number, "begin": begin, "end": end}


def _evaluation(number: int) -> Evaluation:
    return db.session.get_one(Evaluation, number, execution_options=Everything)


def _appeal(payload: Payload) -> EvaluationAppeal:
    return db.session.get_one(EvaluationAppeal, payload["appeal_id"], execution_options=Everything)


def assigned(payload: Payload) -> Iterator[Told]:
    """The assessor."""
    one = _evaluation(payload["evaluation_id"])
    yield Told(one.assessor_id, f"evaluation:{one.id}", _facts(one, one.id))


def accepted(payload: Payload) -> Iterator[Told]:
    """The doctor."""
    one = _evaluation(payload["evaluation_id"])
    yield Told(one.person_id, f"evaluation:{one.id}", _facts(one, one.id))


def appealed(payload: Payload) -> Iterator[Told]:
    """The officers who can answer; neither the doctor nor the assessor."""
    appeal = _appeal(payload)
    one = _evaluation(appeal.evaluation_id)
    for officer in holders(Role.EXAM_OFFICER, one.institution_id):
        if officer not in (one.person_id, one.assessor_id):
            yield Told(officer, f"appeal:{appeal.id}", _facts(one, appeal.id))


def answered(payload: Payload) -> Iterator[Told]:
    """The doctor who appealed."""
    appeal = _appeal(payload)
    one = _evaluation(appeal.evaluation_id)
    yield Told(appeal.person_id, f"appeal:{appeal.id}", _facts(one, one.id))


HEARD: Final = (
    Heard(events.EvaluationAssigned, ASSIGNED, assigned),
    Heard(events.EvaluationAccepted, ACCEPTED, accepted),
    Heard(events.EvaluationAppealed, APPEALED, appealed),
    Heard(events.EvaluationAppealAnswered, ANSWERED, answered),
)
