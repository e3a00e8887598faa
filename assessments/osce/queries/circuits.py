"""Lists of circuits, and who could take part in one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitDecision, CircuitStation, ExaminerAssignment
from assessments.stations.models import StationVersion
from assessments.stations.queries import newest_approved
from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person, RoleGrant


@dataclass(frozen=True)
class Sought:
    """What somebody looks for among circuits; empty words do not narrow."""

    words: str = ""
    state: str = ""
    sort: str = "-on_day"


_SORTS: dict[str, Any] = {"title": Circuit.title, "state": Circuit.state, "on_day": Circuit.on_day}


def listing(actor: Actor, sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """Circuits of the subtrees the actor oversees, with institution and numbers of stations and candidates."""
    stations, sits = CircuitStation.__table__, CircuitCandidate.__table__
    query = sa.select(
        Circuit,
        shown_name().label("institution"),
        _count(stations, Circuit.id).label("stations"),
        _count(sits, Circuit.id).label("candidates"),
    ).join(Institution, Institution.id == Circuit.institution_id)
    query = query.where(Institution.path.within(list(actor.overseen)))
    if sought.words:
        query = query.where(Circuit.title.icontains(sought.words, autoescape=True))
    if sought.state:
        query = query.where(Circuit.state == sought.state)
    column = _SORTS.get(sought.sort.removeprefix("-"), Circuit.on_day)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, Circuit.id.desc())


def _count(table: Any, circuit_id: Any) -> Any:
    query = sa.select(sa.func.count()).where(table.c.circuit_id == circuit_id)
    return query.correlate(Circuit).scalar_subquery()


def newest_stations() -> list[StationVersion]:
    """The newest approved version of every station in use, with its station, by title."""
    return list(db.session.scalars(newest_approved()))


def stations_of(circuit: Circuit) -> list[CircuitStation]:
    """The stations of a circuit in order, with content and examiners: three statements."""
    query = (
        sa.select(CircuitStation)
        .where(CircuitStation.circuit_id == circuit.id)
        .order_by(CircuitStation.position)
        .options(
            orm.joinedload(CircuitStation.version).joinedload(StationVersion.station),
            orm.selectinload(CircuitStation.examiners),
        )
    )
    return list(db.session.scalars(query))


def candidates_of(circuit: Circuit) -> list[CircuitCandidate]:
    """The candidates of a circuit by number."""
    query = sa.select(CircuitCandidate).where(CircuitCandidate.circuit_id == circuit.id)
    return list(db.session.scalars(query.order_by(CircuitCandidate.number)))


def station_at(id: int, number: int) -> CircuitStation | None:
    """One station of one circuit, by the address of the page."""
    return db.session.scalar(
        sa.select(CircuitStation).where(CircuitStation.id == number, CircuitStation.circuit_id == id)
    )


def candidate_at(id: int, number: int) -> CircuitCandidate | None:
    """One candidate of one circuit, by the address of the page."""
    return db.session.scalar(
        sa.select(CircuitCandidate).where(CircuitCandidate.id == number, CircuitCandidate.circuit_id == id)
    )


def assignment_at(id: int, number: int) -> ExaminerAssignment | None:
    """One assignment in one circuit, by the address of the page."""
    query = (
        sa.select(ExaminerAssignment)
        .join(CircuitStation, CircuitStation.id == ExaminerAssignment.circuit_station_id)
        .where(ExaminerAssignment.id == number, CircuitStation.circuit_id == id)
    )
    return db.session.scalar(query)


@dataclass(frozen=True)
class Wanted:
    """Whom to look for; empty words do not narrow."""

    words: str = ""
    institution: int | None = None
    category: str = ""


def _people(wanted: Wanted) -> sa.Select[*tuple[Any, ...]]:
    query = (
        sa.select(Person, shown_name().label("institution"))
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.active)
        .order_by(Institution.path, Person.sort_key, Person.name, Person.id)
    )
    if wanted.words:
        query = query.where(Person.name.icontains(wanted.words, autoescape=True))
    if wanted.category:
        query = query.where(Person.category == wanted.category)
    if wanted.institution is not None:
        root = sa.select(Institution.path).where(Institution.id == wanted.institution).scalar_subquery()
        query = query.where(Institution.path.op("<@")(root))
    return query


def possible_candidates(circuit: Circuit, wanted: Wanted) -> sa.Select[*tuple[Any, ...]]:
    """Persons within reach who are not candidates yet and do not examine in this circuit."""
    taken, judges, places = CircuitCandidate.__table__, ExaminerAssignment.__table__, CircuitStation.__table__
    examining = (
        sa.select(judges.c.examiner_id)
        .join(places, places.c.id == judges.c.circuit_station_id)
        .where(places.c.circuit_id == circuit.id)
    )
    return _people(wanted).where(
        Person.id.not_in(sa.select(taken.c.person_id).where(taken.c.circuit_id == circuit.id)),
        Person.id.not_in(examining),
    )


def possible_examiners(place: CircuitStation, wanted: Wanted) -> sa.Select[*tuple[Any, ...]]:
    """Mentors and examiners within reach who are not assigned to this station and not candidates."""
    today, roles, taken = clock.today(), RoleGrant.__table__, CircuitCandidate.__table__
    mentors = sa.select(roles.c.person_id).where(
        roles.c.role == Role.MENTOR.value,
        roles.c.begins_on <= today,
        sa.or_(roles.c.ends_on.is_(None), roles.c.ends_on > today),
    )
    judges = ExaminerAssignment.__table__
    assigned = sa.select(judges.c.examiner_id).where(judges.c.circuit_station_id == place.id, judges.c.ends_on > today)
    return _people(wanted).where(
        Person.id.in_(mentors),
        Person.id.not_in(assigned),
        Person.id.not_in(sa.select(taken.c.person_id).where(taken.c.circuit_id == place.circuit_id)),
    )


def decisions_of(circuit: Circuit) -> list[tuple[CircuitDecision, str]]:
    """What officers did with a circuit and what they are called, newest first."""
    query = (
        sa.select(CircuitDecision, Person.name)
        .join(Person, Person.id == CircuitDecision.person_id)
        .where(CircuitDecision.circuit_id == circuit.id)
        .order_by(CircuitDecision.id.desc())
    )
    return [(decision, name) for decision, name in db.session.execute(query, execution_options=Everything)]


def now() -> datetime:
    """The database's clock."""
    at: datetime = db.session.scalars(sa.select(sa.func.clock_timestamp())).one()
    return at


def place_name(number: int) -> str:
    """What an institution is called."""
    return db.session.scalars(sa.select(shown_name()).where(Institution.id == number)).one()
