"""Selects over the wishes to erase somebody."""

import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.db import Everything, db
from lms.people.models import Erasure, Person, PersonExport

PAGE = 50


def erasures(number: int, *, only_open: bool) -> tuple[list[Erasure], int]:
    """The wishes within reach, what is open first, one page of them, and how many there are."""
    query = sa.select(Erasure).join(Person, Person.id == Erasure.person_id)
    if only_open:
        query = query.where(Erasure.withdrawn_at.is_(None), Erasure.done_at.is_(None))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.with_only_columns(Erasure.id).subquery()))
    loaded = orm.joinedload(Erasure.person), orm.joinedload(Erasure.asked_by), orm.joinedload(Erasure.confirmed_by)
    shown = query.options(*loaded).order_by(Erasure.done_at.is_not(None), Erasure.due_on, Erasure.id)
    return list(db.session.scalars(shown.limit(PAGE).offset((number - 1) * PAGE))), total or 0


def erasure_of(person_id: int) -> Erasure | None:
    """The wish that is open or was carried out for a person."""
    query = sa.select(Erasure).where(Erasure.person_id == person_id, Erasure.withdrawn_at.is_(None))
    return db.session.scalars(query).first()


def due(session: orm.Session) -> list[int]:
    """The wishes that are to be carried out now."""
    query = sa.select(Erasure.id).where(
        Erasure.confirmed_at.is_not(None),
        Erasure.withdrawn_at.is_(None),
        Erasure.done_at.is_(None),
        Erasure.due_on <= clock.today(),
    )
    return list(session.scalars(query.order_by(Erasure.id), execution_options=Everything))


def exports_of(person_id: int) -> list[PersonExport]:
    """The files that were asked for and are still kept, newest first; their content is not loaded."""
    query = sa.select(PersonExport).where(PersonExport.person_id == person_id, PersonExport.expires_at > clock.now())
    return list(db.session.scalars(query.options(orm.defer(PersonExport.content)).order_by(PersonExport.id.desc())))
