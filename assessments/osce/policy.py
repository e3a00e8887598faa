"""Who may plan, run, mark and release practical exams, and read what came of them."""

from typing import Any

import sqlalchemy as sa

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitStation,
    ExaminerAssignment,
    State,
    stations_examined_by,
)
from lms.authz import Actor, ByRelation, ByRole, Permission, Role, declare
from lms.db import db


class Osce(Permission):
    """Permissions over circuits and sheets."""

    READ = "osce:circuit:read"
    PLAN = "osce:circuit:plan"
    CLOSE = "osce:circuit:close"
    SETTLE = "osce:sheet:settle"
    RELEASE = "osce:circuit:release"
    EXAMINE = "osce:station:list"
    MARK = "osce:station:mark"
    HAND_IN = "osce:sheet:hand_in"
    TABLETS = "osce:tablet:manage"
    OWN = "osce:own:list"
    RESULT = "osce:own:read"
    APPEAL = "osce:own:appeal"
    APPEALS = "osce:appeal:browse"
    ANSWER_APPEAL = "osce:appeal:answer"
    #: how stations and the circuit worked, and by which cuts
    QUALITY = "osce:quality:read"
    STANDARD = "osce:standard:set"
    #: how examiners marked beside others, under codes; and what they are called
    EXAMINERS = "osce:examiner:list"
    NAMES = "osce:examiner:name"
    EXAMINING = "osce:examining:read"


def examines(actor: Actor, on: Any) -> bool:
    """The actor is assigned to this circuit station today."""
    query = sa.select(CircuitStation.id).where(
        CircuitStation.id == on.id, CircuitStation.id.in_(stations_examined_by(actor.person_id or 0))
    )
    return isinstance(on, CircuitStation) and db.session.scalar(query) is not None


def has_examined(actor: Actor, on: Any) -> bool:
    """The actor is or was assigned to this circuit station: a tablet may hold sheets from when the right was there."""
    query = sa.select(ExaminerAssignment.id).where(
        ExaminerAssignment.circuit_station_id == on.id, ExaminerAssignment.examiner_id == actor.person_id
    )
    return isinstance(on, CircuitStation) and db.session.scalar(query.limit(1)) is not None


def was_examined(actor: Actor, on: Any) -> bool:
    """The actor is this candidate, and the circuit has been released."""
    return (
        isinstance(on, CircuitCandidate)
        and on.person_id == actor.person_id
        and db.session.scalar(sa.select(Circuit.state).where(Circuit.id == on.circuit_id)) == State.RELEASED
    )


def takes_part(actor: Actor, circuit: Circuit) -> bool:
    """The actor is a candidate of this circuit or has ever been its examiner: such a one does not decide about it."""
    if actor.person_id is None:
        return False
    sits = sa.select(CircuitCandidate.id).where(
        CircuitCandidate.circuit_id == circuit.id, CircuitCandidate.person_id == actor.person_id
    )
    judges = (
        sa.select(ExaminerAssignment.id)
        .join(CircuitStation, CircuitStation.id == ExaminerAssignment.circuit_station_id)
        .where(CircuitStation.circuit_id == circuit.id, ExaminerAssignment.examiner_id == actor.person_id)
    )
    return db.session.scalar(sits.limit(1)) is not None or db.session.scalar(judges.limit(1)) is not None


_officer = ByRole(Role.EXAM_OFFICER)
_examiner = ByRelation("examiner of this station while assigned", examines)
_once_examiner = ByRelation("examiner of this station, now or before", has_examined)
_candidate = ByRelation("candidate of this circuit once released", was_examined)

declare(
    {
        Osce.READ: [_officer, ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR)],
        Osce.PLAN: [_officer],
        Osce.CLOSE: [_officer],
        Osce.SETTLE: [_officer],
        Osce.RELEASE: [_officer],
        Osce.EXAMINE: [ByRole(Role.MENTOR)],
        Osce.MARK: [_examiner],
        Osce.HAND_IN: [_once_examiner],
        Osce.TABLETS: [_officer],
        Osce.OWN: [ByRole(Role.DOCTOR)],
        Osce.RESULT: [_candidate],
        Osce.APPEAL: [_candidate],
        Osce.APPEALS: [_officer],
        Osce.ANSWER_APPEAL: [_officer],
        Osce.QUALITY: [_officer, ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.AUDITOR)],
        Osce.STANDARD: [_officer],
        Osce.EXAMINERS: [_officer, ByRole(Role.AUDITOR)],
        Osce.NAMES: [_officer],
        Osce.EXAMINING: [ByRole(Role.MENTOR)],
    }
)
