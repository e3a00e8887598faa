"""What practical exams give away as files, through the one writer: the timetable, and how a circuit worked."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import IO

from flask import Response

from assessments.osce.models import Circuit
from assessments.osce.queries.dayview import Day, Line
from assessments.osce.queries.quality import Place, Quality
from assessments.osce.queries.refusals import clocked, track_name
from assessments.osce.rules.quality import consequences
from lms.i18n import _, pick
from lms.web import exports


def timetable_file(kind: str, circuit: Circuit, day: Day) -> Response:
    """CSV of all lines, or an Excel file with them and a sheet for each track."""
    name = f"{pick(circuit.title, circuit.title_en)}-{_('Timetable')}"
    heads = [_("Number"), _("Full name"), _("Begins"), _("Ends"), _("Station"), _("Title"), _("Track"), _("Room")]
    heads += [_("Examiner"), _("Missed")]
    rows = [_row(line) for line in _ordered(day)]
    if kind == "csv":
        return exports.answer(kind, name, heads, rows)
    sheets = [exports.Sheet(_("Timetable"), [exports.Column(head) for head in heads], rows)]
    sheets += [_grid(day, track) for track in day.tracks]
    file = exports.workbook(sheets)
    answer = Response(file.read(), content_type=exports.KINDS[kind])
    file.close()
    return exports.attached(answer, f"{name}-{circuit.on_day:%Y%m%d}.{kind}")


def _ordered(day: Day) -> Iterable[Line]:
    return sorted(day.lines, key=lambda line: (line.visit.begins, line.visit.track, line.visit.position))


def _row(line: Line) -> list[exports.Cell]:
    station = line.station
    return [
        line.candidate.number,
        line.candidate.name,
        clocked(line.visit.begins),
        clocked(line.visit.ends),
        station.position if station is not None else _("Rest"),
        pick(station.version.station.title, station.version.station.title_en) if station is not None else "",
        track_name(line.visit.track),
        line.room,
        _(", ").join(line.examiners),
        line.visit.missed,
    ]


def _grid(day: Day, track: int) -> exports.Sheet:
    posts, cells = day.at(track), day.cells(track)
    heads = [str(post.station.position) if post.station is not None else _("Rest") for post in posts]
    rows: list[list[exports.Cell]] = [
        [
            clocked(turn.begins),
            *(
                _(", ").join(
                    f"{line.candidate.number} {line.candidate.name}"
                    for line in cells.get((turn.number, post.place.position), [])
                    if not line.visit.missed
                )
                for post in posts
            ),
        ]
        for turn in day.turns(track)
    ]
    columns = [exports.Column(_("Begins"), 10), *(exports.Column(head, 16) for head in heads)]
    return exports.Sheet(_("Track %(track)s", track=track_name(track)), columns, rows)


def quality_columns() -> list[str]:
    """What stands over the figures of stations."""
    return [
        _("Station"), _("Candidates"), _("Mean"), _("Spread"), _("Slope"), _("R²"), _("Cut by the line"),
        _("Error of the cut"), _("Borderline group"), _("Cut in force"), _("Below the cut"),
        _("Fail whatever the percent"), _("With the other stations"), _("Reliability without it"),
    ]  # fmt: skip


def quality_row(found: Quality, place: Place) -> list[exports.Cell]:
    """The figures of one station."""
    own, station = place.found.own, place.station
    title = pick(station.version.station.title, station.version.station.title_en)
    return [
        f"{station.position} {title}",
        place.found.n,
        rounded(place.found.mean),
        rounded(place.found.sd),
        rounded(own.slope) if own else None,
        rounded(own.r2, 3) if own else None,
        rounded(own.cut) if own else None,
        rounded(own.se_cut) if own else None,
        rounded(own.group.mean) if own else None,
        place.cut,
        place.fails,
        place.critical,
        rounded(found.reliability.with_rest.get(station.id), 3),
        rounded(found.reliability.without.get(station.id), 3),
    ]


def rounded(value: Fraction | float | None, places: int = 2) -> float | None:
    """A figure as it is shown; empty where there is none."""
    return None if value is None else round(float(value), places)


def quality_workbook(found: Quality, names: Sequence[str]) -> IO[bytes]:
    """Everything on the page: the stations, the whole, and what every choice would do."""
    columns = [exports.Column(label, 14 if at else 30) for at, label in enumerate(quality_columns())]
    rows = [quality_row(found, place) for place in found.places]
    return exports.workbook([exports.Sheet(_("Stations"), columns, rows), _whole(found), _choices(found, names)])


def _whole(found: Quality) -> exports.Sheet:
    whole = found.reliability
    rows: list[tuple[str, exports.Cell]] = [
        (_("Title"), found.circuit.title),
        (_("Candidates marked at every station"), whole.n),
        (_("Stations"), whole.stations),
        (_("Mean"), rounded(whole.mean)),
        (_("Spread"), rounded(whole.sd)),
        (_("Reliability (alpha)"), rounded(whole.alpha, 3)),
        (_("Reliability, lower bound"), rounded(whole.low, 3)),
        (_("Reliability, upper bound"), rounded(whole.high, 3)),
        (_("Dependability against a cut (phi)"), rounded(whole.phi, 3)),
        (_("Error of one result"), found.sem),
    ]
    return exports.Sheet(_("The whole circuit"), [exports.Column("", 36), exports.Column("", 40)], rows)


def _choices(found: Quality, names: Sequence[str]) -> exports.Sheet:
    rows = consequences(found.seen, found.choices)
    columns = [exports.Column(_("Stations that must be passed"), 24), *(exports.Column(name, 20) for name in names)]
    return exports.Sheet(_("Who would pass"), columns, [(row.least, *row.passing) for row in rows])
