"""Who is to be told, and by which ways they can be reached."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.db.many import among
from lms.institutions.models import Institution
from lms.notifications.models import Choice, Preference
from lms.notifications.rules.kinds import Channel, How, Kind
from lms.notifications.rules.timing import Habits
from lms.people.models import Person, RoleGrant


@dataclass(frozen=True)
class Reach:
    """By which channels a person can be reached about a kind, how soon, and with which habits."""

    person_id: int
    institution_id: int
    hows: dict[Channel, How]
    habits: Habits


def reach(person_ids: Collection[int], kind: Kind, channels: Collection[Channel]) -> dict[int, Reach]:
    """How these persons are reached; who has left or has no address is told in the inbox alone."""
    wanted = sorted(set(person_ids))
    rows = db.session.execute(_asked(wanted, kind), execution_options=Everything)
    return {row.id: Reach(row.id, row.institution_id, _hows(row, kind, channels), habits_of(row)) for row in rows}


def _asked(wanted: list[int], kind: Kind) -> sa.Select[Any]:
    """One row a person, with what was chosen for the kind as `{channel: how}`."""
    chosen = (
        sa.select(sa.func.coalesce(sa.func.json_object_agg(Choice.channel, Choice.how), sa.text("'{}'::json")))
        .where(Choice.person_id == Person.id, Choice.kind == kind.name)
        .scalar_subquery()
    )
    return (
        sa.select(
            Person.id,
            Person.institution_id,
            Person.active,
            (sa.func.coalesce(Person.email, "") != "").label(Channel.MAIL),
            Person.phone.is_not(None).label(Channel.SMS),
            Preference.quiet_from,
            Preference.quiet_until,
            Preference.digest_at,
            chosen.label("chosen"),
        )
        .outerjoin(Preference, Preference.person_id == Person.id)
        .where(among(Person.id, wanted))
    )


def _hows(row: Any, kind: Kind, channels: Collection[Channel]) -> dict[Channel, How]:
    """How soon by each channel that reaches the person."""
    found: dict[Channel, How] = {}
    for channel in channels:
        if row.active and getattr(row, channel):
            how = How(row.chosen.get(channel, kind.unless_chosen(channel)))
            found[channel] = how if how in kind.choices(channel) else kind.unless_chosen(channel)
    return {channel: how for channel, how in found.items() if how is not How.OFF}


def habits_of(row: Any) -> Habits:
    """What a person chose, or what everybody begins with."""
    return Habits() if row.digest_at is None else Habits(row.quiet_from, row.quiet_until, row.digest_at)


def holders(role: Role, institution_id: int, least: int = 2, *, besides: Collection[int] = ()) -> list[int]:
    """Who else holds a role over an institution: from the nearest level on up, until there are enough to decide."""
    root, place = orm.aliased(Institution), orm.aliased(Institution)
    today = clock.today()
    query = (
        sa.select(RoleGrant.person_id, sa.func.nlevel(root.path).label("level"))
        .join(root, root.id == RoleGrant.institution_id)
        .join(place, root.path.op("@>", is_comparison=True)(place.path))
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            place.id == institution_id,
            RoleGrant.role == role,
            RoleGrant.person_id.not_in(besides),
            RoleGrant.begins_on <= today,
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > today),
            Person.active,
        )
    )
    rows = db.session.execute(query, execution_options=Everything).all()
    found: set[int] = set()
    for level in sorted({row.level for row in rows}, reverse=True):
        if len(found) < least:
            found |= {row.person_id for row in rows if row.level == level}
    return sorted(found)
