"""Importing a roster: sent, checked, and then applied as a whole or not at all."""

from datetime import timedelta

import sqlalchemy as sa

from lms import clock, jobs, vault
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict
from lms.i18n import _
from lms.people.formats.plans import lines, pack
from lms.people.formats.roster import Roster, read_roster
from lms.people.models import RosterImport
from lms.people.policy import People
from lms.people.queries.roster import directory, kept_roots
from lms.people.rules.planning import Plan, make
from lms.people.rules.roster import understand
from lms.people.services.register import Progress, enter
from lms.service import service, tell
from lms.web.intake import Kind, Taken

#: How long a roster waits for its import.
KEPT = timedelta(days=1)
_CONTEXT = b"roster content"


@service(needs=People.IMPORT)
def send(actor: Actor, on: None, *, taken: Taken) -> RosterImport:
    """Take a roster in, and have it checked; raises Invalid at once when it cannot be read as one."""
    roster = read_roster(taken)
    sent = RosterImport(
        institution_id=_home(actor),
        sent_by_id=actor.person_id,
        file_name=taken.name,
        kind=taken.kind.value,
        sha256=taken.sha256,
        content=vault.current().seal(taken.data, _CONTEXT),
        expires_at=clock.now() + KEPT,
        ignored=list(roster.ignored),
    )
    db.session.add(sent)
    db.session.flush()
    tell(sha256=taken.sha256, rows=len(roster.rows))
    sent.check_job = jobs.request(
        "people.check_roster", by=actor.person_id, roster_id=sent.id, person_id=actor.person_id
    )
    return sent


@service(needs=People.IMPORT)
def recheck(actor: Actor, sent: RosterImport) -> None:
    """Check again, because the directory has changed or the last check did not end."""
    _must_wait(sent)
    sent.check_job = jobs.request(
        "people.check_roster", by=actor.person_id, roster_id=sent.id, person_id=actor.person_id
    )
    sent.state, sent.apply_job = "sent", None


@service(needs=People.IMPORT)
def check(actor: Actor, sent: RosterImport) -> Plan:
    """Say what this roster would do; changes nothing in the directory."""
    _must_wait(sent)
    roster, plan = _plan(actor, sent)
    sent.plan, sent.counts, sent.plan_hash = pack(lines(plan, roster.rows)), plan.counts, plan.digest
    sent.state = "checked"
    tell(**plan.counts)
    return plan


@service(needs=People.IMPORT, tells=("sha256",))
def request_import(actor: Actor, sent: RosterImport, *, sha256: str, plan_hash: str) -> None:
    """Have a checked roster imported: this file, and to the effect that was shown."""
    _must_wait(sent)
    if sent.state != "checked" or (sent.sha256, sent.plan_hash) != (sha256, plan_hash):
        raise Conflict(_("This is not what was checked. Check again."))
    if (sent.counts or {}).get("refused"):
        raise Conflict(_("Rows are refused; nothing was imported."))
    sent.apply_job = jobs.request(
        "people.apply_roster",
        by=actor.person_id,
        key=f"roster {sent.id} {plan_hash}",
        roster_id=sent.id,
        person_id=actor.person_id,
        plan_hash=plan_hash,
    )


@service(needs=People.IMPORT)
def apply(actor: Actor, sent: RosterImport, *, plan_hash: str, progress: Progress | None = None) -> dict[str, int]:
    """Import a roster, all or nothing, if it still does what the check said; counts by outcome."""
    locked = sa.select(RosterImport.state).where(RosterImport.id == sent.id).with_for_update()
    if db.session.scalar(locked) == "applied":
        return sent.counts or {}
    db.session.refresh(sent)
    _must_wait(sent)
    _roster, plan = _plan(actor, sent)
    if plan.digest != plan_hash or sent.plan_hash != plan_hash:
        raise Conflict(_("The directory has changed since the check. Check again."))
    enter(actor, None, plan=plan, progress=progress)
    sent.state, sent.applied_at, sent.content, sent.counts = "applied", clock.now(), None, plan.counts
    tell(sha256=sent.sha256)
    return plan.counts


@service(needs=People.IMPORT)
def expire(actor: Actor, on: None) -> int:
    """Throw away what was kept of rosters longer than a day; how many."""
    old = (
        sa.update(RosterImport)
        .where(
            RosterImport.expires_at < clock.now(), RosterImport.plan.is_not(None) | RosterImport.content.is_not(None)
        )
        .values(
            content=None,
            plan=None,
            state=sa.case((RosterImport.state == "applied", "applied"), else_="expired"),
        )
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(old, execution_options=Everything).rowcount  # type: ignore[attr-defined,no-any-return]


def _home(actor: Actor) -> int:
    """The institution at the top of what this actor keeps, under which the roster is filed."""
    roots = sorted(kept_roots(actor), key=lambda root: (root.count("."), root))
    return int(roots[0].rpartition(".")[2])


def _must_wait(sent: RosterImport) -> None:
    if sent.state == "applied":
        raise Conflict(_("This roster has been imported."))
    if sent.content is None or sent.state == "expired":
        raise Conflict(_("This roster was kept for a day and is gone. Send it again."))


def _plan(actor: Actor, sent: RosterImport) -> tuple[Roster, Plan]:
    data = vault.current().open(sent.content or b"", _CONTEXT)
    roster = read_roster(Taken(sent.file_name, data, Kind(sent.kind), sent.sha256))
    today = clock.today()
    understood = [understand(row, today) for row in roster.rows]
    return roster, make(understood, directory(actor, [entry for entry, _problems in understood]))
