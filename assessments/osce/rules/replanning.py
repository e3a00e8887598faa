"""A new plan after something went otherwise: somebody is not there, comes late, a room is lost, a station is out.

Whatever has begun stays as it is; a visit that did not take place is kept and called missed.
"""

from collections.abc import Callable
from dataclasses import replace

from assessments.osce.rules.events import Event, Known, What, since_when, split
from assessments.osce.rules.makeup import lasting, make_up
from assessments.osce.rules.relief import relieved
from assessments.osce.rules.rotation import DAY, Cannot, Impossible
from assessments.osce.rules.timetable import Booking, Bound, Plan, Visit, key_of


def replan(plan: Plan, event: Event, known: Known) -> Plan:
    """The plan after this event; raises Impossible with what hinders it."""
    new = _DOES[event.what](plan, event, known)
    if new == plan:
        raise Impossible(Cannot.NOTHING_CHANGES)
    return new


def _makeup_since(event: Event, known: Known) -> int:
    return max(known.now + 1, event.at)


def _examiner_back(plan: Plan, event: Event, _known: Known) -> Plan:
    if event.person not in plan.away:
        raise Impossible(Cannot.NOT_THERE)
    return replace(plan, away=plan.away - {event.person or 0})


def _off(plan: Plan, event: Event, known: Known, here: Callable[[Visit], bool]) -> tuple[Plan, list[int]]:
    """The plan without these visits (those begun are called missed), and the stations that are left over."""
    if not any(visit.candidate == event.person for visit in plan.visits):
        raise Impossible(Cannot.NOT_THERE)
    kept, stations = [], []
    for visit in plan.visits:
        marked = visit.station is not None and (visit.candidate, visit.station) in known.marked
        if visit.candidate != event.person or visit.missed or marked or not here(visit):
            kept.append(visit)
            continue
        if visit.begins <= known.now:
            kept.append(replace(visit, missed=True))
        if visit.station is not None:
            stations.append(visit.station)
    return replace(plan, visits=tuple(kept)), stations


def _candidate_away(plan: Plan, event: Event, known: Known) -> Plan:
    left, _ = _off(plan, event, known, lambda visit: visit.begins >= event.at or visit.begins > known.now)
    return replace(left, withdrawn=plan.withdrawn | {event.person or 0})


def _candidate_late(plan: Plan, event: Event, known: Known) -> Plan:
    left, stations = _off(plan, event, known, lambda visit: visit.begins < event.at)
    return make_up(left, {event.person or 0: stations}, _makeup_since(event, known), known.barred)


def _candidate_missed(plan: Plan, event: Event, known: Known) -> Plan:
    if event.station is None or not any((v.candidate, v.station) == (event.person, event.station) for v in plan.visits):
        raise Impossible(Cannot.NOT_THERE)
    if (event.person, event.station) in known.marked:
        raise Impossible(Cannot.MARKED, candidate=event.person, station=event.station)
    left, stations = _off(plan, event, known, lambda visit: visit.station == event.station)
    return make_up(left, {event.person or 0: stations}, _makeup_since(event, known), known.barred)


def _place(plan: Plan, event: Event, known: Known) -> Plan:
    done = {(visit.candidate, visit.station) for visit in plan.visits if not visit.missed}
    held = dict.fromkeys(b.station for b in plan.bookings if b.kind is Bound.EXAMINER and b.ends == plan.ends)
    wants = {
        candidate: [s for s in held if s is not None and (candidate, s) not in done | known.marked]
        for candidate in event.candidates
    }
    back = replace(plan, withdrawn=plan.withdrawn - set(event.candidates))
    return make_up(back, wants, _makeup_since(event, known), known.barred)


def _room_lost(plan: Plan, event: Event, known: Known) -> Plan:
    since, lost, to = since_when(plan, event, known), key_of(event.room), key_of(event.to)
    if not to or to == lost:
        raise Impossible(Cannot.NO_ROOM)
    kept, cut = split(plan.bookings, lambda b: b.kind in (Bound.ROOM, Bound.REST) and b.key == lost, since)
    if not cut:
        raise Impossible(Cannot.NOT_THERE)
    for one in cut:
        other = next((b for b in kept if b.kind is Bound.ROOM and b.key == to and b.ends > one.begins), None)
        if other is not None and one.kind is Bound.ROOM and other.begins < one.ends:
            at = (other.track, other.station)
            raise Impossible(
                Cannot.TWICE, kind=Bound.ROOM, label=event.to, track=one.track, station=one.station, other=at
            )
    moved = [replace(one, key=to, label=event.to) for one in cut]
    return replace(plan, bookings=(*kept, *moved))


def _station_out(plan: Plan, event: Event, known: Known) -> Plan:
    """A station ends, in every track or in one; in one, whoever still comes there goes to another track."""
    since = since_when(plan, event, known)

    def here(one: Booking | Visit) -> bool:
        return one.station == event.station and event.track in (None, one.track)

    kept, cut = split(plan.bookings, here, since)
    if not cut:
        raise Impossible(Cannot.NOT_THERE)
    gone = [visit for visit in plan.visits if here(visit) and visit.begins >= since]
    left = replace(plan, bookings=tuple(kept), visits=tuple(v for v in plan.visits if v not in set(gone)))
    if event.track is None:
        return left
    wants = {visit.candidate: [event.station or 0] for visit in gone}
    return make_up(left, wants, since, known.barred)


def _delay(plan: Plan, event: Event, known: Known) -> Plan:
    """Everything that has not begun is later by so many minutes, breaks too."""
    since, by = since_when(plan, event, known), event.minutes
    if not 1 <= by <= 240:
        raise Impossible(Cannot.MINUTES, field="delay", least=1, most=240)
    if plan.ends + by > DAY:
        raise Impossible(Cannot.TOO_LONG, ends=plan.ends + by, latest=DAY, waves=0, fit=0)
    later = lasting(plan, plan.ends + by)
    return replace(
        later,
        turns=tuple(replace(t, begins=t.begins + by) if t.begins >= since else t for t in plan.turns),
        visits=tuple(_later(visit, by) if visit.begins >= since else visit for visit in plan.visits),
        bookings=tuple(_shifted(b, since, by, later.ends) for b in later.bookings),
        breaks=tuple((a + by, z + by) if a >= since else (a, z) for a, z in plan.breaks),
    )


def _later(visit: Visit, by: int) -> Visit:
    return replace(visit, begins=visit.begins + by, ends=visit.ends + by)


def _shifted(booking: Booking, since: int, by: int, last: int) -> Booking:
    begins = booking.begins + by if booking.begins >= since else booking.begins
    ends = booking.ends + by if since < booking.ends < last else booking.ends
    return replace(booking, begins=begins, ends=ends)


_DOES: dict[What, Callable[[Plan, Event, Known], Plan]] = {
    What.EXAMINER_AWAY: relieved,
    What.EXAMINER_BACK: _examiner_back,
    What.CANDIDATE_AWAY: _candidate_away,
    What.CANDIDATE_LATE: _candidate_late,
    What.CANDIDATE_MISSED: _candidate_missed,
    What.PLACE: _place,
    What.ROOM_LOST: _room_lost,
    What.STATION_OUT: _station_out,
    What.DELAY: _delay,
}
