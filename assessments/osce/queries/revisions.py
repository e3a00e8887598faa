"""Revisions of released results: what one would change, which certificates that touches, and its rulings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import CertificateDoubt
from assessments.certification.queries import doubts
from assessments.osce.models import Circuit, CircuitScore, Revision, SheetRuling
from assessments.osce.queries import results, sheets
from assessments.osce.queries.results import Counted
from assessments.osce.queries.rulings import Said
from assessments.osce.queries.sheets import Board, Square
from assessments.osce.rules.changes import Change, Was
from assessments.osce.rules.judging import Place
from assessments.results.models import Result
from lms.db import Everything, db
from lms.digests import digest
from lms.people.models import Person


@dataclass(frozen=True)
class Dry:
    """What a revision would do: everybody's new outcome, who changes, and the hash of both."""

    board: Board
    counts: dict[int, Counted]
    changes: list[Change]
    hash: bytes


def dry_run(revision: Revision) -> Dry:
    """Count a released circuit as if the revision stood, hold it against what stands, and write nothing."""
    circuit = revision.circuit
    before, cuts = results.newest(circuit), results.cuts_of_run(results.runs_of(circuit)[0])
    board = sheets.board(circuit, revision)
    after = results.counted(board, cuts)
    changes = [
        Change(one.candidate.id, one.candidate.number, one.candidate.name, was(before[number]), now(one))
        for number, one in after.items()
        if number in before and before[number].content_hash != one.hash
    ]
    hashed = digest({"before": {str(n): row.content_hash.hex() for n, row in before.items()}, "revision": revision.id})
    whole = digest([hashed.hex(), results.counted_hash(after).hex(), board.hash.hex()])
    return Dry(board, after, sorted(changes, key=lambda one: one.rank), whole)


def was(row: CircuitScore) -> Was:
    """A result that stands, as far as a change is told by it."""
    return Was(row.percent, row.passed, row.stations_passed)


def now(one: Counted) -> Was:
    """A result that would stand, as far as a change is told by it."""
    return Was(one.outcome.percent, one.outcome.passed, one.outcome.stations_passed)


@dataclass(frozen=True)
class Affected:
    """A certificate that rests on a mark that changes, and the officers' word on it where there is one."""

    touched: doubts.Touched
    doubt: CertificateDoubt | None


def certificates(board: Board, changed: Collection[int]) -> list[Affected]:
    """Every issued certificate that rests on one of these candidates' stations; those that fall with it first."""
    places = [(place.id, candidate) for place in board.stations for candidate in sorted(changed)]
    rows = _results(places)
    new = {row.id: _new(board.squares[_place(row)]) for row in rows}
    found = doubts.resting_on(db.session, new)
    said = {one.certificate_id: one for one in doubts.about_results(db.session, [row.id for row in rows])}
    affected = [Affected(one, said.get(one.certificate.id)) for one in found]
    return sorted(affected, key=lambda one: (one.touched.holds, one.touched.certificate.id))


def _results(places: Sequence[Place]) -> list[Result]:
    """Every version of the results of these squares: a certificate may rest on an older one."""
    names = [f"{station}:{candidate}" for station, candidate in places]
    query = sa.select(Result).where(Result.source_kind == "osce_station", Result.source_id.in_(names))
    return list(db.session.scalars(query.order_by(Result.id), execution_options=Everything))


def _place(row: Result) -> Place:
    station, candidate = row.source_id.split(":")
    return int(station), int(candidate)


def _new(square: Square) -> doubts.New:
    if square.score is None:
        return doubts.New(None)
    return doubts.New(square.score.percent, square.score.critical)


def revisions_of(circuit: Circuit) -> list[Revision]:
    """All revisions of a circuit's results, newest first."""
    query = sa.select(Revision).where(Revision.circuit_id == circuit.id).order_by(Revision.id.desc())
    return list(db.session.scalars(query.options(orm.joinedload(Revision.end))))


def revision_at(id: int, number: int) -> Revision | None:
    """One revision of one circuit, by the address of the page."""
    return db.session.scalar(sa.select(Revision).where(Revision.id == number, Revision.circuit_id == id))


def within(revision: Revision) -> list[Said]:
    """The rulings of a revision, oldest first."""
    query = sa.select(SheetRuling, Person.name).join(Person, Person.id == SheetRuling.person_id)
    query = query.where(SheetRuling.revision_id == revision.id).order_by(SheetRuling.id)
    rows = db.session.execute(query, execution_options=Everything).all()
    undone = {one.undoes_id for one, _name in rows}
    return [Said(one, name, one.id not in undone, revision) for one, name in rows]


def changes_of(revision: Revision) -> list[Change]:
    """Who was changed by a revision that was released, as it stands in the results; nobody by one withdrawn."""
    if revision.end is None or revision.end.run_id is None:
        return []
    before = orm.aliased(CircuitScore)
    query = (
        sa.select(CircuitScore, before)
        .join(before, before.id == CircuitScore.supersedes_id)
        .where(CircuitScore.run_id == revision.end.run_id)
        .options(orm.joinedload(CircuitScore.candidate))
    )
    found = [
        Change(new.candidate_id, new.candidate.number, new.candidate.name, was(old), was(new))
        for new, old in db.session.execute(query)
    ]
    return sorted(found, key=lambda one: one.rank)


def names_of(revision: Revision) -> dict[int, str]:
    """What those who opened and ended a revision are called."""
    ended = [revision.end.by_id] if revision.end else []
    query = sa.select(Person.id, Person.name).where(Person.id.in_([revision.opened_by_id, *ended]))
    rows: Any = db.session.execute(query, execution_options=Everything)
    return dict(rows.all())
