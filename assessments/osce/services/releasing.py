"""Releasing results over frozen sheets and cuts by a second officer, and revising them later by two again.

Nothing that was is overwritten: run, scores and evidence are new versions beside the old ones.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from assessments.osce.events import CircuitAppealAnswered, CircuitReleased, CircuitRevised
from assessments.osce.models import (
    Answered,
    Circuit,
    CircuitAppeal,
    CircuitAppealAnswer,
    CircuitCandidate,
    CircuitRun,
    CircuitScore,
    CircuitStation,
    Decided,
    Revision,
    RevisionEnd,
    RevisionEnding,
    State,
)
from assessments.osce.policy import Osce
from assessments.osce.queries import results, revisions, rulings, sheets
from assessments.osce.queries.results import Counted
from assessments.osce.queries.sheets import Board, Square
from assessments.osce.queries.standards import Cuts, cuts_of
from assessments.osce.rules import outcome
from assessments.osce.rules.judging import Cell
from assessments.osce.services.holding import given, held, no_conflicts, write_down
from assessments.results.models import Result, ResultKind
from assessments.results.services import Brought, Evidence, record_many
from assessments.stations.rules import RULES
from lms.authz import Actor
from lms.db import Everything, db
from lms.digests import digest
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _, _n
from lms.people.models import Person
from lms.service import service, tell


@service(needs=Osce.RELEASE)
def release(actor: Actor, circuit: Circuit, *, content_hash: bytes, standard: bytes) -> int:
    """Let frozen sheets and the cuts that were shown stand as results, by another officer; how many results."""
    held(actor, circuit, State.CLOSED)
    cuts, board = cuts_of(circuit), sheets.board(circuit)
    _check_second_person(actor, circuit, cuts)
    if not (board.hash == circuit.closed_hash == content_hash):
        raise Conflict(_("The sheets are not those that were closed over. Open the circuit again and look."))
    if cuts.hash != standard:
        raise Conflict(_("The cuts changed since you opened the page. Look at the results again."))
    no_conflicts(board)
    _nothing_aside(board)
    counts = results.counted(board, cuts)
    run = _write_run(actor, circuit, cuts, digest([board.hash.hex(), results.counted_hash(counts).hex()]), 1)
    for one in counts.values():
        _write_score(run, one, None, "")
    circuit.state, circuit.released_by_id = State.RELEASED, actor.person_id
    written = _record_all(actor, board, counts.values(), run, "")
    write_down(actor, circuit, Decided.RELEASED, content_hash, "")
    publish(CircuitReleased(circuit.id))
    tell(circuit=circuit.id, hash=content_hash.hex(), standard=standard.hex(), run=run.version, results=written)
    return written


def _check_second_person(actor: Actor, circuit: Circuit, cuts: Cuts) -> None:
    if circuit.closed_by_id == actor.person_id:
        raise Conflict(_("You closed this circuit. Another officer must release it."))
    if actor.person_id in cuts.set_by:
        raise Conflict(_("You set the cuts of this circuit. Another officer must release it."))


def _nothing_aside(board: Board) -> None:
    if board.undecided:
        raise Conflict(
            _n(
                "%(num)d sheet lies aside. Let it count or refuse it first.",
                "%(num)d sheets lie aside. Let them count or refuse them first.",
                board.asides,
            )
        )


@service(needs=Osce.CLOSE)
def settle_release(actor: Actor, circuit: Circuit, *, appeal_days: int, examiners_named: bool) -> None:
    """Say beforehand how long candidates may appeal, and whether they read who examined them."""
    held(actor, circuit, State.PLANNED, State.RUNNING, State.CLOSED)
    if not 0 <= appeal_days <= 365:
        raise Invalid(_("Between 0 and 365 days."), field="appeal_days")
    circuit.appeal_days, circuit.examiners_named = appeal_days, examiners_named
    db.session.flush()
    tell(circuit=circuit.id, appeal_days=appeal_days, examiners_named=examiners_named)


@service(needs=Osce.SETTLE, tells=("reason",))
def open_revision(actor: Actor, circuit: Circuit, *, reason: str, appeal: CircuitAppeal | None = None) -> Revision:
    """Begin to revise released results: rulings follow, then another officer releases what comes of them."""
    held(actor, circuit, State.RELEASED)
    if rulings.open_revision(circuit) is not None:
        raise Conflict(_("Another revision of these results is open. Release or withdraw it first."))
    if appeal is not None:
        db.session.refresh(appeal, ["answer"])
        if appeal.circuit_id != circuit.id or appeal.answer is not None or appeal.person_id == actor.person_id:
            raise Conflict(_("This has been answered already."))
    row = Revision(
        institution_id=circuit.institution_id,
        circuit_id=circuit.id,
        appeal_id=appeal.id if appeal else None,
        reason=given(reason),
        opened_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    tell(circuit=circuit.id, revision=row.id, appeal=row.appeal_id)
    return row


@service(needs=Osce.RELEASE)
def release_revision(actor: Actor, revision: Revision, *, dry: bytes) -> CircuitRun:
    """Let a revision stand, by an officer who had no hand in it, over the hash of what it changes."""
    circuit = _still_open(actor, revision)
    said = revisions.within(revision)
    if actor.person_id in {revision.opened_by_id, *(one.row.person_id for one in said)}:
        raise Conflict(_("You worked on this revision. Another officer must release it."))
    found = revisions.dry_run(revision)
    if found.hash != dry:
        raise Conflict(_("What this revision changes is not what you looked at. Look at it again."))
    no_conflicts(found.board)
    if not found.changes:
        raise Conflict(_("This revision changes no result. Withdraw it."))
    _answers_whom(revision, {one.candidate for one in found.changes})
    before, last = results.newest(circuit), results.runs_of(circuit)[0]
    run = _write_run(actor, circuit, results.cuts_of_run(last), dry, last.version + 1)
    changed = [found.counts[one.candidate] for one in found.changes]
    for one in changed:
        _write_score(run, one, before[one.candidate.id], revision.reason)
    _end(actor, revision, RevisionEnding.RELEASED, run=run, dry=dry)
    written = _record_all(actor, found.board, changed, run, revision.reason)
    _answer(actor, revision)
    publish(CircuitRevised(circuit.id, run.id, revision.id))
    tell(circuit=circuit.id, revision=revision.id, run=run.version, results=written, hash=dry.hex())
    return run


@service(needs=Osce.SETTLE, tells=("reason",))
def withdraw(actor: Actor, revision: Revision, *, reason: str) -> None:
    """Take a revision back, whoever opened it; the results stay as they are, and its rulings say nothing."""
    _still_open(actor, revision)
    _end(actor, revision, RevisionEnding.WITHDRAWN, reason=given(reason))
    tell(circuit=revision.circuit_id, revision=revision.id)


def _still_open(actor: Actor, revision: Revision) -> Circuit:
    """The circuit of a revision that nobody has ended, held."""
    circuit = held(actor, revision.circuit, State.RELEASED)
    db.session.refresh(revision, ["end"])
    if revision.end is not None:
        raise Conflict(_("This revision has been released or withdrawn already."))
    return circuit


def _answers_whom(revision: Revision, changed: set[int]) -> None:
    """Whoever appealed must be among those whose result changes, else the appeal is rejected and not revised."""
    if revision.appeal_id is None:
        return
    appeal = db.session.get_one(CircuitAppeal, revision.appeal_id)
    if appeal.score.candidate_id not in changed:
        raise Conflict(
            _("Nothing changes for the candidate who appealed. Withdraw the revision and answer the appeal.")
        )


def _answer(actor: Actor, revision: Revision) -> None:
    """The answer that a released revision gives to its appeal."""
    if revision.appeal_id is None:
        return
    appeal = db.session.get_one(CircuitAppeal, revision.appeal_id)
    db.session.add(
        CircuitAppealAnswer(
            institution_id=appeal.institution_id,
            person_id=appeal.person_id,
            appeal_id=appeal.id,
            outcome=Answered.REVISED,
            revision_id=revision.id,
            reason=revision.reason,
            by_id=actor.person_id,
        )
    )
    db.session.flush()
    publish(CircuitAppealAnswered(appeal.id))


def _end(
    actor: Actor,
    revision: Revision,
    ending: RevisionEnding,
    *,
    run: CircuitRun | None = None,
    dry: bytes | None = None,
    reason: str = "",
) -> None:
    row = RevisionEnd(
        institution_id=revision.institution_id,
        revision_id=revision.id,
        opened_by_id=revision.opened_by_id,
        ending=ending,
        run_id=run.id if run else None,
        dry_hash=dry,
        by_id=actor.person_id,
        reason=reason,
    )
    db.session.add(row)
    db.session.flush()


def _write_run(actor: Actor, circuit: Circuit, cuts: Cuts, hashed: bytes, version: int) -> CircuitRun:
    kept = {
        "stations": {str(number): str(cut) for number, cut in cuts.stations.items()},
        "exam": None if cuts.exam is None else str(cuts.exam),
        "least_stations": cuts.least_stations,
        "words": cuts.words,
        "why": cuts.why,
    }
    run = CircuitRun(
        institution_id=circuit.institution_id,
        circuit_id=circuit.id,
        version=version,
        rules_version=outcome.RULES,
        cuts=kept,
        content_hash=hashed,
        made_by_id=actor.person_id,
    )
    db.session.add(run)
    db.session.flush()
    return run


def _write_score(run: CircuitRun, one: Counted, before: CircuitScore | None, reason: str) -> None:
    found, candidate = one.outcome, one.candidate
    db.session.add(
        CircuitScore(
            institution_id=candidate.institution_id,
            person_id=candidate.person_id,
            run_id=run.id,
            circuit_id=candidate.circuit_id,
            candidate_id=candidate.id,
            version=before.version + 1 if before else 1,
            supersedes_id=before.id if before else None,
            reason=reason,
            percent=found.percent,
            cut=found.cut,
            passed=found.passed,
            stations_passed=found.stations_passed,
            stations_counted=found.stations_counted,
            stations_needed=found.stations_needed,
            why=list(found.why),
            stations=one.stations,
            rests_on=one.rests_on,
            content_hash=one.hash,
        )
    )


def _record_all(actor: Actor, board: Board, counts: Iterable[Counted], run: CircuitRun, reason: str) -> int:
    """Write every mark of these candidates into the record of evidence, and withdraw what no longer counts."""
    wanted = {one.candidate.id: one.candidate for one in counts}
    _within_reach(wanted.values())
    standing = _recorded(board, wanted) if reason else set()
    places = {place.id: place for place in board.stations}
    marks = [
        Brought(wanted[number].person_id, _evidence(places[station], wanted[number], square, run, reason))
        for (station, number), square in board.squares.items()
        if number in wanted and (square.score is not None or f"{station}:{number}" in standing)
    ]
    record_many(actor, run.circuit, marks=marks)
    return len(marks)


def _recorded(board: Board, wanted: dict[int, CircuitCandidate]) -> set[str]:
    """Sources of these candidates that stand with a value."""
    names = [f"{place.id}:{number}" for place in board.stations for number in wanted]
    query = sa.select(Result.source_id).where(Result.source_kind == "osce_station", Result.source_id.in_(names))
    return set(db.session.scalars(query, execution_options=Everything))


def _within_reach(candidates: Iterable[CircuitCandidate]) -> None:
    """Whoever has moved out of the area is named, and the authority above releases."""
    wanted = {candidate.person_id: candidate for candidate in candidates}
    found = set(db.session.scalars(sa.select(Person.id).where(Person.id.in_(wanted))))
    gone = [candidate.name for number, candidate in wanted.items() if number not in found]
    if gone:
        raise Conflict(_("No longer in your area: %(names)s. The authority above must release.", names="、".join(gone)))


def _evidence(
    place: CircuitStation, candidate: CircuitCandidate, square: Square, run: CircuitRun, reason: str
) -> Evidence:
    score, counts = square.score, square.counts
    return Evidence(
        kind=ResultKind.PRACTICAL_EXAM,
        on_day=place.circuit.on_day,
        source_kind="osce_station",
        source_id=f"{place.id}:{candidate.id}",
        source=_source(place, candidate, square, run),
        value=score.percent if score else None,
        technique_id=place.version.station.technique_id,
        assessor_id=counts.examiner_id if counts else None,
        critical_failure=bool(score and score.critical),
        reason=reason,
    )


def _source(place: CircuitStation, candidate: CircuitCandidate, square: Square, run: CircuitRun) -> dict[str, Any]:
    """What a result rests on: the sheets with their hashes, the station's version, the cut, and what they came to."""
    score = square.score
    kept: dict[str, Any] = {
        "circuit": place.circuit_id,
        "closed": (place.circuit.closed_hash or b"").hex(),
        "station": place.id,
        "station_version": place.version.content_hash.hex(),
        "candidate": candidate.id,
        "sheets": sorted(sheet.content_hash.hex() for sheet in square.sheets),
        "counts": square.judged.counts,
        "rules": RULES,
        "cut": run.cuts["stations"][str(place.id)],
    }
    if score is None:
        return kept | {"ruled": square.judged.ruled or Cell.MISSING}
    return kept | {
        "percent": str(score.percent),
        "passed": not score.critical and score.percent >= _cut(run, place),
        "critical_failed": list(score.critical_failed),
        "key_rule_met": score.key_rule_met,
    }


def _cut(run: CircuitRun, place: CircuitStation) -> Any:
    return results.cuts_of_run(run).stations[place.id]
