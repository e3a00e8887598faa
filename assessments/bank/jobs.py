"""Long work about questions: checking and importing files, and forgetting old ones."""

from typing import Any

from assessments.bank.models import QuestionImport
from assessments.bank.policy import Bank
from assessments.bank.services import exchange
from lms import jobs
from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import Conflict
from lms.people.queries import actor_for


def register() -> None:
    """Say how the jobs are done (called in wiring)."""
    jobs.register("bank.check_import", check_import)
    jobs.register("bank.apply_import", apply_import)
    jobs.register("bank.expire_imports", expire_imports, every=jobs.hourly(23))


def _sent(import_id: int, person_id: int) -> tuple[Actor, QuestionImport]:
    """The file as whoever asked for the work may see it now."""
    actor = actor_for(person_id)
    act_as(db.session, actor)
    return actor, db.session.get_one(QuestionImport, import_id)


def check_import(_progress: jobs.Progress, *, import_id: int, person_id: int) -> dict[str, Any]:
    """Say what a file would do."""
    actor, sent = _sent(import_id, person_id)
    if sent.state != "sent":
        return {"counts": sent.counts}
    return {"counts": exchange.check(actor, sent).counts}


def apply_import(
    progress: jobs.Progress, *, import_id: int, person_id: int, plan_hash: str, partly: bool
) -> dict[str, Any]:
    """Import a file; a bank that has changed meanwhile is an outcome, not a fault."""
    actor, sent = _sent(import_id, person_id)
    try:
        return {"counts": exchange.apply(actor, sent, plan_hash=plan_hash, partly=partly, progress=progress)}
    except Conflict:
        return {"conflict": True}


def expire_imports(_progress: jobs.Progress) -> dict[str, Any]:
    """Throw away what was kept longer than a day."""
    actor = Actor.job("expire question files", Bank.EDIT)
    act_as(db.session, actor)
    return {"expired": exchange.expire(actor, None)}
