"""Why there is no such timetable, in words for an officer: which wish, which post, who."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from assessments.osce.models import Bound, Circuit, CircuitCandidate, CircuitStation
from assessments.osce.rules.rotation import Cannot, Impossible
from assessments.osce.rules.staffing import Bar, Pair
from assessments.osce.rules.timetable import Booking, Visit
from lms.db import Everything, db
from lms.errors import Invalid
from lms.i18n import _, _l
from lms.people.models import Person

BARS = {
    Bar.APPRENTICE: _l("own apprentice"),
    Bar.INSTITUTION: _l("same institution"),
}
KINDS = {
    Bound.EXAMINER: _l("Examiner"),
    Bound.ROOM: _l("Room"),
    Bound.PATIENT: _l("Standardised patient"),
    Bound.DEVICE: _l("Device"),
    Bound.REST: _l("Rest room"),
}
FIELDS = {
    "change": _l("Minutes to change over"),
    "gap": _l("Minutes between groups"),
    "minutes": _l("Minutes of every station"),
    "delay": _l("Minutes later"),
}
#: As many pairs are named; the rest is counted.
NAMED = 6


def clocked(minute: int) -> str:
    """A minute of the day as the clock shows it; past midnight it goes on counting."""
    return f"{minute // 60:02}:{minute % 60:02}"


def track_name(track: int) -> str:
    """A track as people call it: A, B …"""
    return chr(ord("A") + track - 1)


def span(one: Booking | Visit | None) -> str:
    """From–until as the clock shows it; a dash for nothing."""
    return f"{clocked(one.begins)}–{clocked(one.ends)}" if one is not None else "–"


class Names:
    """What the people, candidates and stations of a circuit are called."""

    def __init__(self, circuit: Circuit) -> None:
        listed = sa.select(CircuitCandidate.id, CircuitCandidate.number, CircuitCandidate.name)
        rows = db.session.execute(listed.where(CircuitCandidate.circuit_id == circuit.id))
        self.candidates = {row.id: (row.number, row.name) for row in rows}
        placed = sa.select(CircuitStation.id, CircuitStation.position)
        self.stations: dict[int, int] = dict(
            db.session.execute(placed.where(CircuitStation.circuit_id == circuit.id)).all()
        )

    def candidate(self, number: int) -> str:
        """Number and name."""
        no, name = self.candidates.get(number, (0, "?"))
        return str(_("No. %(number)s %(name)s", number=no, name=name))

    def post(self, track: int, station: int | None) -> str:
        """Track and station of a post."""
        if station is None:
            return str(_("Rest, track %(track)s", track=track_name(track)))
        return str(
            _("Station %(number)s, track %(track)s", number=self.stations.get(station, "?"), track=track_name(track))
        )


def people(numbers: list[int]) -> dict[int, str]:
    """What these persons are called."""
    query = sa.select(Person.id, Person.name).where(Person.id.in_(numbers))
    return dict(db.session.execute(query, execution_options=Everything).all())


def refusal(circuit: Circuit, impossible: Impossible) -> Invalid:
    """The refusal to raise, in words; where a form shows it stands in `field`."""
    names = Names(circuit)
    return Invalid(str(_WORDS[impossible.why](names, impossible.facts)), field=impossible.facts.get("field"))


def _barred(names: Names, facts: dict[str, Any]) -> str:
    pairs: list[Pair] = list(dict.fromkeys(facts["pairs"]))
    called = people([pair.examiner for pair in pairs])
    said = [
        _(
            "%(examiner)s – %(candidate)s (%(why)s)",
            examiner=called.get(pair.examiner, "?"),
            candidate=names.candidate(pair.candidate),
            why=BARS[pair.why],
        )
        for pair in pairs[:NAMED]
    ]
    if len(pairs) > NAMED:
        said.append(_("and %(number)s more", number=len(pairs) - NAMED))
    return str(
        _(
            "With these examiners some would examine whom they must not: %(pairs)s. Choose more examiners, or allow it "
            "with a reason.",
            pairs=_("; ").join(said),
        )
    )


def _twice(names: Names, facts: dict[str, Any]) -> str:
    return str(
        _(
            "%(kind)s “%(label)s” is named at two posts at the same time: %(one)s, and %(other)s.",
            kind=KINDS[facts["kind"]],
            label=facts["label"],
            one=names.post(facts["track"], facts["station"]),
            other=names.post(*facts["other"]),
        )
    )


def _nobody(names: Names, facts: dict[str, Any]) -> str:
    post, since = names.post(facts["track"], facts["station"]), clocked(facts["begins"])
    if not facts["free"]:
        return str(
            _(
                "Nobody is in reserve for %(post)s from %(since)s. Name a substitute, or take the station out there.",
                post=post,
                since=since,
            )
        )
    free = people(list(facts["free"]))
    return str(
        _(
            "None of those in reserve (%(names)s) may examine everybody who comes to %(post)s from %(since)s. Name "
            "another substitute.",
            names=_(", ").join(free.values()),
            post=post,
            since=since,
        )
    )


def _too_long(_names: Names, facts: dict[str, Any]) -> str:
    if not facts["waves"]:
        return str(_("The day would last until after midnight."))
    return str(
        _(
            "The day would last until %(ends)s, after the latest end %(latest)s: %(waves)s groups go round one after "
            "another, and %(fit)s fit. Begin earlier, add a track, or shorten the minutes.",
            ends=clocked(facts["ends"]) if facts["ends"] < 48 * 60 else _("days later"),
            latest=clocked(facts["latest"]),
            waves=facts["waves"],
            fit=facts["fit"],
        )
    )


_WORDS: dict[Cannot, Callable[[Names, dict[str, Any]], str]] = {
    Cannot.NO_CANDIDATES: lambda *_a: _("Nobody is on the list of candidates yet."),
    Cannot.TOO_MANY_CANDIDATES: lambda _n, f: _(
        "%(there)s candidates are too many for one day: %(most)s at most. Split them over several circuits.", **f
    ),
    Cannot.NO_STATIONS: lambda *_a: _("This circuit has no stations yet."),
    Cannot.TRACKS: lambda _n, f: _("There are 1 to %(most)s tracks.", **f),
    Cannot.MINUTES: lambda _n, f: _(
        "%(what)s: from %(least)s to %(most)s.", what=FIELDS[f["field"]], least=f["least"], most=f["most"]
    ),
    Cannot.TOO_SHORT: lambda _n, f: _(
        "Station %(station)s needs %(minutes)s minutes; every station was to last %(rhythm)s.", **f
    ),
    Cannot.CLOCK: lambda *_a: _("The latest end must come after the beginning, on the same day."),
    Cannot.BREAK: lambda _n, f: _(
        "The break %(begins)s–%(ends)s is none: it must end after it begins and be shorter than the day.",
        begins=clocked(f["begins"]),
        ends=clocked(f["ends"]),
    ),
    Cannot.REST: lambda _n, f: _("There is no station %(after)s to rest after; there are %(most)s.", **f),
    Cannot.TOO_LONG: _too_long,
    Cannot.NO_ROOM: lambda n, f: (
        _("%(post)s has no room.", post=n.post(f["track"], f["station"])) if f else _("Say which other room is used.")
    ),
    Cannot.TWICE: _twice,
    Cannot.TOO_FEW_EXAMINERS: lambda _n, f: _("%(wanted)s seats need an examiner; %(there)s are chosen.", **f),
    Cannot.STATION_UNMANNED: lambda n, f: _(
        "Station %(number)s needs %(wanted)s examiners who may sit there; too few are left for it.",
        number=n.stations.get(f["station"], "?"),
        wanted=f["wanted"],
    ),
    Cannot.BARRED: _barred,
    Cannot.UNSOLVED: lambda *_a: _("No timetable was found in time. Choose more examiners, or fewer fixed stations."),
    Cannot.OVER: lambda *_a: _("No turn begins after that any more; nothing is left to change."),
    Cannot.NOT_THERE: lambda *_a: _("This does not stand in the timetable from then on."),
    Cannot.NOBODY_FREE: _nobody,
    Cannot.NOTHING_CHANGES: lambda *_a: _("Nothing in the timetable would change."),
    Cannot.NO_PLACE: lambda n, f: _(
        "%(candidate)s finds no time today at station %(number)s with an examiner who may examine them.",
        candidate=n.candidate(f["candidate"]),
        number=n.stations.get(f["station"], "?"),
    ),
    Cannot.MARKED: lambda n, f: _(
        "%(candidate)s has been marked at station %(number)s and was there.",
        candidate=n.candidate(f["candidate"]),
        number=n.stations.get(f["station"], "?"),
    ),
}
