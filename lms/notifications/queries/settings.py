"""How a person wants to be told."""

import sqlalchemy as sa

from lms.db import db
from lms.notifications.models import Choice, Preference
from lms.notifications.queries.kinds import KINDS
from lms.notifications.rules.kinds import Channel, How


def chosen(person_id: int) -> dict[tuple[str, Channel], How]:
    """How every kind goes out to a person by every channel: chosen, or as the kind says."""
    found = {(kind.name, channel): kind.unless_chosen(channel) for kind in KINDS.values() for channel in Channel}
    for row in db.session.scalars(sa.select(Choice).where(Choice.person_id == person_id)):
        kind, channel, how = KINDS.get(row.kind), Channel(row.channel), How(row.how)
        if kind is not None and how in kind.choices(channel):
            found[row.kind, channel] = how
    return found


def preference(person_id: int) -> Preference | None:
    """When a person wants to be left alone, if they ever said."""
    return db.session.scalar(sa.select(Preference).where(Preference.person_id == person_id))
