"""Telling people: into the inbox at once and once, and out by the ways they chose."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from lms import clock, jobs
from lms.authz import Actor
from lms.db import Everything, act_as, db
from lms.db.many import insert_many
from lms.events import subscribe
from lms.notifications.formats import texting
from lms.notifications.models import Delivery, Notice
from lms.notifications.policy import Notices
from lms.notifications.queries import reaching
from lms.notifications.queries.kinds import KINDS
from lms.notifications.rules.kinds import Channel, Heard, Kind, Told
from lms.notifications.rules.timing import due
from lms.service import service, tell

#: The job that hands over what is due.
SEND: Final = "notifications.send"


def notify(*heard: Heard) -> None:
    """Say which events people are told of (called in wiring.py)."""
    for one in heard:
        KINDS[one.kind.name] = one.kind
        subscribe(one.event, one.subscriber, partial(_hear, one))


def _hear(heard: Heard, payload: dict[str, Any]) -> None:
    actor = Actor.job("tell people", Notices.TELL)
    act_as(db.session, actor)
    told = list(heard.find(payload))
    if told:
        tell_people(actor, None, kind=heard.kind, told=told)


def channels() -> list[Channel]:
    """The ways out that this installation has."""
    return [Channel.MAIL, Channel.SMS] if texting.carrier() else [Channel.MAIL]


@service(needs=Notices.TELL, later=True)
def tell_people(actor: Actor, on: None, *, kind: Kind, told: Sequence[Told]) -> int:
    """Tell each of these persons of their matter, who was not told of it before; how many were told now."""
    known = reaching.reach([one.person_id for one in told], kind, channels())
    rows = [
        {
            "person_id": one.person_id,
            "institution_id": known[one.person_id].institution_id,
            "kind": kind.name,
            "matter": one.matter,
            "facts": one.facts,
        }
        for one in told
        if one.person_id in known
    ]
    if not rows:
        return 0
    insert = insert_many(Notice, rows).on_conflict_do_nothing().returning(Notice.id, Notice.person_id)
    new = db.session.execute(insert, execution_options=Everything).all()
    if new:
        _send_out(kind, new, known)
        tell(kind=kind.name, told=len(new))
    return len(new)


def _send_out(kind: Kind, new: Sequence[sa.Row[int, int]], known: dict[int, reaching.Reach]) -> None:
    """Lay down what goes out of the house, each to its moment."""
    now, zone = clock.now(), clock.zone()
    goes = [
        (number, person, channel, due(now, how, known[person].habits, zone))
        for number, person in map(tuple, new)
        for channel, how in known[person].hows.items()
    ]
    rows = [
        {
            "person_id": person,
            "institution_id": known[person].institution_id,
            "notification_id": number,
            "channel": channel,
            "due_at": at,
        }
        for number, person, channel, at in goes
    ]
    if rows:
        db.session.execute(insert_many(Delivery, rows), execution_options=Everything)
    if any(at <= now for *_what, at in goes):
        jobs.request(SEND)
