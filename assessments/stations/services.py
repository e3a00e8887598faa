"""Writing stations and saying that they may be used. Nothing that was written is changed: an edit is a new version."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from assessments.stations import queries
from assessments.stations.content import StationFile
from assessments.stations.models import Station, StationStatus, StationVersion
from assessments.stations.policy import Stations
from assessments.stations.rules.flaws import Place, flaws
from assessments.stations.rules.standing import Status, may_follow
from assessments.stations.rules.words import plainly, said
from lms.authz import Actor
from lms.content.formats import digest
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell
from lms.techniques.models import Technique
from lms.texts import all_can_be_kept


@service(needs=Stations.EDIT)
def write(actor: Actor, on: None, *, entry: Mapping[str, Any]) -> StationVersion:
    """A new station or form, as a draft; its code, kind, skill and technique are its own for ever."""
    read = _checked(entry)
    if db.session.scalar(sa.select(Station.id).where(Station.code == read.code)) is not None:
        raise Conflict(_("There is a station %(code)s already. Choose another code.", code=read.code))
    station = Station(
        code=read.code,
        kind=read.kind,
        skill=read.skill,
        title=read.title.zh,
        title_en=read.title.en,
        technique_id=_technique(read.technique),
    )
    db.session.add(station)
    db.session.flush()
    return _add(station, 1, read)


@service(needs=Stations.EDIT)
def revise(actor: Actor, station: Station, *, base: int, entry: Mapping[str, Any]) -> StationVersion:
    """The next version, as a draft; circuits go on taking the approved one until this one is approved.

    `base` is the newest version the editor knew of: who did not know of a newer one is told.
    """
    number = _lock(station)
    if number != base:
        raise Conflict(_("Somebody else has written version %(version)s meanwhile.", version=number))
    own = {"code": station.code, "kind": station.kind, "skill": station.skill}
    own["technique"] = station.technique.code if station.technique else None
    read = _checked({**entry, **own})
    if _hash_of(station, number) == digest(read.body()):
        raise Conflict(_("Nothing is different from version %(version)s.", version=number))
    return _add(station, number + 1, read)


@service(needs=Stations.APPROVE)
def approve(actor: Actor, version: StationVersion, *, note: str = "") -> None:
    """Let circuits use a version from now on; whoever wrote it cannot say so."""
    if version.made_by_id == actor.person_id:
        raise Conflict(_("You wrote this version. Somebody else must approve it."))
    _say(actor, version, Status.APPROVED, note.strip())
    if version.version == _newest_approved(version.station):
        title = version.body["title"]
        version.station.title, version.station.title_en = title["zh"], title["en"]
        version.station.updated_at = sa.func.clock_timestamp()


@service(needs=Stations.APPROVE)
def give_back(actor: Actor, version: StationVersion, *, note: str) -> None:
    """Send a draft back with the reason; what is mended is a new version."""
    _say(actor, version, Status.RETURNED, _reason(note))


@service(needs=Stations.APPROVE)
def withdraw(actor: Actor, version: StationVersion, *, note: str) -> None:
    """Offer a version to no new circuit, with the reason; those that have it keep it."""
    _say(actor, version, Status.WITHDRAWN, _reason(note))


def _checked(entry: Mapping[str, Any]) -> StationFile:
    """What was sent, read by the schema of the packs; all that is wrong is said at once, each at its place."""
    wrong: list[tuple[Place, str]] = []
    try:
        read = StationFile.model_validate(entry)
        wrong = [(flaw.at, said(flaw)) for flaw in flaws(read.kind, read.body())]
    except ValidationError as errors:
        wrong = [(one["loc"], plainly(one["type"], one.get("ctx", {}))) for one in errors.errors(include_url=False)]
    known = queries.sources()
    if unknown := [code for code in entry.get("sources", ()) if code not in known]:
        wrong.append((("sources",), _("There is no source %(code)s.", code=unknown[0])))
    if not all_can_be_kept(entry):
        wrong.append(((), _("There is a character in it that cannot be kept.")))
    if wrong:
        raise Invalid(_("This version cannot be kept as it stands."), problems=wrong)
    return read


def _technique(code: str | None) -> int | None:
    if code is None:
        return None
    found = db.session.scalar(sa.select(Technique.id).where(Technique.code == code))
    if found is None:
        raise Invalid(
            _("This technique does not exist."), problems=[(("technique",), _("This technique does not exist."))]
        )
    return found


def _lock(station: Station) -> int:
    """Hold the station, and the number of its newest version."""
    db.session.refresh(station, with_for_update=True)
    query = sa.select(sa.func.max(StationVersion.version)).where(StationVersion.station_id == station.id)
    return db.session.scalars(query).one() or 0


def _hash_of(station: Station, number: int) -> bytes | None:
    query = sa.select(StationVersion.content_hash)
    return db.session.scalar(query.where(StationVersion.station_id == station.id, StationVersion.version == number))


def _newest_approved(station: Station) -> int | None:
    approved = queries.status_of(StationVersion) == Status.APPROVED
    return db.session.scalar(
        sa.select(sa.func.max(StationVersion.version)).where(StationVersion.station_id == station.id, approved)
    )


def _add(station: Station, number: int, read: StationFile) -> StationVersion:
    known, body = queries.sources(), read.body()
    made = StationVersion(
        station_id=station.id,
        version=number,
        body=body,
        sources=[known[code] for code in read.sources],
        content_hash=digest(body),
        made_by_id=db.actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    tell(station=station.code, version=number, hash=made.content_hash.hex())
    return made


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid(_("Give a reason."), field="reason")
    return text.strip()[:400]


def _say(actor: Actor, version: StationVersion, status: Status, note: str) -> None:
    _lock(version.station)
    query = sa.select(queries.status_of(StationVersion)).where(StationVersion.id == version.id)
    if not may_follow(Status(db.session.scalars(query).one()), status):
        raise Conflict(_("Somebody else has moved this version on meanwhile. Look at it again."))
    db.session.add(StationStatus(station_version_id=version.id, status=status, note=note[:400], by_id=actor.person_id))
    db.session.flush()
    tell(station=version.station.code, version=version.version, status=status.value, note=note)
