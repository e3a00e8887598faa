"""Whom to tell of what becomes of a practical exam."""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from assessments.osce import events
from assessments.osce.models import Circuit, CircuitAppeal, CircuitCandidate, CircuitScore
from assessments.osce.policy import Osce
from lms.authz import Role
from lms.db import Everything, db
from lms.i18n import _, _l, pick
from lms.notifications.queries import holders
from lms.notifications.rules.kinds import Facts, Group, Heard, How, Kind, Payload, Told


def _title(facts: Facts) -> str:
    return pick(facts["title"], facts["title_en"])


RELEASED = Kind(
    "osce.released",
    Group.EXAMS,
    _l("Results of practical exams"),
    lambda facts: _("Your result of the practical exam %(title)s is there", title=_title(facts)),
    "osce.result",
    ("id",),
    needs=Osce.OWN,
)
REVISED = Kind(
    "osce.revised",
    Group.EXAMS,
    _l("A practical result was corrected"),
    lambda facts: _("Your result of the practical exam %(title)s has changed", title=_title(facts)),
    "osce.result",
    ("id",),
    needed=True,
    needs=Osce.OWN,
)
APPEALED = Kind(
    "osce.appealed",
    Group.EXAMS,
    _l("Appeals about practical exams that wait for officers"),
    lambda facts: _("Somebody appeals against a result of the practical exam %(title)s", title=_title(facts)),
    "osce.appealed",
    ("id",),
    mail=How.DAILY,
    needs=Osce.APPEALS,
)
ANSWERED = Kind(
    "osce.answered",
    Group.EXAMS,
    _l("The answer to an appeal about a practical exam"),
    lambda facts: _("Your appeal about the practical exam %(title)s is answered", title=_title(facts)),
    "osce.result",
    ("id",),
    needed=True,
    needs=Osce.OWN,
)


def _circuit(number: int) -> Circuit:
    return db.session.get_one(Circuit, number, execution_options=Everything)


def _facts(circuit: Circuit, number: int) -> dict[str, Any]:
    return {"title": circuit.title, "title_en": circuit.title_en, "id": number}


def released(payload: Payload) -> Iterator[Told]:
    """Everybody who has a result."""
    circuit = _circuit(payload["circuit_id"])
    query = sa.select(CircuitScore.person_id, CircuitScore.candidate_id)
    query = query.where(CircuitScore.circuit_id == circuit.id, CircuitScore.version == 1)
    for person, candidate in db.session.execute(query, execution_options=Everything):
        yield Told(person, f"circuit:{circuit.id}", _facts(circuit, candidate))


def revised(payload: Payload) -> Iterator[Told]:
    """Those whose result changed."""
    circuit = _circuit(payload["circuit_id"])
    query = sa.select(CircuitScore.person_id, CircuitScore.candidate_id).where(CircuitScore.run_id == payload["run_id"])
    for person, candidate in db.session.execute(query, execution_options=Everything):
        yield Told(person, f"circuit:{circuit.id}:run:{payload['run_id']}", _facts(circuit, candidate))


def _appeal(payload: Payload) -> CircuitAppeal:
    return db.session.get_one(CircuitAppeal, payload["appeal_id"], execution_options=Everything)


def appealed(payload: Payload) -> Iterator[Told]:
    """The officers who can answer; nobody who is a candidate there."""
    appeal = _appeal(payload)
    circuit = _circuit(appeal.circuit_id)
    query = sa.select(CircuitCandidate.person_id).where(CircuitCandidate.circuit_id == circuit.id)
    there = set(db.session.scalars(query, execution_options=Everything))
    for officer in holders(Role.EXAM_OFFICER, circuit.institution_id):
        if officer not in there:
            yield Told(officer, f"appeal:{appeal.id}", _facts(circuit, appeal.id))


def answered(payload: Payload) -> Iterator[Told]:
    """Whoever appealed."""
    appeal = _appeal(payload)
    query = sa.select(CircuitScore.candidate_id).where(CircuitScore.id == appeal.score_id)
    candidate = db.session.scalars(query, execution_options=Everything).one()
    yield Told(appeal.person_id, f"appeal:{appeal.id}", _facts(_circuit(appeal.circuit_id), candidate))


HEARD: Final = (
    Heard(events.CircuitReleased, RELEASED, released),
    Heard(events.CircuitRevised, REVISED, revised),
    Heard(events.CircuitAppealed, APPEALED, appealed),
    Heard(events.CircuitAppealAnswered, ANSWERED, answered),
)
