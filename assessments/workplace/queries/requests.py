"""Selects over requests: who waits for whom, since when."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.workplace.models import State, WorkplaceRequest, WorkplaceTurn
from assessments.workplace.rules import EXPIRES, GRACE
from lms import clock
from lms.db import db


def _loaded() -> sa.Select[WorkplaceRequest]:
    return sa.select(WorkplaceRequest).options(
        orm.joinedload(WorkplaceRequest.station), orm.joinedload(WorkplaceRequest.technique)
    )


def waiting(assessor_id: int) -> list[WorkplaceRequest]:
    """What waits for an assessor, the longest first."""
    query = _loaded().where(WorkplaceRequest.assessor_id == assessor_id, WorkplaceRequest.state == State.OPEN)
    return list(db.session.scalars(query.order_by(WorkplaceRequest.waits_since, WorkplaceRequest.id)))


def lately_ended(assessor_id: int) -> list[WorkplaceRequest]:
    """Requests withdrawn or put away not long ago: what was watched before can still be handed in."""
    query = _loaded().where(
        WorkplaceRequest.assessor_id == assessor_id,
        WorkplaceRequest.state.in_([State.WITHDRAWN, State.EXPIRED]),
        WorkplaceRequest.closed_on >= clock.today() - GRACE,
    )
    return list(db.session.scalars(query.order_by(WorkplaceRequest.closed_on, WorkplaceRequest.id)))


def of_doctor(person_id: int) -> list[WorkplaceRequest]:
    """A doctor's own open requests, the next first; and those that came to nothing in the last 60 days."""
    recent = clock.today() - 2 * EXPIRES
    query = _loaded().where(
        WorkplaceRequest.person_id == person_id,
        sa.or_(
            WorkplaceRequest.state == State.OPEN,
            sa.and_(WorkplaceRequest.state != State.DONE, WorkplaceRequest.closed_on >= recent),
        ),
    )
    first = WorkplaceRequest.state != State.OPEN
    return list(db.session.scalars(query.order_by(first, WorkplaceRequest.proposed_on, WorkplaceRequest.id)))


def turns(request: WorkplaceRequest) -> list[WorkplaceTurn]:
    """What became of a request, in order."""
    query = sa.select(WorkplaceTurn).where(WorkplaceTurn.request_id == request.id)
    return list(db.session.scalars(query.order_by(WorkplaceTurn.id)))


def overdue(today: date) -> sa.Select[WorkplaceRequest]:
    """Open requests nobody answered for so long that they are put away."""
    query = sa.select(WorkplaceRequest).where(WorkplaceRequest.state == State.OPEN)
    return query.where(WorkplaceRequest.proposed_on < today - EXPIRES).order_by(WorkplaceRequest.id)


def days(since: Any) -> int:
    """For how many days something waits."""
    return (clock.today() - clock.local(since).date()).days
