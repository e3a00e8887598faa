"""Taking sheets from tablets: every one is kept once, none replaces another, and what does not fit is said."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, Sheet, SheetAside, State, Tablet, Why
from assessments.osce.policy import Osce, examines
from assessments.osce.queries import tablets
from assessments.osce.rules import devices
from assessments.stations.rules import Checklist, Written, Wrong, WrongSheet, read
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.digests import digest
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
    Wrong.NO_COMMENT: _l("Item “%(item)s” is critical and was not done. Say in the comment what happened."),
    Wrong.TOO_LONG: _l("The comment is too long: 2,000 characters at most."),
    Wrong.NO_TIME: _l("The sheet does not say when it was begun."),
}
#: "Last heard" is written at most this often, so that thirty sheets are not thirty writes of one row.
_HEARD_EVERY = timedelta(minutes=1)
_ASIDE = {State.PLANNED: Why.NOT_RUNNING, State.CLOSED: Why.CLOSED, State.RELEASED: Why.RELEASED}


@dataclass(frozen=True)
class Outcome:
    """What became of a sheet: it stands (`aside` is None), or it is kept aside and why."""

    sheet: UUID
    aside: Why | None = None


@dataclass(frozen=True)
class _Origin:
    """What came beside a sheet: the tablet that is named, what it signed, its times; `doubt` if it is not trusted."""

    tablet: Tablet | None = None
    signed: str | None = None
    signature: bytes | None = None
    device_begun_at: datetime | None = None
    ended_at: datetime | None = None
    device_ended_at: datetime | None = None
    doubt: Why | None = None

    def columns(self) -> dict[str, Any]:
        """As a sheet keeps them."""
        return {
            "tablet_id": self.tablet.id if self.tablet else None,
            "signed": self.signed,
            "signature": self.signature,
            "device_begun_at": self.device_begun_at,
            "ended_at": self.ended_at,
            "device_ended_at": self.device_ended_at,
        }


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


@service(needs=Osce.HAND_IN)
def submit(
    actor: Actor, station: CircuitStation, *, sheet: UUID, candidate: int, sent: Any, supersedes: UUID | None = None
) -> Outcome:
    """Take one sheet. The same sheet again changes nothing; a correction names the sheet it supersedes and why.

    What comes from a tablet that is not trusted, or from somebody who examines there no longer, is kept aside.
    """
    examiner = actor.person_id or 0
    written = _read(station, sent)
    one = _Handed(sheet, examiner, station, _candidate(examiner, station, candidate), written, supersedes)
    origin = _origin(one, sent)
    content = one.content()
    hashed = digest(content)
    lock = sa.select(Circuit.state).where(Circuit.id == station.circuit_id).with_for_update(read=True, of=Circuit)
    state = State(db.session.scalars(lock, execution_options=Everything).one())
    tell(person=one.candidate.person_id, circuit=station.circuit_id, station=station.id, sheet=sheet, hash=hashed.hex())
    _heard(origin)
    if _stands(sheet, hashed):
        return Outcome(sheet)
    assigned = None if examines(actor, station) else Why.NOT_ASSIGNED
    why = origin.doubt or assigned or _ASIDE.get(state)
    if why is not None:
        return Outcome(sheet, _keep_aside(one, origin, content, hashed, why))
    _insert(one, origin, hashed, _version(one))
    return Outcome(sheet)


def _origin(one: _Handed, sent: Any) -> _Origin:
    """From which tablet a sheet says it comes, and whether that is to be believed."""
    try:
        began, ended, device_ended = (
            devices.moment_in(sent.get(name)) for name in ("device_begun_at", "ended_at", "device_ended_at")
        )
    except ValueError:
        raise Invalid(str(_WORDS[Wrong.NO_TIME])) from None
    bare = _Origin(device_begun_at=began, ended_at=ended, device_ended_at=device_ended)
    if "device" not in sent and "signature" not in sent:
        return replace(bare, doubt=Why.NO_TABLET) if one.station.circuit.tablets_only else bare
    text, signature = devices.signed_text(sent), devices.bytes_in(sent.get("signature"))
    if text is None:
        raise Invalid(str(_WORDS[Wrong.NOT_A_SHEET]))
    named = replace(bare, signed=text, signature=signature)
    tablet = tablets.known_as(devices.name_in(sent.get("device")))
    if tablet is None or not tablets.serves(tablet, one.station.institution):
        return replace(named, doubt=Why.UNKNOWN_DEVICE)
    doubt = None
    if not (_is_about(one, sent) and devices.signed_by(tablet.public_key or b"", text, signature)):
        doubt = Why.BAD_SIGNATURE
    elif tablet.revoked_at is not None:
        doubt = Why.DEVICE_REVOKED
    return replace(named, tablet=tablet, doubt=doubt)


def _is_about(one: _Handed, sent: Any) -> bool:
    """Whether what was signed is this sheet: a signature over another one is worth nothing here."""
    said = [sent.get(name) for name in ("id", "examiner", "station", "candidate", "supersedes")]
    supersedes = str(one.supersedes) if one.supersedes else None
    return said == [str(one.id), one.examiner, one.station.id, one.candidate.id, supersedes]


def _heard(origin: _Origin) -> None:
    """Note that a tablet of ours has been heard."""
    tablet = origin.tablet
    if tablet is None or origin.doubt is Why.BAD_SIGNATURE:
        return
    now = clock.now()
    if tablet.last_seen_at is None or now - tablet.last_seen_at > _HEARD_EVERY:
        row = sa.update(Tablet).where(Tablet.id == tablet.id).values(last_seen_at=now)
        db.session.execute(row, execution_options=Everything)


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
    found = db.session.scalar(query, execution_options=Everything)
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


def _keep_aside(one: _Handed, origin: _Origin, content: dict[str, Any], hashed: bytes, why: Why) -> Why:
    row = pg.insert(SheetAside).values(
        institution_id=one.station.institution_id,
        sheet_id=one.id,
        circuit_station_id=one.station.id,
        candidate_id=one.candidate.id,
        examiner_id=one.examiner,
        content=content,
        content_hash=hashed,
        why=why,
        **origin.columns(),
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


def _insert(one: _Handed, origin: _Origin, hashed: bytes, version: int) -> None:
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
        **origin.columns(),
    )
    # The same sheet may arrive twice at once: one insert wins, the other looks at what it lost to.
    if db.session.scalar(row.on_conflict_do_nothing().returning(Sheet.id)) is None and not _stands(one.id, hashed):
        raise Conflict(_("You have handed in a sheet for this candidate already. Open it and correct it."))
