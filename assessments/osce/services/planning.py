"""Planning a circuit: its stations, its examiners, its candidates, and the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitDecision,
    CircuitStation,
    Decided,
    ExaminerAssignment,
    Sheet,
    State,
    TimetableSlot,
)
from assessments.osce.policy import Osce
from assessments.osce.queries import circuits as queries
from assessments.osce.queries import sheets
from assessments.stations.models import StationVersion
from assessments.stations.queries import status_of
from assessments.stations.rules import Kind
from assessments.stations.rules.standing import Status
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.service import service, tell

#: A tablet may have been without network at the station and be found days later: its examiner can still hand in the
#: sheets for a month after the day.
EXAMINER_DAYS = 30
MOST_STATIONS = 40


@dataclass(frozen=True)
class Plan:
    """What a circuit is called, when it is, and whether only enrolled tablets may send its sheets."""

    title: str
    title_en: str | None
    on_day: date
    tablets_only: bool = False


@service(needs=Osce.PLAN)
def create(actor: Actor, institution: Institution, *, plan: Plan, stations: Sequence[int]) -> Circuit:
    """Plan a circuit of these station versions, in this order."""
    chosen = _versions(stations)
    circuit = Circuit(
        institution_id=institution.id,
        title=plan.title,
        title_en=plan.title_en,
        on_day=plan.on_day,
        tablets_only=plan.tablets_only,
        state=State.PLANNED,
        made_by_id=actor.person_id,
    )
    db.session.add(circuit)
    db.session.flush()
    db.session.add_all(
        CircuitStation(
            institution_id=institution.id, circuit_id=circuit.id, position=position, station_version_id=version.id
        )
        for position, version in enumerate(chosen, 1)
    )
    db.session.flush()
    tell(circuit=circuit.id, title=plan.title, on_day=plan.on_day, stations=[v.content_hash.hex() for v in chosen])
    return circuit


def _versions(numbers: Sequence[int]) -> list[StationVersion]:
    if not 1 <= len(numbers) <= MOST_STATIONS:
        raise Invalid(_("Choose from 1 to 40 stations."), field="stations")
    query = sa.select(StationVersion).where(
        StationVersion.id.in_(numbers), status_of(StationVersion) == Status.APPROVED
    )
    query = query.where(StationVersion.station.has(kind=Kind.STATION))
    rows = {row.id: row for row in db.session.scalars(query)}
    if set(numbers) - rows.keys():
        raise Invalid(_("Only approved stations can stand in a circuit; choose again."), field="stations")
    return [rows[number] for number in numbers]


@service(needs=Osce.PLAN)
def amend(actor: Actor, circuit: Circuit, *, plan: Plan) -> None:
    """Change name, day and the word about tablets of a circuit that has not begun."""
    _still(circuit, State.PLANNED)
    circuit.title, circuit.title_en, circuit.on_day = plan.title, plan.title_en, plan.on_day
    circuit.tablets_only = plan.tablets_only
    lasting = _right_ends(circuit)
    for place in queries.stations_of(circuit):
        for assignment in place.examiners:
            assignment.ends_on = lasting if assignment.in_force else assignment.ends_on
    tell(circuit=circuit.id, title=plan.title, on_day=plan.on_day, tablets_only=plan.tablets_only)


@service(needs=Osce.PLAN)
def place_station(actor: Actor, station: CircuitStation, *, room: str) -> None:
    """Say in which room a station stands."""
    station.room = room
    tell(circuit=station.circuit_id, station=station.id, room=room)


@service(needs=Osce.PLAN)
def add_candidates(actor: Actor, circuit: Circuit, *, persons: Sequence[int]) -> int:
    """Put these persons on the list, those within reach; each gets the next number. How many were added."""
    _still(circuit, State.PLANNED, State.RUNNING)
    db.session.refresh(circuit, with_for_update=True)
    chosen = _chosen(queries.possible_candidates(circuit, queries.Wanted()), persons)
    taken = sa.select(sa.func.coalesce(sa.func.max(CircuitCandidate.number), 0))
    last = db.session.scalar(taken.where(CircuitCandidate.circuit_id == circuit.id)) or 0
    db.session.add_all(
        CircuitCandidate(
            institution_id=circuit.institution_id,
            circuit_id=circuit.id,
            person_id=person.id,
            number=number,
            name=person.name,
            added_by_id=actor.person_id,
        )
        for number, person in enumerate(chosen, last + 1)
    )
    db.session.flush()
    tell(circuit=circuit.id, added=len(chosen))
    return len(chosen)


@service(needs=Osce.PLAN)
def remove_candidate(actor: Actor, candidate: CircuitCandidate) -> None:
    """Take somebody off the list, as long as nobody has marked them."""
    _still(candidate.circuit, State.PLANNED, State.RUNNING)
    if db.session.scalar(sa.select(Sheet.id).where(Sheet.candidate_id == candidate.id).limit(1)) is not None:
        raise Conflict(_("This candidate has been marked and stays on the list."))
    slotted = sa.select(TimetableSlot.id).where(TimetableSlot.candidate_id == candidate.id)
    if db.session.scalar(slotted.limit(1)) is not None:
        raise Conflict(
            _("This candidate stands in a timetable and stays on the list. Say there that they do not come.")
        )
    tell(circuit=candidate.circuit_id, number=candidate.number)
    db.session.delete(candidate)
    db.session.flush()


@service(needs=Osce.PLAN)
def assign(actor: Actor, station: CircuitStation, *, persons: Sequence[int]) -> int:
    """Let these mentors and examiners mark at the station, from today until a month after its day.

    After the release too: what a second examiner hands in then lies aside until a revision lets it count.
    """
    circuit = station.circuit
    _still(circuit, State.PLANNED, State.RUNNING, State.RELEASED)
    chosen = _chosen(queries.possible_examiners(station, queries.Wanted()), persons)
    db.session.add_all(
        ExaminerAssignment(
            institution_id=station.institution_id,
            circuit_station_id=station.id,
            examiner_id=person.id,
            name=person.name,
            begins_on=clock.today(),
            ends_on=_right_ends(circuit),
            assigned_by_id=actor.person_id,
        )
        for person in chosen
    )
    db.session.flush()
    tell(circuit=circuit.id, station=station.id, examiners=[person.id for person in chosen])
    return len(chosen)


def _chosen(possible: sa.Select[*tuple[Any, ...]], persons: Sequence[int]) -> list[Person]:
    """Those of the given persons who are possible, in the given order."""
    found = {row.Person.id: row.Person for row in db.session.execute(possible.where(Person.id.in_(persons)))}
    chosen = [found[number] for number in dict.fromkeys(persons) if number in found]
    if not chosen:
        raise Invalid(_("Nobody was found who could be added."))
    return chosen


def _right_ends(circuit: Circuit) -> date:
    return max(circuit.on_day, clock.today()) + timedelta(days=EXAMINER_DAYS)


@service(needs=Osce.PLAN)
def unassign(actor: Actor, assignment: ExaminerAssignment) -> None:
    """End an examiner's right to mark at a station today; what was handed in stays."""
    _still(assignment.station.circuit, State.PLANNED, State.RUNNING)
    if not assignment.in_force:
        raise Conflict(_("This assignment has ended already."))
    assignment.ends_on = clock.today()
    tell(station=assignment.circuit_station_id, examiner=assignment.examiner_id)


@service(needs=Osce.PLAN)
def start(actor: Actor, circuit: Circuit) -> None:
    """Open the stations for marking; every station has an examiner, and there is somebody to examine."""
    db.session.refresh(circuit, with_for_update=True)
    _still(circuit, State.PLANNED)
    if not queries.candidates_of(circuit):
        raise Invalid(_("Nobody is on the list of candidates yet."))
    for place in queries.stations_of(circuit):
        if not any(assignment.in_force for assignment in place.examiners):
            raise Invalid(_("Station %(number)s has no examiner yet.", number=place.position))
    circuit.state = State.RUNNING
    db.session.add(
        CircuitDecision(
            institution_id=circuit.institution_id,
            circuit_id=circuit.id,
            decided=Decided.STARTED,
            content_hash=sheets.board(circuit).hash,
            person_id=actor.person_id,
        )
    )
    tell(circuit=circuit.id)


def _still(circuit: Circuit, *states: State) -> None:
    if circuit.state not in states:
        raise Conflict(_("The circuit has gone on since; reload to see how it stands."))
