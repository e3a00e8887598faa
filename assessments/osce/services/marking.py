"""Taking sheets from tablets: every one is kept once, none replaces another, and what does not fit is said."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models import (
    Circuit,
    CircuitCandidate,
    CircuitStation,
    Sheet,
    SheetAside,
    State,
    Why,
)
from assessments.osce.policy import Osce
from assessments.osce.rules import Checklist, Written, Wrong, WrongSheet, digest, read
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _, _l
from lms.service import service, tell

_WORDS = {
    Wrong.NOT_A_SHEET: _l("This is not a sheet."),
    Wrong.UNKNOWN_ITEM: _l("There is no item “%(item)s” on this checklist."),
    Wrong.MISSING_ITEM: _l("Item “%(item)s” has no mark."),
    Wrong.NOT_WHOLE: _l("The mark of item “%(item)s” is not a whole number."),
    Wrong.ABOVE_MAXIMUM: _l("The mark of item “%(item)s” is above its maximum."),
    Wrong.NOT_A_STEP: _l("Item “%(item)s” cannot be given these points."),
    Wrong.NO_RATING: _l("The global rating is missing."),
    Wrong.UNKNOWN_RATING: _l("This station has no such global rating."),
    Wrong.TOO_LONG: _l("The comment is too long: 2,000 characters at most."),
    Wrong.NO_TIME: _l("The sheet does not say when it was begun."),
}
_ASIDE = {State.PLANNED: Why.NOT_RUNNING, State.CLOSED: Why.CLOSED, State.RELEASED: Why.RELEASED}


@dataclass(frozen=True)
class Outcome:
    """What became of a sheet: it stands (`aside` is None), or it is kept aside and why."""

    sheet: UUID
    aside: Why | None = None


@dataclass(frozen=True)
class _Handed:
    """A sheet on its way in: whose, for whom, what, and which it supersedes."""

    id: UUID
    examiner: int
    station: CircuitStation
    candidate: CircuitCandidate
    written: Written
    supersedes: UUID | None

    def content(self) -> dict[str, Any]:
        """All that was handed in, as plain values: what the hash is taken of."""
        return {
            "sheet": str(self.id),
            "station": self.station.id,
            "station_version": self.station.version.content_hash.hex(),
            "candidate": self.candidate.id,
            "examiner": self.examiner,
            "marks": dict(self.written.marks),
            "rating": self.written.rating,
            "comment": self.written.comment,
            "begun_at": self.written.begun_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "own_clock": self.written.own_clock,
            "supersedes": str(self.supersedes) if self.supersedes else None,
            "reason": self.written.reason,
        }


@service(needs=Osce.MARK)
def submit(
    actor: Actor, station: CircuitStation, *, sheet: UUID, candidate: int, sent: Any, supersedes: UUID | None = None
) -> Outcome:
    """Take one sheet. The same sheet again changes nothing; a correction names the sheet it supersedes and why."""
    examiner = actor.person_id or 0
    written = _read(station, sent)
    one = _Handed(sheet, examiner, station, _candidate(examiner, station, candidate), written, supersedes)
    content = one.content()
    hashed = digest(content)
    lock = sa.select(Circuit.state).where(Circuit.id == station.circuit_id).with_for_update(read=True, of=Circuit)
    state = State(db.session.scalars(lock).one())
    tell(person=one.candidate.person_id, circuit=station.circuit_id, station=station.id, sheet=sheet, hash=hashed.hex())
    if _stands(sheet, hashed):
        return Outcome(sheet)
    if state is not State.RUNNING:
        return Outcome(sheet, _keep_aside(one, content, hashed, _ASIDE[state]))
    _insert(one, hashed, _version(one))
    return Outcome(sheet)


def _read(station: CircuitStation, sent: Any) -> Written:
    try:
        return read(Checklist.of(station.version.body), sent)
    except WrongSheet as refused:
        words = str(_WORDS[refused.wrong])
        raise Invalid(words % {"item": refused.item} if refused.item else words, item=refused.item) from None


def _candidate(examiner: int, station: CircuitStation, number: int) -> CircuitCandidate:
    query = sa.select(CircuitCandidate).where(
        CircuitCandidate.id == number, CircuitCandidate.circuit_id == station.circuit_id
    )
    found = db.session.scalar(query)
    if found is None:
        raise Invalid(_("This candidate is not in this circuit."))
    if found.person_id == examiner:
        raise Invalid(_("Nobody marks themselves."))
    return found


def _stands(sheet: UUID, hashed: bytes) -> bool:
    """Whether just this sheet stands already; raises Conflict where its id stands for something else."""
    found = db.session.scalar(sa.select(Sheet.content_hash).where(Sheet.id == sheet))
    if found is not None and found != hashed:
        raise Conflict(_("Another sheet has this number. Nothing was written over it."), sheet=str(sheet))
    return found is not None


def _keep_aside(one: _Handed, content: dict[str, Any], hashed: bytes, why: Why) -> Why:
    row = pg.insert(SheetAside).values(
        institution_id=one.station.institution_id,
        sheet_id=one.id,
        circuit_station_id=one.station.id,
        candidate_id=one.candidate.id,
        examiner_id=one.examiner,
        content=content,
        content_hash=hashed,
        why=why,
    )
    db.session.execute(row.on_conflict_do_nothing())
    tell(aside=why)
    return why


def _version(one: _Handed) -> int:
    """The number of the version this sheet will be; raises where it does not follow the one that stands."""
    query = sa.select(Sheet.id, Sheet.version).where(
        Sheet.circuit_station_id == one.station.id,
        Sheet.candidate_id == one.candidate.id,
        Sheet.examiner_id == one.examiner,
    )
    last = db.session.execute(query.order_by(Sheet.version.desc()).limit(1)).one_or_none()
    standing = last.id if last else None
    if standing != one.supersedes:
        if one.supersedes is None:
            raise Conflict(
                _("You have handed in a sheet for this candidate already. Open it and correct it."),
                standing=str(standing),
            )
        raise Conflict(_("The sheet you correct is not the one that stands."), standing=str(standing or ""))
    if one.supersedes is not None and not one.written.reason:
        raise Invalid(_("Say why you correct the sheet."))
    if one.supersedes is None and one.written.reason:
        raise Invalid(_("A first sheet needs no reason."))
    return last.version + 1 if last else 1


def _insert(one: _Handed, hashed: bytes, version: int) -> None:
    row = pg.insert(Sheet).values(
        id=one.id,
        institution_id=one.station.institution_id,
        person_id=one.candidate.person_id,
        circuit_station_id=one.station.id,
        candidate_id=one.candidate.id,
        examiner_id=one.examiner,
        version=version,
        supersedes_id=one.supersedes,
        reason=one.written.reason,
        marks=dict(one.written.marks),
        rating=one.written.rating,
        comment=one.written.comment,
        begun_at=one.written.begun_at,
        own_clock=one.written.own_clock,
        content_hash=hashed,
    )
    # The same sheet may arrive twice at once: one insert wins, the other looks at what it lost to.
    if db.session.scalar(row.on_conflict_do_nothing().returning(Sheet.id)) is None and not _stands(one.id, hashed):
        raise Conflict(_("You have handed in a sheet for this candidate already. Open it and correct it."))
