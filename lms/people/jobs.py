"""Long work about people: checking and importing rosters, and forgetting old ones."""

from typing import Any

from lms import jobs
from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import Conflict
from lms.people.models import RosterImport
from lms.people.policy import People
from lms.people.queries import actor_for
from lms.people.services import roster


def register() -> None:
    """Say how the jobs are done (called in wiring)."""
    jobs.register("people.check_roster", check_roster)
    jobs.register("people.apply_roster", apply_roster)
    jobs.register("people.expire_rosters", expire_rosters, every=jobs.hourly(17))


def _sent(roster_id: int, person_id: int) -> tuple[Actor, RosterImport]:
    """The roster as whoever asked for the work may see it now."""
    actor = actor_for(person_id)
    act_as(db.session, actor)
    return actor, db.session.get_one(RosterImport, roster_id)


def check_roster(_progress: jobs.Progress, *, roster_id: int, person_id: int) -> dict[str, Any]:
    """Say what a roster would do."""
    actor, sent = _sent(roster_id, person_id)
    if sent.state != "sent":
        return {"counts": sent.counts}
    return {"counts": roster.check(actor, sent).counts}


def apply_roster(progress: jobs.Progress, *, roster_id: int, person_id: int, plan_hash: str) -> dict[str, Any]:
    """Import a roster; a directory that has changed meanwhile is an outcome, not a fault."""
    actor, sent = _sent(roster_id, person_id)
    try:
        return {"counts": roster.apply(actor, sent, plan_hash=plan_hash, progress=progress)}
    except Conflict:
        return {"conflict": True}


def expire_rosters(_progress: jobs.Progress) -> dict[str, Any]:
    """Throw away what was kept longer than a day."""
    actor = Actor.job("expire rosters", People.IMPORT)
    act_as(db.session, actor)
    return {"expired": roster.expire(actor, None)}
