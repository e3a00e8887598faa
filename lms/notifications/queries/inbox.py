"""One's own notices."""

import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import db
from lms.notifications.models import Notice
from lms.notifications.queries.kinds import KINDS, names_in


def unread(person_id: int) -> int:
    """How many notices a person has not opened."""
    query = sa.select(sa.func.count()).select_from(Notice).where(*_unread(person_id))
    return db.session.scalars(query).one()


def _unread(person_id: int) -> list[sa.ColumnElement[bool]]:
    return [Notice.person_id == person_id, Notice.read_at.is_(None)]


def listing(person_id: int, *, new: bool, group: str = "") -> sa.Select[Notice]:
    """A person's notices, newest first; only those not opened, only those of a group."""
    query = sa.select(Notice).where(Notice.person_id == person_id)
    if new:
        query = query.where(Notice.read_at.is_(None))
    if group:
        query = query.where(Notice.kind.in_(names_in(group)))
    return query.order_by(Notice.id.desc())


def newest(person_id: int, most: int = 3) -> list[Notice]:
    """The newest of what a person has not opened."""
    query = sa.select(Notice).where(*_unread(person_id)).order_by(Notice.id.desc()).limit(most)
    return list(db.session.scalars(query))


def notice(id: int) -> Notice | None:
    """One notice with the ways it went out."""
    query = sa.select(Notice).where(Notice.id == id).options(orm.selectinload(Notice.deliveries))
    return db.session.scalar(query) if id < 1 << 63 else None


def leads_somewhere(found: Notice) -> bool:
    """Whether a notice still knows where it leads."""
    kind = KINDS.get(found.kind)
    return kind is not None and all(name in found.facts for name in kind.arguments)
