"""Reading one's own notices."""

from datetime import datetime

import sqlalchemy as sa

from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.notifications.models import Notice
from lms.notifications.policy import Notices
from lms.notifications.queries.kinds import names_in
from lms.service import service


@service(needs=Notices.READ, later=True)
def open_notice(actor: Actor, notice: Notice) -> None:
    """It has been read; the first time counts."""
    if notice.read_at is None:
        notice.read_at = clock.now()
        db.session.flush()


@service(needs=Notices.READ, later=True)
def keep_unread(actor: Actor, notice: Notice) -> None:
    """It is to stand among what is new again."""
    notice.read_at = None
    db.session.flush()


@service(needs=Notices.OWN, later=True)
def read_all(actor: Actor, on: None, *, group: str = "") -> tuple[datetime, int]:
    """Everything new, or everything new of a group, has been read; the moment by which that can be taken back."""
    moment = clock.now()
    query = sa.update(Notice).where(Notice.person_id == actor.person_id, Notice.read_at.is_(None))
    if group:
        query = query.where(Notice.kind.in_(names_in(group)))
    changed = db.session.execute(query.values(read_at=moment).execution_options(synchronize_session=False))
    return moment, changed.rowcount  # type: ignore[attr-defined]


@service(needs=Notices.OWN, later=True)
def take_back(actor: Actor, on: None, *, moment: datetime) -> int:
    """What was called read all at once at this moment is new again; how many."""
    query = sa.update(Notice).where(Notice.person_id == actor.person_id, Notice.read_at == moment)
    changed = db.session.execute(query.values(read_at=None).execution_options(synchronize_session=False))
    return changed.rowcount  # type: ignore[attr-defined,no-any-return]
