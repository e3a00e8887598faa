"""Making the timetable of a circuit, and a new version of it when the day goes otherwise."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from assessments.osce.models import (
    Bound,
    Circuit,
    CircuitCandidate,
    CircuitPost,
    CircuitStation,
    Sheet,
    SheetAside,
    State,
    Timetable,
    TimetableBooking,
    TimetableSlot,
)
from assessments.osce.policy import Osce
from assessments.osce.queries import blueprints, staffing
from assessments.osce.queries import circuits as queries
from assessments.osce.queries import outlook as ahead
from assessments.osce.queries.refusals import people, refusal
from assessments.osce.queries.timetable import in_force, moment
from assessments.osce.rules.drawing import Drawn, Wishes, draw
from assessments.osce.rules.events import Event
from assessments.osce.rules.rotation import Impossible
from assessments.osce.rules.staffing import Judge, Pair
from assessments.osce.rules.timetable import Plan, faults
from assessments.osce.rules.written import event_written, frame_written, wishes_written
from assessments.osce.services import planning
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.digests import digest
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell


@service(needs=Osce.PLAN)
def generate(actor: Actor, circuit: Circuit, *, wishes: Wishes, reason: str = "", why_allowed: str = "") -> Timetable:
    """Draw the timetable by these wishes and let its examiners mark; raises Invalid with what hinders it."""
    _lock(circuit)
    _may_be_drawn(circuit)
    before = _newest(circuit)
    if before is not None and not reason:
        raise Invalid(_("Say why the timetable is made anew."), field="reason")
    if wishes.allowed and not why_allowed:
        raise Invalid(_("Say why examiners may examine whom they otherwise must not."), field="why_allowed")
    drawn, pairs = _drawn(circuit, wishes)
    ahead.free_elsewhere(circuit, drawn.plan)
    _sound(circuit, drawn.plan, [pair for pair in pairs if pair.why not in wishes.allowed], whole=True)
    met = [[pair.examiner, pair.candidate, pair.why] for pair in drawn.met]
    parameters = {"wishes": wishes_written(wishes), "why_allowed": why_allowed, "met": met}
    made = _keep(actor, circuit, drawn.plan, parameters=parameters, reason=reason if before is not None else "")
    _give_rights(actor, circuit, drawn.plan, since=0)
    return made


def _lock(circuit: Circuit) -> None:
    """One plan at a time for all circuits of a day, so that nobody is promised to two of them at once."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(7105, circuit.on_day.toordinal())))
    db.session.refresh(circuit, with_for_update=True)


def _may_be_drawn(circuit: Circuit) -> None:
    if circuit.state not in (State.PLANNED, State.RUNNING):
        raise Conflict(_("Marking is closed; the timetable stays as it was."))
    if circuit.state == State.RUNNING and ahead.marked(circuit):
        raise Conflict(_("Candidates have been marked already. Change the timetable instead of making it anew."))


def _newest(circuit: Circuit) -> Timetable | None:
    query = sa.select(Timetable).where(Timetable.circuit_id == circuit.id).order_by(Timetable.number.desc()).limit(1)
    return db.session.scalar(query)


def _drawn(circuit: Circuit, wishes: Wishes) -> tuple[Drawn, list[Pair]]:
    homes = staffing.assigned(circuit)
    able = staffing.can_examine(circuit, [judge.id for judge in wishes.judges])
    judges = tuple(Judge(one.id, one.only, frozenset(homes.get(one.id, ()))) for one in wishes.judges if one.id in able)
    posts = blueprints.posts_of(circuit)
    stations = [(place.id, _minutes(place, posts.get(place.id))) for place in queries.stations_of(circuit)]
    candidates = [candidate.id for candidate in queries.candidates_of(circuit)]
    pairs = staffing.pairs_of(circuit, [judge.id for judge in judges])
    try:
        return draw(replace(wishes, judges=judges), stations, candidates, pairs), pairs
    except Impossible as impossible:
        raise refusal(circuit, impossible) from impossible


def _sound(circuit: Circuit, plan: Plan, pairs: Iterable[Pair], *, whole: bool = False) -> None:
    """A plan with a fault is never kept: that would be a mistake of ours, and it is said so."""
    everybody = [one.id for one in queries.candidates_of(circuit)] if whole else []
    found = faults(plan, pairs, whole=everybody)
    if found:
        raise AssertionError(f"a faulty timetable was drawn: {found[:3]}")


def _minutes(place: CircuitStation, post: CircuitPost | None) -> int:
    """What the blueprint's post gives it, else what the station itself says."""
    return (post.minutes if post is not None else None) or int(place.version.body["minutes"])


@service(needs=Osce.PLAN)
def change(actor: Actor, circuit: Circuit, *, event: Event, over: bytes, seen: bytes, reason: str) -> Timetable:
    """Make the version that follows from an event: over the version in force, and as it was shown beforehand."""
    _lock(circuit)
    if circuit.state not in (State.PLANNED, State.RUNNING):
        raise Conflict(_("Marking is closed; the timetable stays as it was."))
    timetable = in_force(circuit)
    if timetable is None or timetable.content_hash != over:
        raise Conflict(_("The timetable has been changed since; look at it again."))
    if not reason:
        raise Invalid(_("Say why the timetable is changed."), field="reason")
    shown = ahead.outlook(circuit, timetable, event)
    if shown.hash != seen:
        raise Conflict(_("Time has gone on, and the change would be another one now. Look at it again."))
    _sound(circuit, shown.new, [])
    parameters = {**timetable.parameters, "event": event_written(event)}
    made = _keep(actor, circuit, shown.new, parameters=parameters, reason=reason)
    _give_rights(actor, circuit, shown.new, since=ahead.now_on(circuit))
    tell(event=event.what, moved=len(shown.changes.candidates))
    return made


def _keep(actor: Actor, circuit: Circuit, plan: Plan, *, parameters: dict[str, Any], reason: str) -> Timetable:
    """Write a version down with its bookings and slots: three statements however many they are."""
    last = _newest(circuit)
    bookings, slots = _booking_rows(circuit, plan), _slot_rows(circuit, plan)
    parameters = {**parameters, "frame": frame_written(plan)}
    made = Timetable(
        institution_id=circuit.institution_id,
        circuit_id=circuit.id,
        number=last.number + 1 if last is not None else 1,
        parameters=parameters,
        begins_at=moment(circuit.on_day, plan.begins),
        ends_at=moment(circuit.on_day, plan.ends),
        content_hash=digest([circuit.id, parameters, _hashed(bookings), _hashed(slots)]),
        reason=reason,
        made_by_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    for model, rows in ((TimetableBooking, bookings), (TimetableSlot, slots)):
        filled = [{"timetable_id": made.id, **row} for row in rows]
        db.session.execute(insert_many(model, filled), execution_options=Everything)
    tell(circuit=circuit.id, version=made.number, hash=made.content_hash.hex(), slots=len(slots), reason=reason)
    return made


def _hashed(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    plain = ("begins_at", "ends_at")
    return [{k: v.isoformat() if k in plain else v for k, v in row.items()} for row in rows]


def _booking_rows(circuit: Circuit, plan: Plan) -> list[dict[str, Any]]:
    called = people([b.person for b in plan.bookings if b.person is not None])
    return [
        {
            "institution_id": circuit.institution_id,
            "track": b.track,
            "position": b.position,
            "circuit_station_id": b.station,
            "kind": str(b.kind),
            "key": b.key,
            "label": b.label if b.person is None else called[b.person],
            "person_id": b.person,
            "seat": b.seat,
            "begins_at": moment(circuit.on_day, b.begins),
            "ends_at": moment(circuit.on_day, b.ends),
        }
        for b in plan.bookings
    ]


def _slot_rows(circuit: Circuit, plan: Plan) -> list[dict[str, Any]]:
    sits = sa.select(CircuitCandidate.id, CircuitCandidate.person_id).where(CircuitCandidate.circuit_id == circuit.id)
    persons: dict[int, int] = dict(db.session.execute(sits).all())
    return [
        {
            "institution_id": circuit.institution_id,
            "person_id": persons[v.candidate],
            "candidate_id": v.candidate,
            "turn": v.turn,
            "track": v.track,
            "position": v.position,
            "circuit_station_id": v.station,
            "begins_at": moment(circuit.on_day, v.begins),
            "ends_at": moment(circuit.on_day, v.ends),
            "missed": v.missed,
        }
        for v in plan.visits
    ]


def _give_rights(actor: Actor, circuit: Circuit, plan: Plan, *, since: int) -> None:
    """Whoever sits at a station from then on may mark there; who sits there no longer, and marked nothing, may not."""
    seated: dict[int, set[int]] = defaultdict(set)
    for booking in plan.bookings:
        if booking.kind is Bound.EXAMINER and booking.station is not None and booking.ends > since:
            seated[booking.station].add(booking.person or 0)
    used = _used(circuit)
    for place in queries.stations_of(circuit):
        may = {one.examiner_id: one for one in place.examiners if one.in_force}
        missing = sorted(seated[place.id] - may.keys())
        if missing and planning.assign(actor, place, persons=missing) < len(missing):
            raise Invalid(_("Somebody chosen is no examiner of your area any more. Choose the examiners again."))
        for examiner, assignment in may.items():
            if examiner not in seated[place.id] and (place.id, examiner) not in used:
                planning.unassign(actor, assignment)


def _used(circuit: Circuit) -> set[tuple[int, int]]:
    """Station and examiner of every sheet that came in, and of every seat whose time had begun.

    A tablet without network may hold sheets of somebody who has been relieved since.
    """
    places = sa.select(CircuitStation.id).where(CircuitStation.circuit_id == circuit.id)
    found: set[tuple[int, int]] = set()
    for row in (Sheet, SheetAside):
        query = sa.select(row.circuit_station_id, row.examiner_id).where(row.circuit_station_id.in_(places))
        found |= set(db.session.execute(query.distinct()))
    sat = sa.select(TimetableBooking.circuit_station_id, TimetableBooking.person_id).where(
        TimetableBooking.circuit_station_id.in_(places),
        TimetableBooking.kind == Bound.EXAMINER,
        TimetableBooking.begins_at <= sa.func.clock_timestamp(),
    )
    return found | {(station or 0, who or 0) for station, who in db.session.execute(sat.distinct())}
