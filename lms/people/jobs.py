"""Long work about people: checking and importing rosters, and forgetting old ones."""

from typing import Any

from flask import current_app

from config import Settings
from lms import jobs
from lms.authz import Actor
from lms.db import act_as, db
from lms.errors import Conflict
from lms.mail import mailer
from lms.people import documents
from lms.people.formats.letters import reset_letter
from lms.people.models import Person, PersonExport, RosterImport
from lms.people.policy import People
from lms.people.queries import actor_for
from lms.people.services import erasing, exporting, own_password, roster, signing_in


def register() -> None:
    """Say how the jobs are done (called in wiring)."""
    jobs.register("people.check_roster", check_roster)
    jobs.register("people.apply_roster", apply_roster)
    jobs.register("people.send_reset", send_reset)
    jobs.register(exporting.MAKE, make_export)
    jobs.register("people.forget_exports", forget_exports, every=jobs.hourly(37))
    jobs.register("people.erase_due", erase_due, every=jobs.daily(19, 5))
    jobs.register("people.sweep_sign_ins", sweep_sign_ins, every=jobs.daily(18, 40))
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


def send_reset(_progress: jobs.Progress, *, account: str) -> dict[str, Any]:
    """Send the letter with the link to a new password; the outcome does not say whether there was anybody."""
    actor = Actor.job("send reset", People.SEND_RESET)
    act_as(db.session, actor)
    found = own_password.begin_reset(actor, account)
    if found is not None:
        settings: Settings = current_app.config["LMS"]
        address = f"{settings.public_url.rstrip('/')}/reset-password?token={found[1]}"
        mailer(settings.smtp_url, settings.mail_from, settings.mail_folder).send(reset_letter(found[0], address))
    return {}


def sweep_sign_ins(_progress: jobs.Progress) -> dict[str, Any]:
    """End what has timed out, forget what is long over."""
    actor = Actor.job("sweep sign-ins", People.SWEEP)
    act_as(db.session, actor)
    return {"ended": signing_in.sweep(actor, None)}


def make_export(_progress: jobs.Progress, *, export_id: int) -> dict[str, Any]:
    """Make the file with all that is kept about a person."""
    actor = Actor.job("make export", People.MAKE_EXPORT)
    act_as(db.session, actor)
    export = db.session.get(PersonExport, export_id)
    if export is not None:
        person = db.session.get_one(Person, export.person_id)
        exporting.keep(actor, export, packed=lambda: documents.own_file(db.session, person))
    return {}


def forget_exports(_progress: jobs.Progress) -> dict[str, Any]:
    """Throw away files that nobody took for a week."""
    actor = Actor.job("forget exports", People.MAKE_EXPORT)
    act_as(db.session, actor)
    return {"forgotten": exporting.forget(actor, None)}


def erase_due(progress: jobs.Progress) -> dict[str, Any]:
    """Erase whom two people wanted erased, once the time is over; each in a transaction of its own."""
    actor = Actor.job("erase people", People.ERASE_DUE)
    act_as(db.session, actor)
    settings: Settings = current_app.config["LMS"]
    return {"erased": erasing.erase_all(actor, settings.ledger_witness_path.with_name(erasing.REMEMBERED), progress)}
