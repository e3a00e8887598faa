"""How somebody wants to be told, and forgetting what they were told."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Invalid
from lms.i18n import LANGUAGES, _
from lms.notifications.models import Choice, Delivery, Notice, Preference
from lms.notifications.policy import Notices
from lms.notifications.queries import settings as queries
from lms.notifications.queries.kinds import KINDS
from lms.notifications.rules.delivery import GOING_OUT
from lms.notifications.rules.kinds import Channel, How
from lms.notifications.rules.timing import Habits
from lms.people.models import Person
from lms.service import service, tell


@service(needs=Notices.SETTLE)
def settle(
    actor: Actor, person: Person, *, choices: Mapping[tuple[str, Channel], How], habits: Habits, language: str
) -> None:
    """Say how one wants to be told; what is as everybody begins is not kept, so that it follows when that changes."""
    if language not in LANGUAGES:
        raise Invalid(_("Choose one of the languages."), field="language")
    rows = [_choice(person, name, channel, how) for (name, channel), how in choices.items()]
    asked = {name for name, _channel in choices}
    db.session.execute(sa.delete(Choice).where(Choice.person_id == person.id, Choice.kind.in_(asked)))
    db.session.add_all(row for row in rows if row is not None)
    row = queries.preference(person.id)
    if row is None:
        row = Preference(person_id=person.id, institution_id=person.institution_id)
        db.session.add(row)
    row.quiet_from, row.quiet_until, row.digest_at = habits.quiet_from, habits.quiet_until, habits.digest_at
    row.language = language
    db.session.flush()


def _choice(person: Person, name: str, channel: Channel, how: How) -> Choice | None:
    kind = KINDS.get(name)
    if kind is None or how not in kind.choices(channel):
        raise Invalid(_("This cannot be chosen here."))
    if how is kind.unless_chosen(channel):
        return None
    return Choice(person_id=person.id, institution_id=person.institution_id, kind=name, channel=channel, how=how)


def forget(session: orm.Session, person_id: int) -> int:
    """Delete all that a person was told and how they wanted to be told, for their erasure; how many rows that were."""
    deletions = (
        sa.delete(model).where(model.person_id == person_id) for model in (Delivery, Notice, Choice, Preference)
    )
    return sum(session.execute(one, execution_options=Everything).rowcount for one in deletions)  # type: ignore[attr-defined]


@service(needs=Notices.FORGET, later=True)
def forget_old(actor: Actor, on: None, *, before: datetime, most: int) -> int:
    """Delete some of what people were told before a moment, unless it still goes out; how many were deleted."""
    still = sa.exists().where(Delivery.notification_id == Notice.id, Delivery.state.in_(GOING_OUT))
    old = sa.select(Notice.id).where(Notice.told_at < before, ~still).order_by(Notice.id).limit(most)
    numbers = list(db.session.scalars(old, execution_options=Everything))
    for deletion in (
        sa.delete(Delivery).where(Delivery.notification_id.in_(numbers)),
        sa.delete(Notice).where(Notice.id.in_(numbers)),
    ):
        db.session.execute(deletion, execution_options={**Everything, "synchronize_session": False})
    if numbers:
        tell(messages=len(numbers))
    return len(numbers)
