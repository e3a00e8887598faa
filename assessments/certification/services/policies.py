"""A policy changes: officers draft it, see whom it would move, two approve it, and everybody is decided again."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from assessments.certification.events import PolicyAdopted, PolicyProposed
from assessments.certification.models import (
    DraftEnd,
    OfficerAct,
    PolicyApproval,
    PolicyClosing,
    PolicyDraft,
    PolicyMove,
    PolicyPreview,
    PolicyProposal,
    PolicyVersion,
)
from assessments.certification.policy import Policies, Stars
from assessments.certification.queries import decisions, drafting, policies
from assessments.certification.queries.proposals import APPROVALS_NEEDED
from assessments.certification.rules.policy import content_hash
from assessments.certification.services.proving import Shown, prove
from lms import clock, jobs
from lms.authz import Actor, Permission
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import Institution
from lms.ledger import services as ledger
from lms.people.models import Person
from lms.service import service, tell

POLICY: Final = "certification.policy"
PROPOSAL: Final = "certification.policy-proposal"
APPROVAL: Final = "certification.policy-approval"
CLOSING: Final = "certification.policy-closing"
#: The second shape of what the ledger keeps of a policy: with those who approved it.
SHAPE: Final = 2
#: Moves that are written at once.
AT_ONCE: Final = 5_000


# ---- a draft -----------------------------------------------------------------------------------


@service(needs=Policies.DRAFT)
def draft_policy(actor: Actor, top: Institution, *, source: PolicyVersion) -> PolicyDraft:
    """Begin a draft of the installation's next version with what another version, of whatever policy, asks for."""
    _over_everybody(actor, Policies.DRAFT)
    base = policies.newest(db.session) or source
    day = max(clock.today(), base.valid_from)
    about = {"code": policies.code(), "version": base.version + 1, "valid_from": day.isoformat()}
    row = PolicyDraft(
        institution_id=top.id,
        base_id=base.id,
        content=source.content | about,
        started_by_id=actor.person_id,
        edited_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    tell(policy=f"{policies.code()} {base.version + 1}")
    return row


@service(needs=Policies.DRAFT, tells=("what",))
def edit_policy(
    actor: Actor, draft: PolicyDraft, *, revision: int, content: Mapping[str, Any], what: str, reason: str | None = None
) -> PolicyDraft:
    """Keep a draft as an officer has just changed it; raises Conflict where somebody else did meanwhile."""
    _lock(draft)
    if draft.revision != revision:
        raise Conflict(_("Somebody else has changed the draft meanwhile. Look at it again."))
    draft.content = dict(content)
    draft.reason = draft.reason if reason is None else reason.strip()
    draft.revision += 1
    draft.edited_by_id, draft.edited_at = actor.person_id, clock.now()
    db.session.flush()
    return draft


@service(needs=Policies.DRAFT)
def discard_policy(actor: Actor, draft: PolicyDraft) -> PolicyDraft:
    """Give a draft up; it is kept, and edited no more."""
    _lock(draft)
    _end(draft, DraftEnd.DISCARDED)
    return draft


@service(needs=Policies.DRAFT)
def take_up_policy(actor: Actor, draft: PolicyDraft) -> PolicyDraft:
    """Go on with a draft that was given up."""
    db.session.refresh(draft, with_for_update=True)
    if draft.ended != DraftEnd.DISCARDED:
        raise Conflict(_("This draft was not given up."))
    draft.ended = draft.ended_at = None
    db.session.flush()
    return draft


def _lock(draft: PolicyDraft) -> None:
    db.session.refresh(draft, with_for_update=True)
    if draft.ended is not None:
        raise Conflict(_("This draft is not edited any more."))


def _end(draft: PolicyDraft, end: DraftEnd | None) -> None:
    draft.ended, draft.ended_at = end, clock.now() if end else None
    db.session.flush()


def _over_everybody(actor: Actor, permission: Permission) -> None:
    """A policy is everybody's: who decides about it has the right at every top of the tree."""
    for top in policies.tops(db.session):
        actor.must(permission, top)


# ---- whom it would move ------------------------------------------------------------------------


@service(needs=Policies.DRAFT)
def preview_policy(actor: Actor, draft: PolicyDraft) -> PolicyPreview:
    """Have counted, in the background, whom a draft would move on today's evidence."""
    db.session.refresh(draft, with_for_update=True)
    in_force = policies.in_force(db.session, clock.today())
    if in_force is None:
        raise Conflict(_("No policy is in force yet, so nobody would be moved."))
    _must_be_sound(draft)
    row = PolicyPreview(
        institution_id=draft.institution_id,
        draft_id=draft.id,
        base_id=in_force.id,
        content=draft.content,
        content_hash=content_hash(draft.content),
        on_day=clock.today(),
    )
    db.session.add(row)
    db.session.flush()
    jobs.request(drafting.PREVIEW, by=actor.person_id, key=f"{drafting.PREVIEW}:{row.id}", preview_id=row.id)
    return row


def _must_be_sound(draft: PolicyDraft) -> None:
    if not drafting.check(db.session, draft.content).sound:
        raise Conflict(_("The draft has errors. Mend what is listed first."))


@service(needs=Policies.PREVIEW)
def count_policy(actor: Actor, row: PolicyPreview, *, progress: jobs.Progress | None = None) -> PolicyPreview:
    """Count whom a draft would move and write each of them down; safe to repeat."""
    base = db.session.get_one(PolicyVersion, row.base_id)
    checked = drafting.check(db.session, row.content)
    if checked.policy is None:
        raise Conflict(_("The draft has errors. Mend what is listed first."))
    db.session.execute(sa.delete(PolicyMove).where(PolicyMove.preview_id == row.id))
    persons = drafting.everybody_with_evidence(db.session)
    ways: dict[tuple[int, int], int] = {}
    asked = [policies.policy_of(base), checked.policy]
    for done in range(0, len(persons), AT_ONCE):
        if progress is not None:
            progress(done, len(persons))
        some = persons[done : done + AT_ONCE]
        before, after = drafting.stars_under(db.session, asked, some, row.on_day)
        for person in some:
            way = before[person], after[person]
            ways[way] = ways.get(way, 0) + 1
        _write_moves(row, {one: (before[one], after[one]) for one in some if before[one] != after[one]})
    counts = drafting.counted([[*way, number] for way, number in sorted(ways.items())])
    row.persons, row.up, row.down = counts.persons, counts.up, counts.down
    row.ways = [list(way) for way in counts.ways]
    row.done_at = clock.now()
    db.session.flush()
    return row


def _write_moves(row: PolicyPreview, moving: Mapping[int, tuple[int, int]]) -> None:
    if not moving:
        return
    places = drafting.places_of(db.session, list(moving))
    db.session.execute(
        sa.insert(PolicyMove),
        [
            {
                "preview_id": row.id,
                "person_id": person,
                "institution_id": places[person],
                "before": before,
                "after": after,
            }
            for person, (before, after) in moving.items()
        ],
    )


# ---- two officers ------------------------------------------------------------------------------


@service(needs=Policies.DRAFT)
def propose_policy(actor: Actor, draft: PolicyDraft, *, revision: int) -> PolicyProposal:
    """Lay a draft before two officers: sound, counted as it is now, with a day that has not passed, and a reason."""
    _over_everybody(actor, Policies.DRAFT)
    _lock(draft)
    if draft.revision != revision:
        raise Conflict(_("Somebody else has changed the draft meanwhile. Look at it again."))
    counted = _ready(draft)
    number, day = int(draft.content["version"]), drafting.first_day(draft.content)
    digest = content_hash(draft.content)
    words = {
        "code": draft.content["code"],
        "version": number,
        "hash": digest.hex(),
        "from": day.isoformat(),
        "reason": draft.reason,
        "moves": {"persons": counted.persons, "up": counted.up, "down": counted.down},
    }
    recorded = ledger.append(db.session, PROPOSAL, words)
    row = PolicyProposal(
        institution_id=draft.institution_id,
        draft_id=draft.id,
        base_id=draft.base_id,
        preview_id=counted.id,
        code=draft.content["code"],
        version=number,
        valid_from=day,
        content=draft.content,
        content_hash=digest,
        reason=draft.reason,
        by_id=actor.person_id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    _end(draft, DraftEnd.PROPOSED)
    publish(PolicyProposed(row.id))
    tell(policy=f"{row.code} {row.version}", hash=digest.hex())
    return row


def _ready(draft: PolicyDraft) -> PolicyPreview:
    """The count that belongs to a draft as it is; raises Conflict or Invalid for what is missing."""
    newest = _lock_book()
    if newest is not None and newest.id != draft.base_id:
        raise Conflict(_("Another version has been adopted since. Begin a new draft with it."))
    if drafting.open_proposals(db.session):
        raise Conflict(_("Another proposal waits for approval. It must be decided first."))
    _must_be_sound(draft)
    if not draft.reason:
        raise Invalid(_("Say why the policy changes, under “About this version”."))
    if drafting.first_day(draft.content) < clock.today():
        raise Conflict(_("The first day has passed. Choose today or a later day, under “About this version”."))
    counted = drafting.preview_of(db.session, draft)
    if counted is None or not drafting.is_of(counted, draft):
        raise Conflict(_("Have it counted first whom this version would move."))
    return counted


def _lock_book() -> PolicyVersion | None:
    """The newest version, locked until the commit: one decides about the next at a time."""
    newest = policies.newest(db.session)
    if newest is not None:
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(int.from_bytes(b"policies"))))
        db.session.expire_all()
        newest = policies.newest(db.session)
    return newest


@service(needs=Policies.DECIDE)
def approve_policy(actor: Actor, proposal: PolicyProposal, *, seen: str, code: Shown) -> PolicyApproval:
    """One officer's approval of the version's hash; the second officer's puts it into the book.

    Raises Conflict for what cannot be approved any more, Invalid for a wrong code.
    """
    _over_everybody(actor, Policies.DECIDE)
    _lock_book()
    given = drafting.approvals_of(db.session, proposal.id)
    if seen != proposal.content_hash.hex():
        raise Conflict(_("The document changed while you were looking at it. Open it again."))
    _may_be_approved(actor, proposal, given)
    (officer,) = decisions.locked(db.session, [actor.person_id or 0])
    act = prove(actor, officer, hashes=[proposal.content_hash], purpose="policy", code=code)
    row = _write_approval(proposal, officer, act, place=len(given) + 1)
    if row.place == APPROVALS_NEEDED:
        _adopt(proposal, [*given, row])
    tell(policy=f"{proposal.code} {proposal.version}", hash=seen, act=act.id)
    return row


def _may_be_approved(actor: Actor, proposal: PolicyProposal, given: list[PolicyApproval]) -> None:
    if not drafting.is_open(db.session, proposal):
        raise Conflict(_("This proposal has been decided."))
    if actor.person_id in [one.approver_id for one in given]:
        raise NotAllowed(_("You have approved this already. The second approval must be another officer's."))
    if proposal.valid_from < clock.today():
        raise Conflict(_("The first day has passed. Turn it down, and propose it with a later day."))


def _write_approval(proposal: PolicyProposal, officer: Person, act: OfficerAct, *, place: int) -> PolicyApproval:
    words = {
        "hash": proposal.content_hash.hex(),
        "place": place,
        "officer": str(officer.ledger_subject),
        "officer_id": officer.id,
        "act": act.id,
    }
    recorded = ledger.append(db.session, APPROVAL, words)
    row = PolicyApproval(
        institution_id=proposal.institution_id,
        proposal_id=proposal.id,
        place=place,
        approver_id=officer.id,
        content_hash=proposal.content_hash,
        act_id=act.id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _adopt(proposal: PolicyProposal, given: list[PolicyApproval]) -> PolicyVersion:
    words = {
        "shape": SHAPE,
        "code": proposal.code,
        "version": proposal.version,
        "hash": proposal.content_hash.hex(),
        "from": proposal.valid_from.isoformat(),
        "approvals": [one.ledger_index for one in given],
    }
    recorded = ledger.append(db.session, POLICY, words)
    version = PolicyVersion(
        code=proposal.code,
        version=proposal.version,
        valid_from=proposal.valid_from,
        content=proposal.content,
        content_hash=proposal.content_hash,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(version)
    db.session.flush()
    if version.valid_from <= clock.today():
        _decide_everybody(version)
    publish(PolicyAdopted(version.id))
    return version


@service(needs=Policies.DECIDE, tells=("reason",))
def turn_down_policy(actor: Actor, proposal: PolicyProposal, *, reason: str) -> PolicyClosing:
    """Say no with a reason; the draft is open again for whoever wants to mend it."""
    _over_everybody(actor, Policies.DECIDE)
    _lock_book()
    if not drafting.is_open(db.session, proposal):
        raise Conflict(_("This proposal has been decided."))
    if not reason.strip():
        raise Invalid(_("Say why, so that others know what to change."), reason="")
    words = {"hash": proposal.content_hash.hex(), "reason": reason.strip()}
    recorded = ledger.append(db.session, CLOSING, words)
    row = PolicyClosing(
        institution_id=proposal.institution_id,
        proposal_id=proposal.id,
        reason=reason.strip(),
        by_id=actor.person_id,
        ledger_index=recorded.index,
        sealed=recorded.sealed,
    )
    db.session.add(row)
    _end(proposal.draft, None)
    return row


# ---- in force ----------------------------------------------------------------------------------


@service(needs=Stars.DECIDE)
def bring_into_force(actor: Actor, version: PolicyVersion) -> bool:
    """Have everybody decided again, once, under a version whose first day has come; whether that was asked for now."""
    if jobs.asked_for(drafting.key_of(version)) is not None:
        return False
    _decide_everybody(version)
    return True


def _decide_everybody(version: PolicyVersion) -> None:
    jobs.request(drafting.EVERYBODY, key=drafting.key_of(version))
