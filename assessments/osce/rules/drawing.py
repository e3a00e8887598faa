"""Making a timetable: places and turns by the clock, examiners and tracks by the solver, everybody round by the scheme.

`draw` is feasible by construction. The number of turns is the least for so many candidates, tracks and places, as whole
groups go round together; the day is not claimed to be the shortest possible if groups were mixed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assessments.osce.rules.relief import stood_in
from assessments.osce.rules.rotation import (
    MOST_CANDIDATES,
    MOST_TRACKS,
    Cannot,
    Impossible,
    Pace,
    Place,
    Turn,
    checked,
    cycle_of,
    place_in,
    rotation,
    turns,
    waves_for,
)
from assessments.osce.rules.staffing import Bar, Judge, Pair, Seating, Task, staff
from assessments.osce.rules.timetable import Booking, Bound, Plan, Visit, key_of


@dataclass(frozen=True)
class Post:
    """What an officer says of one station in one track; a patient or device that is not named is not kept track of."""

    room: str
    patient: str = ""
    device: str = ""


@dataclass(frozen=True)
class Wishes:
    """What an officer asks for."""

    tracks: int
    posts: Mapping[tuple[int, int], Post]  # (track, station id)
    judges: tuple[Judge, ...]
    pace: Pace = field(default_factory=Pace)
    rests: tuple[int, ...] = ()
    rest_room: str = ""
    per_post: int = 1
    allowed: frozenset[Bar] = frozenset()


@dataclass(frozen=True)
class Drawn:
    """A plan, the pairs that meet because the officer allowed it, and the examiners who are left as a reserve."""

    plan: Plan
    met: tuple[Pair, ...]
    reserve: tuple[int, ...]


def draw(
    wishes: Wishes, stations: Sequence[tuple[int, int]], candidates: Sequence[int], pairs: Sequence[Pair]
) -> Drawn:
    """The timetable for these stations (id, own minutes) and candidates in order; raises Impossible, saying why."""
    if not candidates:
        raise Impossible(Cannot.NO_CANDIDATES)
    if len(candidates) > MOST_CANDIDATES:
        raise Impossible(Cannot.TOO_MANY_CANDIDATES, there=len(candidates), most=MOST_CANDIDATES)
    if not 1 <= wishes.tracks <= MOST_TRACKS:
        raise Impossible(Cannot.TRACKS, most=MOST_TRACKS)
    pace = checked(wishes.pace)
    places = rotation(stations, wishes.rests, pace.minutes)
    _posts_differ(wishes, [station for station, _ in stations])
    times = turns(pace, cycle_of(places), len(places), waves_for(len(candidates), wishes.tracks, len(places)))
    seating = staff(_task(wishes, [station for station, _ in stations], candidates, pairs, len(times)))
    where = _where(seating, candidates, len(places))
    used = max(wave for wave, _, _ in where.values())  # fewer than could be, if the tracks are not equally full
    times = [turn for turn in times if turn.wave <= used]
    visits, bookings = tuple(_visits(times, places, where)), tuple(_bookings(wishes, places, times, seating))
    plan = Plan(tuple(times), tuple(places), wishes.tracks, pace.change, bookings, visits, breaks=pace.breaks)
    reserve = [judge for judge in wishes.judges if not any(judge.id in seated for seated in seating.seats.values())]
    plan = stood_in(plan, reserve, pairs, [pair for pair in seating.met if pair.why not in wishes.allowed])
    return Drawn(plan, tuple(_met(plan, pairs)), tuple(judge.id for judge in reserve))


def _posts_differ(wishes: Wishes, stations: Sequence[int]) -> None:
    """Every post has a room, and no room, patient or device is named twice: all posts are used at the same time."""
    seen: dict[tuple[Bound, str], tuple[int, int]] = {}
    for track in range(1, wishes.tracks + 1):
        for station in stations:
            post = wishes.posts.get((track, station), Post(""))
            if not key_of(post.room):
                raise Impossible(Cannot.NO_ROOM, track=track, station=station)
            for kind, label in ((Bound.ROOM, post.room), (Bound.PATIENT, post.patient), (Bound.DEVICE, post.device)):
                other = seen.setdefault((kind, key_of(label)), (track, station)) if key_of(label) else (track, station)
                if other != (track, station):
                    raise Impossible(Cannot.TWICE, kind=kind, label=label, track=track, station=station, other=other)


def _task(
    wishes: Wishes, stations: Sequence[int], candidates: Sequence[int], pairs: Sequence[Pair], capacity: int
) -> Task:
    return Task(
        tuple(stations),
        wishes.tracks,
        capacity,
        wishes.per_post,
        wishes.judges,
        tuple(candidates),
        tuple(pairs),
        wishes.allowed,
    )


def _where(seating: Seating, candidates: Sequence[int], places: int) -> dict[int, tuple[int, int, int]]:
    """Each candidate's wave, track and order in it: every track is filled in the order of the list."""
    filled: dict[int, int] = defaultdict(int)
    where: dict[int, tuple[int, int, int]] = {}
    for candidate in candidates:
        track = seating.tracks[candidate]
        wave, order = divmod(filled[track], places)
        filled[track] += 1
        where[candidate] = (wave + 1, track, order)
    return where


def _visits(
    times: Sequence[Turn], places: Sequence[Place], where: Mapping[int, tuple[int, int, int]]
) -> Iterable[Visit]:
    by_wave: dict[int, list[Turn]] = defaultdict(list)
    for turn in times:
        by_wave[turn.wave].append(turn)
    for candidate, (wave, track, order) in where.items():
        for number, turn in enumerate(by_wave[wave]):
            place = places[place_in(order, number, len(places))]
            ends = turn.begins + place.minutes
            yield Visit(candidate, turn.number, track, place.position, place.station, turn.begins, ends)


def _bookings(wishes: Wishes, places: Sequence[Place], times: Sequence[Turn], seating: Seating) -> Iterable[Booking]:
    """Everything is bound to its post from the first turn to the end of the last."""
    begins, ends = times[0].begins, times[-1].begins + cycle_of(places)
    for track in range(1, wishes.tracks + 1):
        for place in places:
            at = (track, place.position, place.station, begins, ends)
            if place.station is None:
                if key_of(wishes.rest_room):
                    yield Booking(Bound.REST, key_of(wishes.rest_room), wishes.rest_room, *at)
                continue
            post = wishes.posts[track, place.station]
            for kind, label in ((Bound.ROOM, post.room), (Bound.PATIENT, post.patient), (Bound.DEVICE, post.device)):
                if key_of(label):
                    yield Booking(kind, key_of(label), label, *at)
            for seat, who in enumerate(seating.seats[track, place.station], 1):
                yield Booking(Bound.EXAMINER, str(who), str(who), *at, who, seat)


def _met(plan: Plan, pairs: Sequence[Pair]) -> Iterable[Pair]:
    """The pairs that meet by this plan."""
    sits: dict[tuple[int, int], list[Booking]] = defaultdict(list)
    for booking in plan.bookings:
        if booking.kind is Bound.EXAMINER:
            sits[booking.track, booking.position].append(booking)
    meets = {
        (booking.person, visit.candidate)
        for visit in plan.visits
        for booking in sits[visit.track, visit.position]
        if booking.begins < visit.ends and booking.ends > visit.begins
    }
    return (pair for pair in pairs if (pair.examiner, pair.candidate) in meets)
