"""Who could examine in a circuit, whom they must not examine, and who and what is bound elsewhere on the same day."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessments.osce.models import (
    Bound,
    Circuit,
    CircuitCandidate,
    CircuitStation,
    ExaminerAssignment,
    Timetable,
    TimetableBooking,
    TimetableSlot,
)
from assessments.osce.rules.staffing import Bar, Pair
from courses.mentoring.models import Pairing, running
from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person, RoleGrant

#: As many mentors as a page can show to be ticked; a search narrows them.
MOST = 200


@dataclass
class Colleague:
    """Somebody who could examine: where they may mark already, and how many candidates they must not examine."""

    id: int
    name: str
    institution: str
    homes: set[int] = field(default_factory=set)
    barred: set[int] = field(default_factory=set)


def assigned(circuit: Circuit) -> dict[int, set[int]]:
    """The stations at which each examiner of the circuit may mark today."""
    today = clock.today()
    query = (
        sa.select(ExaminerAssignment.examiner_id, ExaminerAssignment.circuit_station_id)
        .join(CircuitStation, CircuitStation.id == ExaminerAssignment.circuit_station_id)
        .where(CircuitStation.circuit_id == circuit.id)
        .where(ExaminerAssignment.begins_on <= today, ExaminerAssignment.ends_on > today)
    )
    found: dict[int, set[int]] = {}
    for examiner, station in db.session.execute(query):
        found.setdefault(examiner, set()).add(station)
    return found


def pool(circuit: Circuit, words: str = "", also: Collection[int] = ()) -> list[Colleague]:
    """Mentors and examiners within reach who are no candidates, those assigned already and `also` before the others."""
    homes = assigned(circuit)
    first = sa.case((Person.id.in_({*homes, *also}), 0), else_=1)
    query = _people(circuit).order_by(first, Institution.path, Person.sort_key, Person.name, Person.id).limit(MOST)
    if words:
        named = Person.name.icontains(words, autoescape=True) | shown_name().icontains(words, autoescape=True)
        query = query.where(sa.or_(named, first == 0))
    found = [Colleague(row.id, row.name, row.institution) for row in db.session.execute(query)]
    barred: dict[int, set[int]] = {}
    for pair in pairs_of(circuit, [one.id for one in found]):
        barred.setdefault(pair.examiner, set()).add(pair.candidate)
    for one in found:
        one.homes, one.barred = homes.get(one.id, set()), barred.get(one.id, set())
    return found


def _people(circuit: Circuit) -> sa.Select[*tuple[Any, ...]]:
    today, roles, sits = clock.today(), RoleGrant.__table__, CircuitCandidate.__table__
    mentors = sa.select(roles.c.person_id).where(
        roles.c.role == Role.MENTOR.value,
        roles.c.begins_on <= today,
        sa.or_(roles.c.ends_on.is_(None), roles.c.ends_on > today),
    )
    return (
        sa.select(Person.id, Person.name, shown_name().label("institution"))
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.active, Person.id.in_(mentors))
        .where(Person.id.not_in(sa.select(sits.c.person_id).where(sits.c.circuit_id == circuit.id)))
    )


def can_examine(circuit: Circuit, persons: Collection[int]) -> set[int]:
    """Those of these persons who are mentors or examiners within reach and no candidates of the circuit."""
    return set(db.session.scalars(_people(circuit).where(Person.id.in_(persons))))


def pairs_of(circuit: Circuit, examiners: Collection[int]) -> list[Pair]:
    """Whom these examiners must not examine here: apprentices on the day of the circuit, people of their institution.

    By the institution of the main post; a pair whose other half lies outside the actor's reach counts all the same.
    """
    sits, person = CircuitCandidate, Person
    theirs = (
        sa.select(person.institution_id, sits.id)
        .join(sits, sits.person_id == person.id)
        .where(sits.circuit_id == circuit.id)
    )
    colleagues: dict[int, list[int]] = {}
    for institution, candidate in db.session.execute(theirs, execution_options=Everything):
        colleagues.setdefault(institution, []).append(candidate)
    own = sa.select(person.id, person.institution_id).where(person.id.in_(examiners)).order_by(person.id)
    found = [
        Pair(examiner, candidate, Bar.INSTITUTION)
        for examiner, institution in db.session.execute(own, execution_options=Everything)
        for candidate in colleagues.get(institution, [])
    ]
    taught = (
        sa.select(Pairing.mentor_id, sits.id)
        .join(sits, sits.person_id == Pairing.person_id)
        .where(sits.circuit_id == circuit.id, Pairing.mentor_id.in_(examiners), running(circuit.on_day))
        .order_by(Pairing.id)
    )
    apprentices = db.session.execute(taught, execution_options=Everything)
    return found + [Pair(mentor, candidate, Bar.APPRENTICE) for mentor, candidate in apprentices]


@dataclass(frozen=True)
class Elsewhere:
    """Somebody or something that another circuit's timetable of the day needs from–until."""

    kind: str
    key: str
    label: str
    begins_at: datetime
    ends_at: datetime


def elsewhere(circuit: Circuit) -> list[Elsewhere]:
    """What other circuits' timetables in force bind on the same day: people everywhere, things of the same host."""
    newest = (
        sa.select(sa.func.max(Timetable.id))
        .join(Circuit, Circuit.id == Timetable.circuit_id)
        .where(Circuit.on_day == circuit.on_day, Circuit.id != circuit.id)
        .group_by(Timetable.circuit_id)
    )
    joined = (Timetable, Timetable.id == TimetableBooking.timetable_id)
    held = (
        sa.select(TimetableBooking)
        .join(*joined)
        .join(Circuit, Circuit.id == Timetable.circuit_id)
        .where(Timetable.id.in_(newest), TimetableBooking.kind != Bound.REST)
        .where(sa.or_(TimetableBooking.kind == Bound.EXAMINER, Circuit.institution_id == circuit.institution_id))
    )
    come = (
        sa.select(
            TimetableSlot.person_id,
            CircuitCandidate.name,
            sa.func.min(TimetableSlot.begins_at),
            sa.func.max(TimetableSlot.ends_at),
        )
        .join(CircuitCandidate, CircuitCandidate.id == TimetableSlot.candidate_id)
        .where(TimetableSlot.timetable_id.in_(newest))
        .group_by(TimetableSlot.person_id, CircuitCandidate.name)
    )
    return [
        Elsewhere(row.kind, row.key, row.label, row.begins_at, row.ends_at)
        for row in db.session.scalars(held, execution_options=Everything)
    ] + [
        Elsewhere("candidate", str(person), name, since, until)
        for person, name, since, until in db.session.execute(come, execution_options=Everything)
    ]
