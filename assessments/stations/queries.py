"""Selects over stations, their versions and blueprints; what rooms above know of them comes in by a registry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.stations.models import Blueprint, BlueprintVersion, Station, StationStatus, StationVersion
from assessments.stations.rules import Kind
from assessments.stations.rules.fitting import Post, fits, meant_first, posts_of
from assessments.stations.rules.standing import Status
from lms.authz import Permission
from lms.db import Everything, db
from lms.people.models import Person
from lms.search.services import Document
from lms.techniques.models import Technique


@dataclass(frozen=True)
class Used:
    """Where a version stands in something that rests on it: a practical exam, an assessment."""

    version: int
    title: str
    title_en: str | None
    when: object
    endpoint: str
    arguments: dict[str, Any]


#: What rooms above make of stations: (heading, station id → where, within the actor's reach) by name; filled in wiring.
USED: dict[str, tuple[object, Callable[[int], Sequence[Used]]]] = {}


#: What can be made of a blueprint: who may, and the page that begins with its code, by name; filled in wiring.
WAYS: dict[str, tuple[Permission, str]] = {}


def status_of(version: Any) -> sa.ColumnElement[str]:
    """How far a version has come: the newest word about it, else what its origin says (see `rules.standing.first`)."""
    said = StationStatus.__table__.alias()
    newest = sa.select(said.c.status).where(said.c.station_version_id == version.id)
    newest = newest.order_by(said.c.id.desc()).limit(1)
    born = sa.case((version.made_by_id.is_(None), Status.APPROVED.value), else_=Status.DRAFT.value)
    return sa.func.coalesce(newest.correlate(version).scalar_subquery(), born)


def _followed(row: Any, *more: Callable[[Any], sa.ColumnElement[bool]]) -> sa.Exists:
    later = orm.aliased(StationVersion)
    there = sa.exists().where(later.station_id == row.station_id, later.version > row.version)
    return there.where(*(one(later) for one in more)).correlate(row)


def newest_approved(*kinds: Kind) -> sa.Select[StationVersion]:
    """The newest approved version of every station (or form of these kinds) in use, with its station, by title."""
    row = StationVersion
    return (
        sa.select(row)
        .join(Station, Station.id == row.station_id)
        .where(
            ~Station.retired,
            Station.kind.in_(kinds or (Kind.STATION,)),
            status_of(row) == Status.APPROVED,
            ~_followed(row, lambda later: status_of(later) == Status.APPROVED),
        )
        .order_by(Station.title, Station.id)
        .options(orm.contains_eager(row.station))
    )


@dataclass(frozen=True)
class Sought:
    """What somebody looks for among stations; empty words do not narrow."""

    words: str = ""
    kind: str = ""
    skill: str = ""
    technique: str = ""
    status: str = ""
    sort: str = "title"


def listing(sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """The newest version of every station, with where it stands and the number of the version in use."""
    row, approved = StationVersion, orm.aliased(StationVersion)
    used = sa.select(sa.func.max(approved.version)).where(
        approved.station_id == Station.id, status_of(approved) == Status.APPROVED
    )
    query = (
        sa.select(row, status_of(row).label("status"), used.correlate(Station).scalar_subquery().label("approved"))
        .join(Station, Station.id == row.station_id)
        .outerjoin(Technique, Technique.id == Station.technique_id)
        .where(~_followed(row))
        .options(orm.contains_eager(row.station).contains_eager(Station.technique))
    )
    return _narrowed(query, sought).order_by(*_order(sought.sort))


def _narrowed(query: sa.Select[*tuple[Any, ...]], sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    if sought.words:
        near = (Station.title, Station.title_en, Station.code)
        query = query.where(sa.or_(*(column.icontains(sought.words, autoescape=True) for column in near)))
    if sought.kind:
        query = query.where(Station.kind == sought.kind)
    if sought.skill:
        query = query.where(Station.skill == sought.skill)
    if sought.technique:
        query = query.where(Technique.code == sought.technique)
    if sought.status:
        query = query.where(status_of(StationVersion) == sought.status)
    return query


def _order(sort: str) -> list[Any]:
    columns: dict[str, Any] = {
        "title": Station.title.collate("C"),
        "kind": Station.kind.collate("C"),
        "skill": Station.skill.collate("C"),
        "technique": Technique.title.collate("C"),
        "status": status_of(StationVersion),
        "version": StationVersion.version,
        "made_at": StationVersion.made_at,
    }
    column = columns.get(sort.removeprefix("-"), columns["title"])
    return [column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last(), Station.id]


def version_at(code: str, number: int) -> StationVersion | None:
    """One version of one station, by the address of the page."""
    query = (
        sa.select(StationVersion)
        .join(Station, Station.id == StationVersion.station_id)
        .where(Station.code == code, StationVersion.version == number)
        .options(orm.contains_eager(StationVersion.station))
    )
    return db.session.scalar(query)


def newest(code: str) -> StationVersion | None:
    """The newest version of a station, wherever it stands."""
    query = (
        sa.select(StationVersion)
        .join(Station, Station.id == StationVersion.station_id)
        .where(Station.code == code)
        .order_by(StationVersion.version.desc())
        .options(orm.contains_eager(StationVersion.station))
    )
    return db.session.scalars(query.limit(1)).first()


@dataclass(frozen=True)
class Row:
    """One version in the list of a station's versions."""

    id: int
    version: int
    status: str
    author: str | None
    made_at: datetime
    content_hash: bytes


def versions(station_id: int) -> list[Row]:
    """All versions of a station, newest first, with who wrote them and where they stand."""
    row = StationVersion
    query = (
        sa.select(row.id, row.version, status_of(row), Person.name, row.made_at, row.content_hash)
        .outerjoin(Person, Person.id == row.made_by_id)
        .where(row.station_id == station_id)
        .order_by(row.version.desc())
    )
    return [Row(*found) for found in db.session.execute(query, execution_options=Everything)]


@dataclass(frozen=True)
class Word:
    """Somebody said of a version how far it has come."""

    version: int
    status: str
    note: str
    name: str
    at: datetime


def history(station_id: int) -> list[Word]:
    """Everything that was said of a station's versions, newest first."""
    query = (
        sa.select(StationVersion.version, StationStatus.status, StationStatus.note, Person.name, StationStatus.at)
        .join(StationVersion, StationVersion.id == StationStatus.station_version_id)
        .join(Person, Person.id == StationStatus.by_id)
        .where(StationVersion.station_id == station_id)
        .order_by(StationStatus.id.desc())
    )
    return [Word(*found) for found in db.session.execute(query, execution_options=Everything)]


def sources() -> dict[str, dict[str, str]]:
    """Every work that a station or a technique rests on, by its code, as the newest mention has it."""
    found: dict[str, dict[str, str]] = {}
    for column in (Technique.sources, StationVersion.sources):
        for works in db.session.scalars(sa.select(column).order_by(column.parent.class_.id)):
            found |= {work["code"]: work for work in works}
    return dict(sorted(found.items()))


def techniques() -> list[tuple[str, str, str]]:
    """Code and titles of the techniques in use."""
    query = sa.select(Technique.code, Technique.title, Technique.title_en).where(~Technique.retired)
    return [(code, zh, en) for code, zh, en in db.session.execute(query.order_by(Technique.title, Technique.id))]


def documents() -> Iterator[Document]:
    """The stations for the index: what is approved, under the heading of its technique."""
    named = orm.contains_eager(StationVersion.station).joinedload(Station.technique)
    for found in db.session.scalars(newest_approved(*Kind).options(named)):
        station, body = found.station, found.body
        yield Document(
            key=station.code,
            title=station.title,
            title_en=station.title_en,
            heading=station.technique.title if station.technique else "",
            body="\n".join([body["candidate"], *(item["text"] for item in body["items"])]),
            endpoint="stations.station",
            arguments={"code": station.code},
        )


def blueprints() -> list[BlueprintVersion]:
    """The newest version of every blueprint in use, with its blueprint, by title."""
    later = orm.aliased(BlueprintVersion)
    row = BlueprintVersion
    followed = sa.exists().where(later.blueprint_id == row.blueprint_id, later.version > row.version).correlate(row)
    query = (
        sa.select(row)
        .join(Blueprint, Blueprint.id == row.blueprint_id)
        .where(~Blueprint.retired, ~followed)
        .order_by(Blueprint.title, Blueprint.id)
        .options(orm.contains_eager(row.blueprint))
    )
    return list(db.session.scalars(query))


def blueprint(code: str) -> BlueprintVersion | None:
    """The newest version of a blueprint in use."""
    return next((one for one in blueprints() if one.blueprint.code == code), None)


def fitting(body: Mapping[str, Any]) -> dict[str, list[StationVersion]]:
    """By post of a blueprint: the approved stations that can stand there, those that are meant first in front."""
    stations = list(db.session.scalars(newest_approved()))
    return {post.code: _fitting(post, stations) for post in posts_of(body)}


def _fitting(post: Post, stations: Sequence[StationVersion]) -> list[StationVersion]:
    found = [one for one in stations if fits(post, one.station.code, one.station.skill, one.body["minutes"])]
    return sorted(found, key=lambda one: meant_first(post, one.station.code))
