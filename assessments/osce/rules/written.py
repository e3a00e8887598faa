"""Wishes, the frame of a plan and events as plain values and back: what a timetable keeps of itself beside its rows."""

from collections.abc import Iterable
from typing import Any

from assessments.osce.rules.drawing import Post, Wishes
from assessments.osce.rules.events import Event, What
from assessments.osce.rules.rotation import Pace, Place, Turn
from assessments.osce.rules.staffing import Bar, Judge
from assessments.osce.rules.timetable import Booking, Plan, Visit

Plain = dict[str, Any]


def wishes_written(wishes: Wishes) -> Plain:
    """What an officer asked for, as plain values."""
    pace = wishes.pace
    return {
        "tracks": wishes.tracks,
        "posts": [[track, at, p.room, p.patient, p.device] for (track, at), p in sorted(wishes.posts.items())],
        "judges": [[judge.id, judge.only] for judge in wishes.judges],
        "pace": [pace.begins, pace.latest, pace.minutes, pace.change, pace.gap, [list(one) for one in pace.breaks]],
        "rests": sorted(wishes.rests),
        "rest_room": wishes.rest_room,
        "per_post": wishes.per_post,
        "allowed": sorted(wishes.allowed),
    }


def wishes_read(plain: Plain) -> Wishes:
    """The same from plain values; homes of examiners are not part of it."""
    begins, latest, minutes, change, gap, breaks = plain["pace"]
    return Wishes(
        tracks=plain["tracks"],
        posts={(track, at): Post(room, patient, device) for track, at, room, patient, device in plain["posts"]},
        judges=tuple(Judge(who, only) for who, only in plain["judges"]),
        pace=Pace(begins, latest, minutes, change, gap, tuple((since, until) for since, until in breaks)),
        rests=tuple(plain["rests"]),
        rest_room=plain["rest_room"],
        per_post=plain["per_post"],
        allowed=frozenset(Bar(why) for why in plain["allowed"]),
    )


def frame_written(plan: Plan) -> Plain:
    """All of a plan but its bookings and visits."""
    return {
        "turns": [[turn.wave, turn.begins] for turn in plan.turns],
        "places": [[place.station, place.minutes] for place in plan.places],
        "tracks": plan.tracks,
        "change": plan.change,
        "breaks": [list(one) for one in plan.breaks],
        "away": sorted(plan.away),
        "withdrawn": sorted(plan.withdrawn),
    }


def plan_read(frame: Plain, bookings: Iterable[Booking], visits: Iterable[Visit]) -> Plan:
    """A plan from its frame, its bookings and its visits."""
    return Plan(
        turns=tuple(Turn(number, wave, begins) for number, (wave, begins) in enumerate(frame["turns"], 1)),
        places=tuple(Place(number, station, minutes) for number, (station, minutes) in enumerate(frame["places"], 1)),
        tracks=frame["tracks"],
        change=frame["change"],
        bookings=tuple(bookings),
        visits=tuple(visits),
        away=frozenset(frame["away"]),
        withdrawn=frozenset(frame["withdrawn"]),
        breaks=tuple((since, until) for since, until in frame["breaks"]),
    )


def event_written(event: Event) -> Plain:
    """What went otherwise, without what does not apply."""
    said = {**vars(event), "candidates": list(event.candidates)}
    return {name: value for name, value in said.items() if value not in (None, "", 0, [])}


def event_read(plain: Plain) -> Event:
    """The same from plain values."""
    more = {**plain, "what": What(plain["what"]), "candidates": tuple(plain.get("candidates", ()))}
    return Event(**more)
