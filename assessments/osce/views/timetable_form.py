"""What an officer types to get a timetable, and what becomes of the day, read from the page."""

from typing import Any

from flask import request
from wtforms import SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from assessments.osce.models import Circuit, CircuitStation, Timetable
from assessments.osce.queries import circuits, staffing
from assessments.osce.queries.refusals import BARS, clocked, track_name
from assessments.osce.rules.drawing import Post, Wishes
from assessments.osce.rules.events import Event, What
from assessments.osce.rules.rotation import MOST_TRACKS, Pace
from assessments.osce.rules.staffing import Bar, Judge
from assessments.osce.rules.typed import breaks_of, breaks_written, clock_of, rests_of
from assessments.osce.rules.written import wishes_read
from lms.errors import Invalid
from lms.i18n import _, _l
from lms.web.forms import ChoicesField, Form, LongTextField, TextField, WholeNumberField, options

_LABEL = 60


def _a_clock(_form: Any, field: Any) -> None:
    if clock_of(field.data or "") is None:
        raise ValidationError(_("Not a time. Write it like 08:30."))


def _breaks(_form: Any, field: Any) -> None:
    if breaks_of(field.data or "") is None:
        raise ValidationError(_("Not breaks. Write them like 12:00-13:00, 15:10-15:20."))


def _rests(_form: Any, field: Any) -> None:
    if rests_of(field.data or "") is None:
        raise ValidationError(_("Not numbers. Write them like 4, 8."))


class TimetableForm(Form):
    """The clock of the day, rests, and what is allowed; posts and examiners stand beside it in a table each."""

    begins = TextField(_l("Begins at"), [InputRequired(), _a_clock])
    latest = TextField(_l("Ends at the latest"), [InputRequired(), _a_clock])
    minutes = WholeNumberField(
        _l("Minutes of every station"),
        [Optional(), NumberRange(1, 240)],
        description=_l("Empty: each station as long as it says itself; all change at the same time."),
    )
    change = WholeNumberField(_l("Minutes to change over"), [InputRequired(), NumberRange(0, 240)])
    gap = WholeNumberField(
        _l("Minutes between groups"), [InputRequired(), NumberRange(0, 240)], description=_l("To brief the next group.")
    )
    breaks = TextField(
        _l("Breaks"), [Optional(), Length(max=200), _breaks], description=_l("Like 12:00-13:00, 15:10-15:20.")
    )
    rests = TextField(
        _l("Rest after stations"), [Optional(), Length(max=120), _rests], description=_l("Like 4, 8. Empty: none.")
    )
    rest_room = TextField(_l("Rest room"), [Optional(), Length(max=_LABEL)])
    per_post = SelectField(_l("Examiners at each station"), coerce=int, choices=options([(1, "1"), (2, "2")]))
    allowed = ChoicesField(
        _l("Allowed where it cannot be helped"),
        choices=options([(Bar.APPRENTICE.value, BARS[Bar.APPRENTICE]), (Bar.INSTITUTION.value, BARS[Bar.INSTITUTION])]),
        description=_l("Otherwise nobody examines their own apprentice or somebody of their own institution."),
    )
    why_allowed = LongTextField(_l("Why it is allowed"), [Optional(), Length(max=400)])
    reason = LongTextField(_l("Reason for a new version"), [Optional(), Length(max=400)])


def tracks_asked(before: Timetable | None) -> int:
    """For how many tracks the page shows columns."""
    standing = before.parameters["wishes"]["tracks"] if before is not None else 1
    asked = request.values.get("tracks", standing, int)
    return max(1, min(int(asked), MOST_TRACKS))


def form_for(before: Timetable | None) -> TimetableForm:
    """The form with what was asked for last, or with what is usual."""
    wished = wishes_read(before.parameters["wishes"]) if before is not None else Wishes(1, {}, ())
    pace = wished.pace
    usual = {
        "begins": clocked(pace.begins),
        "latest": clocked(pace.latest),
        "minutes": pace.minutes,
        "change": pace.change,
        "gap": pace.gap,
        "breaks": breaks_written(pace.breaks),
        "rests": ", ".join(map(str, wished.rests)),
        "rest_room": wished.rest_room,
        "per_post": wished.per_post,
        "allowed": [str(why) for why in wished.allowed],
        "why_allowed": before.parameters["why_allowed"] if before is not None else "",
    }
    return TimetableForm(data=usual)


def posts_for(stations: list[CircuitStation], tracks: int, before: Timetable | None) -> dict[tuple[int, int], Post]:
    """Rooms, patients and devices as typed, as they were, or as they can be called."""
    held = dict(wishes_read(before.parameters["wishes"]).posts) if before is not None else {}
    sent = request.method == "POST"
    made: dict[tuple[int, int], Post] = {}
    for track in range(1, tracks + 1):
        for station in stations:
            at = f"{station.id}-{track}"
            if sent and f"room-{at}" in request.form:
                made[track, station.id] = Post(_label(f"room-{at}"), _label(f"patient-{at}"), _label(f"device-{at}"))
            else:
                made[track, station.id] = held.get((track, station.id)) or Post(_room(station, track))
    return made


def _room(station: CircuitStation, track: int) -> str:
    """The room that the station has; in other tracks, or without one, a name to begin with."""
    return station.room if track == 1 and station.room else f"{track_name(track)}{station.position:02}"


def _label(name: str) -> str:
    text = request.form.get(name, "").strip()
    if len(text) > _LABEL:
        raise Invalid(_("A name is too long: %(most)s characters at most.", most=_LABEL))
    return text


def judges_for(circuit: Circuit, before: Timetable | None) -> dict[int, int | None]:
    """Who is chosen, each with the station they are tied to: as ticked, as it was, or whoever is assigned."""
    if request.method == "POST":
        return {number: request.form.get(f"only-{number}", None, int) for number in request.form.getlist("judge", _id)}
    if before is not None:
        return {judge.id: judge.only for judge in wishes_read(before.parameters["wishes"]).judges}
    return dict.fromkeys(staffing.assigned(circuit))


def wishes_of(circuit: Circuit, form: TimetableForm, tracks: int) -> Wishes:
    """What was asked for, as the rules take it."""
    stations = circuits.stations_of(circuit)
    ours = {station.id for station in stations}
    pace = Pace(
        clock_of(form.begins.data or "") or 0,
        clock_of(form.latest.data or "") or 0,
        form.minutes.data,
        form.change.data or 0,
        form.gap.data or 0,
        breaks_of(form.breaks.data or "") or (),
    )
    chosen = judges_for(circuit, None)
    return Wishes(
        tracks=tracks,
        posts=posts_for(stations, tracks, None),
        judges=tuple(Judge(who, only if only in ours else None) for who, only in chosen.items()),
        pace=pace,
        rests=rests_of(form.rests.data or "") or (),
        rest_room=form.rest_room.data or "",
        per_post=form.per_post.data,
        allowed=frozenset(Bar(why) for why in form.allowed.data or []),
    )


def event_asked() -> Event | None:
    """What went otherwise, as the address or the form says it; None where it says nothing that is known."""
    asked = request.values
    if asked.get("what") not in list(What):
        return None
    return Event(
        What(asked["what"]),
        at=_clock(asked.get("at", "")),
        person=asked.get("person", None, _id),
        substitute=asked.get("substitute", None, _id),
        station=asked.get("station", None, _id),
        track=asked.get("track", None, _id),
        room=asked.get("room", "").strip()[:_LABEL],
        to=asked.get("to", "").strip()[:_LABEL],
        minutes=asked.get("minutes", 0, int),
        candidates=tuple(asked.getlist("candidate", _id)),
    )


def _id(text: str) -> int:
    """A number that can be an id; anything else is as good as nothing."""
    number = int(text)
    if not 0 < number < 1 << 63:
        raise ValueError
    return number


def _clock(text: str) -> int:
    """The minute that was typed; nothing typed is the beginning of the day."""
    if not text.strip():
        return 0
    minute = clock_of(text)
    if minute is None:
        raise Invalid(_("Not a time. Write it like 08:30."))
    return minute
