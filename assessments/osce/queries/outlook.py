"""What a change of the day would come to, before anybody decides on it."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, Sheet, Timetable
from assessments.osce.queries import circuits, staffing
from assessments.osce.queries.refusals import KINDS, people, refusal
from assessments.osce.queries.timetable import minute_of, moment, plan_of
from assessments.osce.rules.events import Event, Known
from assessments.osce.rules.replanning import replan
from assessments.osce.rules.rotation import Impossible
from assessments.osce.rules.staffing import Bar, Judge
from assessments.osce.rules.timetable import Bound, Changes, Plan, changes
from lms import clock
from lms.db import db
from lms.digests import digest
from lms.errors import Conflict
from lms.i18n import _


@dataclass(frozen=True)
class Outlook:
    """The plan in force, the one that would follow, and what is otherwise in it."""

    old: Plan
    new: Plan

    @property
    def changes(self) -> Changes:
        """What is otherwise."""
        return changes(self.old, self.new)

    @property
    def hash(self) -> bytes:
        """Over the new plan: one confirms what one has seen."""
        rows = [[b.kind, b.key, b.track, b.position, b.seat, b.begins, b.ends] for b in self.new.bookings]
        come = [[v.candidate, v.turn, v.track, v.position, v.begins, v.missed] for v in self.new.visits]
        return digest([sorted(rows), sorted(come), sorted(self.new.away), sorted(self.new.withdrawn)])


def now_on(circuit: Circuit) -> int:
    """The minute of the circuit's day that it is by the database's clock."""
    return minute_of(circuit.on_day, circuits.now())


def known(circuit: Circuit, timetable: Timetable, plan: Plan, event: Event) -> Known:
    """What a new plan has to respect: who could examine, whom not, what is marked."""
    wished = [Judge(who, only) for who, only in timetable.parameters["wishes"]["judges"]]
    asked = {judge.id for judge in wished} | {b.person for b in plan.bookings if b.person is not None}
    extra = {event.substitute} - asked - {None}
    named = [one for one in (*asked, *extra) if one is not None]
    able = staffing.can_examine(circuit, named) | {b.person for b in plan.bookings if b.person is not None}
    homes = staffing.assigned(circuit)
    ties = {judge.id: judge.only for judge in wished}
    judges = [Judge(one, ties.get(one), frozenset(homes.get(one, ()))) for one in sorted(able) if one is not None]
    allowed = {Bar(why) for why in timetable.parameters["wishes"]["allowed"]}
    pairs = [pair for pair in staffing.pairs_of(circuit, named) if pair.why not in allowed]
    return Known(now_on(circuit), tuple(judges), tuple(pairs), marked(circuit))


def marked(circuit: Circuit) -> frozenset[tuple[int, int]]:
    """Candidate and station of every sheet that came in."""
    query = (
        sa.select(Sheet.candidate_id, Sheet.circuit_station_id)
        .join(CircuitStation, CircuitStation.id == Sheet.circuit_station_id)
        .where(CircuitStation.circuit_id == circuit.id)
        .distinct()
    )
    return frozenset(db.session.execute(query))


def outlook(circuit: Circuit, timetable: Timetable, event: Event) -> Outlook:
    """What would follow from this event; raises Invalid in words for people."""
    plan, listed = plan_of(timetable), {candidate.id for candidate in circuits.candidates_of(circuit)}
    event = replace(event, candidates=tuple(one for one in event.candidates if one in listed))
    try:
        new = replan(plan, event, known(circuit, timetable, plan, event))
    except Impossible as impossible:
        raise refusal(circuit, impossible) from impossible
    free_elsewhere(circuit, new)
    return Outlook(plan, new)


def unplaced(circuit: Circuit, plan: Plan) -> list[CircuitCandidate]:
    """Candidates on the list who stand in no slot and are not withdrawn: they were added later."""
    there = {visit.candidate for visit in plan.visits} | plan.withdrawn
    return [candidate for candidate in circuits.candidates_of(circuit) if candidate.id not in there]


def free_elsewhere(circuit: Circuit, plan: Plan) -> None:
    """Raise Conflict where the plan needs whom or what another circuit's timetable needs at the same time."""
    taken = staffing.elsewhere(circuit)
    if not taken:
        return
    spans: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}

    def needs(kind: str, key: str, begins: int, ends: int) -> None:
        spans.setdefault((kind, key), []).append((moment(circuit.on_day, begins), moment(circuit.on_day, ends)))

    for booking in plan.bookings:
        needs(booking.kind, booking.key, booking.begins, booking.ends)
    person_of = {row.id: row.person_id for row in circuits.candidates_of(circuit)}
    for visit in plan.visits:
        needs("candidate", str(person_of.get(visit.candidate)), visit.begins, visit.ends)
    for one in taken:
        for since, until in spans.get((one.kind, one.key), ()):
            if since < one.ends_at and until > one.begins_at:
                raise Conflict(_elsewhere(one))


def _elsewhere(one: staffing.Elsewhere) -> str:
    label = people([int(one.key)]).get(int(one.key), one.label) if one.kind == Bound.EXAMINER else one.label
    return str(
        _(
            "%(kind)s %(label)s is needed by another practical exam from %(since)s to %(until)s on that day.",
            kind=_("Candidate") if one.kind == "candidate" else KINDS[Bound(one.kind)],
            label=label,
            since=f"{clock.local(one.begins_at):%H:%M}",
            until=f"{clock.local(one.ends_at):%H:%M}",
        )
    )
