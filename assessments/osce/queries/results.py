"""What candidates came to: counted from sheets before a release, kept as rows from then on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitRun,
    CircuitScore,
    CircuitStation,
    Sheet,
)
from assessments.osce.queries.sheets import Board, Square
from assessments.osce.queries.standards import Cuts
from assessments.osce.rules import outcome as rules
from assessments.osce.rules.judging import Cell
from assessments.osce.rules.outcome import Asked, Outcome, Seen, Stand
from assessments.stations.models import Station, StationVersion
from lms.db import Everything, db
from lms.digests import digest

_STANDS = {Cell.ABSENT: Stand.ABSENT, Cell.VOIDED: Stand.VOIDED}


@dataclass(frozen=True)
class Counted:
    """One candidate's outcome with what it rests on, as plain values that are kept and hashed."""

    candidate: CircuitCandidate
    outcome: Outcome
    stations: list[dict[str, Any]]
    rests_on: dict[str, Any]

    @property
    def hash(self) -> bytes:
        """Over the outcome and what it rests on: the same again says the same."""
        found = self.outcome
        whole = [str(found.percent), str(found.cut), found.stations_passed, found.stations_needed, list(found.why)]
        return digest({"rules": rules.RULES, "all": whole, "stations": self.stations, "rests_on": self.rests_on})


def seen(board: Board, candidate: int, cuts: Cuts) -> list[Seen]:
    """One candidate at every station of a board, as the outcome is made of it."""
    return [_seen(place, board.squares[place.id, candidate], cuts) for place in board.stations]


def _seen(place: CircuitStation, square: Square, cuts: Cuts) -> Seen:
    cut, score = cuts.stations[place.id], square.score
    if score is None:
        stand = _STANDS.get(square.judged.cell, Stand.MISSING)
        return Seen(place.id, cut, stand, weight=place.weight)
    critical, met = bool(score.critical_failed), score.key_rule_met
    return Seen(place.id, cut, Stand.MARKED, score.percent, critical, met, place.weight)


def counted(board: Board, cuts: Cuts) -> dict[int, Counted]:
    """Every candidate's outcome by these cuts; nothing is written."""
    asked = Asked(cuts.exam, cuts.least_stations)
    found = {}
    for one in board.candidates:
        outcome = rules.outcome(seen(board, one.id, cuts), asked)
        squares = {place.id: board.squares[place.id, one.id] for place in board.stations}
        stations = [_plain(at, squares[at.station]) for at in outcome.stations]
        rests = {str(number): _rests(square) for number, square in squares.items() if square.sheets}
        found[one.id] = Counted(one, outcome, stations, rests)
    return found


def _plain(at: rules.AtStation, square: Square) -> dict[str, Any]:
    return {
        "station": at.station,
        "stand": at.stand,
        "percent": None if at.percent is None else f"{at.percent:.2f}",
        "cut": f"{at.cut:.2f}",
        "passed": at.passed,
        "why": list(at.why),
        "said": square.why,
    }


def _rests(square: Square) -> dict[str, Any]:
    return {
        "sheets": [str(sheet.id) for sheet in square.sheets],
        "counts": square.judged.counts,
        "over": square.judged.over.hex(),
    }


def counted_hash(counts: Mapping[int, Counted]) -> bytes:
    """Over everybody's outcome."""
    return digest({str(number): one.hash.hex() for number, one in counts.items()})


def cuts_of_run(run: CircuitRun) -> Cuts:
    """The cuts that a release was made by: a revision counts by them too."""
    kept = run.cuts
    stations = {int(number): Decimal(cut) for number, cut in kept["stations"].items()}
    exam = None if kept["exam"] is None else Decimal(kept["exam"])
    return Cuts(stations, exam, kept["least_stations"], kept["words"], kept["why"])


def runs_of(circuit: Circuit) -> list[CircuitRun]:
    """Every release and revision that stands, newest first."""
    query = sa.select(CircuitRun).where(CircuitRun.circuit_id == circuit.id).order_by(CircuitRun.version.desc())
    return list(db.session.scalars(query))


def newest(circuit: Circuit) -> dict[int, CircuitScore]:
    """The result that stands of every candidate of a released circuit."""
    query = sa.select(CircuitScore).where(CircuitScore.circuit_id == circuit.id, _standing())
    return {row.candidate_id: row for row in db.session.scalars(query)}


def _standing() -> sa.ColumnElement[bool]:
    later = orm.aliased(CircuitScore.__table__)
    return ~sa.exists().where(later.c.supersedes_id == CircuitScore.id)


def versions(candidate: CircuitCandidate) -> list[CircuitScore]:
    """All results of one candidate in one circuit, newest first."""
    query = sa.select(CircuitScore).where(CircuitScore.candidate_id == candidate.id)
    return list(db.session.scalars(query.order_by(CircuitScore.version.desc())))


@dataclass(frozen=True)
class Line:
    """One candidate on the list of results; `at` are the stations in the circuit's order."""

    candidate: int
    number: int
    name: str
    version: int
    percent: Decimal | None
    cut: Decimal | None
    passed: bool
    stations_passed: int
    stations_counted: int
    why: Sequence[str]
    at: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Head:
    """One station at the top of the list."""

    id: int
    position: int
    title: str
    title_en: str


def heads(circuit: Circuit) -> list[Head]:
    """The stations of a circuit in order: one statement."""
    query = (
        sa.select(CircuitStation.id, CircuitStation.position, Station.title, Station.title_en)
        .join(StationVersion, StationVersion.id == CircuitStation.station_version_id)
        .join(Station, Station.id == StationVersion.station_id)
        .where(CircuitStation.circuit_id == circuit.id)
        .order_by(CircuitStation.position)
    )
    return [Head(*row) for row in db.session.execute(query)]


def lines(circuit: Circuit) -> list[Line]:
    """Every result that stands of a released circuit, by number: one statement, whatever there is of sheets."""
    score, candidate = CircuitScore, CircuitCandidate
    query = (
        sa.select(
            candidate.id,
            candidate.number,
            candidate.name,
            score.version,
            score.percent,
            score.cut,
            score.passed,
            score.stations_passed,
            score.stations_counted,
            score.why,
            score.stations,
        )
        .join(candidate, candidate.id == score.candidate_id)
        .where(score.circuit_id == circuit.id, _standing())
        .order_by(candidate.number)
    )
    return [Line(*row) for row in db.session.execute(query)]


def expected(counts: Mapping[int, Counted]) -> list[Line]:
    """The same before the release: what would stand by these outcomes."""
    found = []
    for one in counts.values():
        who, made = one.candidate, one.outcome
        whole = (made.percent, made.cut, made.passed, made.stations_passed, made.stations_counted)
        found.append(Line(who.id, who.number, who.name, 1, *whole, list(made.why), one.stations))
    return found


@dataclass(frozen=True)
class Summary:
    """A released circuit in three figures."""

    candidates: int
    passed: int
    corrected: int


def summary(circuit: Circuit) -> Summary:
    """How many results stand, how many are passes, how many were corrected: one statement."""
    count = sa.func.count
    query = sa.select(count(), count().filter(CircuitScore.passed), count().filter(CircuitScore.version > 1)).where(
        CircuitScore.circuit_id == circuit.id, _standing()
    )
    return Summary(*db.session.execute(query).one())


def number(text: str | None) -> Decimal | None:
    """A percent as it is kept, as a number."""
    return None if text is None else Decimal(text)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for on the list; empty words do not narrow."""

    words: str = ""
    outcome: str = ""
    sort: str = ""


def chosen(found: Sequence[Line], wanted: Wanted) -> list[Line]:
    """The lines that fit, in the order asked for; who has no percent comes last."""
    rows = [one for one in found if _fits(one, wanted)]
    key = wanted.sort.removeprefix("-")
    if not key:
        return rows
    down = wanted.sort.startswith("-")
    known = [one for one in rows if _by(one, key) is not None]
    rest = [one for one in rows if _by(one, key) is None]
    return sorted(known, key=lambda one: _by(one, key), reverse=down) + rest


def _fits(one: Line, wanted: Wanted) -> bool:
    if wanted.words and wanted.words not in one.name and wanted.words != str(one.number):
        return False
    if wanted.outcome in ("passed", "failed"):
        return one.passed == (wanted.outcome == "passed")
    if wanted.outcome == "corrected":
        return one.version > 1
    if wanted.outcome:
        return any(wanted.outcome in at["why"] or wanted.outcome == at["stand"] for at in one.at)
    return True


def _by(one: Line, key: str) -> Any:
    if key.startswith("s") and key[1:].isdigit():
        at = next((at for at in one.at if at["station"] == int(key[1:])), None)
        return Decimal(at["percent"]) if at and at["percent"] is not None else None
    ways = {"number": one.number, "name": one.name, "percent": one.percent, "passed": one.stations_passed}
    return ways.get(key, one.number)


@dataclass(frozen=True)
class Sitting:
    """One exam of a person that was released."""

    score: CircuitScore
    circuit: Circuit


def sittings(person_id: int) -> list[Sitting]:
    """The released results of one person that stand, oldest first; the fence shows none before the release."""
    query = (
        sa.select(CircuitScore, Circuit)
        .join(Circuit, Circuit.id == CircuitScore.circuit_id)
        .where(CircuitScore.person_id == person_id, _standing())
        .order_by(Circuit.on_day, Circuit.id)
    )
    return [Sitting(*row) for row in db.session.execute(query)]


def sheets_of(score: CircuitScore) -> dict[str, Sheet]:
    """The sheets that a result rests on, whoever they were once written for."""
    ids = [UUID(number) for rests in score.rests_on.values() for number in rests["sheets"]]
    # over the fence: a sheet that was moved stands under another candidate's name, and this result rests on it
    rows = db.session.scalars(sa.select(Sheet).where(Sheet.id.in_(ids)), execution_options=Everything)
    return {str(row.id): row for row in rows}
