"""Tablets, what came from them, and what an examiner takes along on one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from assessments.osce.models import (
    Circuit,
    CircuitStation,
    ExaminerAssignment,
    Sheet,
    SheetAside,
    State,
    Tablet,
    TabletBriefing,
)
from assessments.osce.queries import sheets
from lms import clock, vault
from lms.authz import Actor
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person


@dataclass(frozen=True)
class Sought:
    """What an officer looks for among tablets; empty words do not narrow."""

    words: str = ""
    state: str = ""


_STATES: dict[str, Any] = {
    "waiting": sa.and_(Tablet.enrolled_at.is_(None), Tablet.revoked_at.is_(None)),
    "enrolled": sa.and_(Tablet.enrolled_at.is_not(None), Tablet.revoked_at.is_(None)),
    "revoked": Tablet.revoked_at.is_not(None),
}


def listing(sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """Tablets within reach with their institutions and how many sheets of each are kept aside; those in use first."""
    kept, taken = SheetAside.__table__, Sheet.__table__
    aside = sa.select(sa.func.count(sa.distinct(kept.c.sheet_id))).where(
        kept.c.tablet_id == Tablet.id, ~sa.exists().where(taken.c.id == kept.c.sheet_id)
    )
    query = (
        sa.select(Tablet, shown_name().label("institution"), aside.correlate(Tablet).scalar_subquery().label("aside"))
        .join(Institution, Institution.id == Tablet.institution_id)
        .order_by(Tablet.revoked_at.is_not(None), Tablet.label, Tablet.id)
    )
    if sought.words:
        query = query.where(Tablet.label.icontains(sought.words, autoescape=True))
    if sought.state in _STATES:
        query = query.where(_STATES[sought.state])
    return query


def waiting_for(code: str) -> Tablet | None:
    """The tablet that an officer announced under this code; held until the end of the transaction."""
    hashed = vault.current().blind_index(f"tablet code {code}")
    query = sa.select(Tablet).where(Tablet.code_hash == hashed, Tablet.code_until > clock.now())
    return db.session.scalar(query.with_for_update(), execution_options=Everything)


def known_as(name: bytes) -> Tablet | None:
    """The tablet whose key has this hash, wherever it belongs."""
    query = sa.select(Tablet).where(Tablet.key_hash == name)
    return db.session.scalar(query, execution_options=Everything) if name else None


def serves(tablet: Tablet, place: Institution) -> bool:
    """Whether a tablet belongs to where something is held, to what is above it, or to what is below it."""
    own, there = f"{tablet.institution.path}.", f"{place.path}."
    return own.startswith(there) or there.startswith(own)


def station_once(id: int) -> CircuitStation | None:
    """A station at which the actor examines or has examined: beyond today's reach, for what a tablet still holds."""
    mine = ExaminerAssignment.__table__
    query = sa.select(CircuitStation).where(
        CircuitStation.id == id,
        CircuitStation.id.in_(sa.select(mine.c.circuit_station_id).where(mine.c.examiner_id == db.actor.person_id)),
    )
    return db.session.scalar(query, execution_options=Everything) if id < 1 << 63 else None


def briefed(actor: Actor) -> list[CircuitStation]:
    """The stations that an examiner takes along today: those of today, and those that still run."""
    duties = sheets.duties(actor)
    return [one.station for one in duties if one.today or one.station.circuit.state == State.RUNNING]


@dataclass(frozen=True)
class Kept:
    """One sheet that came from a tablet and was kept aside."""

    aside: SheetAside
    circuit: Circuit
    position: int
    examiner: str
    taken: bool


def kept_from(tablet: Tablet) -> list[Kept]:
    """The sheets of a tablet that were kept aside, the newest first; `taken` where an officer let one count since."""
    query = (
        sa.select(
            SheetAside,
            Circuit,
            CircuitStation.position,
            Person.name,
            sa.exists().where(Sheet.__table__.c.id == SheetAside.sheet_id),
        )
        .join(CircuitStation, CircuitStation.id == SheetAside.circuit_station_id)
        .join(Circuit, Circuit.id == CircuitStation.circuit_id)
        .join(Person, Person.id == SheetAside.examiner_id)
        .where(SheetAside.tablet_id == tablet.id)
        .order_by(SheetAside.received_at.desc(), SheetAside.id.desc())
        .limit(200)
    )
    rows = db.session.execute(_only_reachable(query), execution_options=Everything)
    return [Kept(*row) for row in rows]


def _only_reachable(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """Of another county's circuit nothing is shown, whatever tablet it came from; the examiner's name may be."""
    roots = list(db.actor.overseen)
    below = sa.select(Institution.id).where(Institution.path.within(roots))
    return query.where(SheetAside.institution_id.in_(below))


def briefings_of(tablet: Tablet) -> list[tuple[datetime, str]]:
    """Who prepared a tablet when, the newest first."""
    query = (
        sa.select(TabletBriefing.at, Person.name)
        .join(Person, Person.id == TabletBriefing.person_id)
        .where(TabletBriefing.tablet_id == tablet.id)
        .order_by(TabletBriefing.id.desc())
        .limit(20)
    )
    return [(at, name) for at, name in db.session.execute(query, execution_options=Everything)]


def briefed_since(person_id: int, moment: datetime) -> bool:
    """Whether somebody has prepared a tablet since then."""
    query = sa.select(TabletBriefing.id).where(TabletBriefing.person_id == person_id, TabletBriefing.at >= moment)
    return db.session.scalar(query.limit(1)) is not None


def last_heard(circuit: Circuit) -> dict[int, datetime]:
    """When the centre last heard each examiner's tablet: a sheet of this circuit that came, or a briefing that day."""
    places = sa.select(CircuitStation.id).where(CircuitStation.circuit_id == circuit.id)
    examiners = sa.select(ExaminerAssignment.examiner_id).where(ExaminerAssignment.circuit_station_id.in_(places))
    day = sa.func.date(sa.func.timezone(str(clock.zone()), TabletBriefing.at))
    heard = sa.union_all(
        sa.select(Sheet.examiner_id.label("who"), Sheet.submitted_at.label("at")).where(
            Sheet.circuit_station_id.in_(places)
        ),
        sa.select(SheetAside.examiner_id, SheetAside.received_at).where(SheetAside.circuit_station_id.in_(places)),
        sa.select(TabletBriefing.person_id, sa.func.greatest(TabletBriefing.at, Tablet.last_seen_at))
        .join(Tablet, Tablet.id == TabletBriefing.tablet_id)
        .where(TabletBriefing.person_id.in_(examiners), day == circuit.on_day),
    ).subquery()
    query = sa.select(heard.c.who, sa.func.max(heard.c.at)).group_by(heard.c.who)
    found: dict[int, datetime] = {row.who: row[1] for row in db.session.execute(query, execution_options=Everything)}
    return found


def named(person_id: int) -> str:
    """What somebody is called."""
    query = sa.select(Person.name).where(Person.id == person_id)
    return db.session.scalars(query, execution_options=Everything).one()


def loaded(id: int) -> Tablet | None:
    """One tablet within reach."""
    return db.session.get(Tablet, id) if id < 1 << 63 else None


def rows(query: sa.Select[Any]) -> list[Any]:
    """All rows of a list, for a file."""
    return list(db.session.execute(query))
