"""What a candidate is told of a released result: station by station, what to practise, and how it went before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from assessments.osce.models import CircuitCandidate, CircuitScore, CircuitStation, ExaminerAssignment, Sheet
from assessments.osce.queries import circuits, results
from assessments.osce.queries.results import Sitting
from assessments.stations.rules import Checklist, Item, Line, Score, profile, score
from lms.db import Everything, db
from lms.techniques.models import Technique
from lms.techniques.queries import RELATED, Related

#: So many techniques are named as the next to work on, each with so many ways of every sort.
TECHNIQUES, WAYS = 3, 2


@dataclass(frozen=True)
class Next:
    """A technique to work on, and where: lessons that teach it, cases that train it."""

    technique: Technique
    ways: Sequence[tuple[object, Sequence[Related]]]


@dataclass(frozen=True)
class Station:
    """One station as the candidate may read it; `at` is the line of the result, `score` what its sheet comes to."""

    place: CircuitStation
    at: Mapping[str, Any]
    checklist: Checklist
    sheet: Sheet | None
    score: Score | None
    comments: Sequence[tuple[str, str]]

    @property
    def profile(self) -> list[Line]:
        """How many points each kind of item came to."""
        return profile(self.checklist, self.sheet.marks) if self.sheet else []

    @property
    def critical(self) -> list[Item]:
        """Critical items that were not done."""
        failed = self.score.critical_failed if self.score else ()
        return [item for item in self.checklist.items if item.code in failed]

    @property
    def lost(self) -> list[tuple[Item, int]]:
        """Other items that did not get all their points, with the points they got; what was not seen is left out."""
        marks = self.sheet.marks if self.sheet else {}
        return [
            (item, marks[item.code])
            for item in self.checklist.items
            if item.code in marks and marks[item.code] < item.points and item not in self.critical
        ]


@dataclass(frozen=True)
class Told:
    """Everything a candidate is told of one exam."""

    score: CircuitScore
    earlier: Sequence[CircuitScore]
    stations: Sequence[Station]
    following: Sequence[Next]
    sittings: Sequence[Sitting]


def told(candidate: CircuitCandidate) -> Told | None:
    """The result that stands with all behind it; None before the release."""
    versions = results.versions(candidate)
    if not versions:
        return None
    places = {place.id: place for place in circuits.stations_of(candidate.circuit)}
    sheets = results.sheets_of(versions[0])
    names = _names(list(places)) if candidate.circuit.examiners_named else {}
    stations = [_station(places[at["station"]], at, versions[0], sheets, names) for at in versions[0].stations]
    return Told(versions[0], versions[1:], stations, _following(stations), results.sittings(candidate.person_id))


def _names(places: Sequence[int]) -> dict[int, str]:
    """What the examiners of these stations were called when they were assigned."""
    query = sa.select(ExaminerAssignment.examiner_id, ExaminerAssignment.name)
    query = query.where(ExaminerAssignment.circuit_station_id.in_(places))
    # over the fence: assignments belong to officers, and the circuit says that its candidates may read these names
    rows: Any = db.session.execute(query, execution_options=Everything)
    return dict(rows.all())


def _station(
    place: CircuitStation,
    at: Mapping[str, Any],
    result: CircuitScore,
    sheets: Mapping[str, Sheet],
    names: Mapping[int, str],
) -> Station:
    checklist, rests = Checklist.of(place.version.body), result.rests_on.get(str(place.id), {})
    sheet = sheets.get(rests.get("counts") or "")
    those = [sheets[number] for number in rests.get("sheets", ())] if at["stand"] == "marked" else []
    comments = [(names.get(one.examiner_id, ""), one.comment) for one in those if one.comment]
    return Station(place, at, checklist, sheet, score(checklist, sheet.marks) if sheet else None, comments)


def _following(stations: Sequence[Station]) -> list[Next]:
    """The techniques of stations that were failed, the furthest below its cut first; then those that lost most."""
    short = [one for one in stations if one.at["stand"] in ("marked", "absent") and (not one.at["passed"] or one.lost)]
    order = sorted(short, key=lambda one: (one.at["passed"], Decimal(one.at["percent"]) - Decimal(one.at["cut"])))
    named = [one.place.version.station.technique for one in order]
    techniques = {technique.id: technique for technique in named if technique is not None}
    return [_next(technique) for technique in list(techniques.values())[:TECHNIQUES]]


def _next(technique: Technique) -> Next:
    ways = [(relation.label, list(relation.find(technique.id))[:WAYS]) for relation in RELATED.values()]
    return Next(technique, [(label, some) for label, some in ways if some])
