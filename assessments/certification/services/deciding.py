"""Deciding again when evidence, policy or time has changed, and proposing what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.certification.events import CertificatesProposed
from assessments.certification.models import ClosingKind, PolicyVersion, Proposal, ProposalClosing, StarDecision
from assessments.certification.policy import Certificates, Stars
from assessments.certification.queries import decisions, evidence, looks, policies, renewals, standings
from assessments.certification.rules.decision import Decision, Evidence, decide, says_the_same
from assessments.certification.rules.document import Document
from assessments.certification.services.renewing import propose_due
from lms import clock, ids
from lms.authz import Actor
from lms.db import db
from lms.events import publish
from lms.institutions.models import Institution
from lms.ledger import services as ledger
from lms.people.models import Person
from lms.service import service, tell

DECISION = "certification.decision"
PROPOSAL = "certification.proposal"
CLOSING = "certification.closing"


@dataclass(frozen=True)
class Decided:
    """What came of deciding about many: the newest decision of each, and who moved from which star to which."""

    rows: Mapping[int, StarDecision]
    written: int
    moves: Mapping[int, tuple[int, int]]


@service(needs=Stars.DECIDE)
def decide_again(actor: Actor, person: Person) -> StarDecision | None:
    """Decide about one person on today's evidence; writes a row only if something has changed.

    None while no policy is loaded. A star above the certificates held leads to a proposal; a proposal whose
    evidence is no longer today's is closed.
    """
    made = _decide(actor, [person.id])
    row = made.rows.get(person.id)
    if row is not None and made.written:
        tell(star=row.star, policy=f"{row.policy_version.code} {row.policy_version.version}")
    return row


@service(needs=Stars.DECIDE)
def decide_many(actor: Actor, on: None, *, person_ids: Sequence[int]) -> Decided:
    """Decide about many persons in one transaction, as `decide_again` does about each; one line of audit for all.

    Every decision that is written has an entry of its own in the ledger.
    """
    made = _decide(actor, person_ids)
    if made.written:
        tell(decided=len(made.rows), written=made.written, moved=len(made.moves))
    return made


def _decide(actor: Actor, person_ids: Sequence[int]) -> Decided:
    people = decisions.locked(db.session, sorted(set(person_ids)))
    today = clock.today()
    version = policies.in_force(db.session, today)
    if version is None or not people:
        return Decided({}, 0, {})
    numbers = [person.id for person in people]
    policy, found = policies.policy_of(version), evidence.of_persons(db.session, numbers)
    made = {one: decide(policy, found.get(one, ()), today) for one in numbers}
    last = standings.latest(db.session, numbers)
    changed = [p for p in people if not _same(last.get(p.id), version, made[p.id])]
    written = _write(changed, version, made, found)
    rows = last | written
    _close_overtaken(people, rows)
    _propose(actor, people, rows)
    before = {one: last[one].star if one in last else 0 for one in written}
    moves = {one: (before[one], row.star) for one, row in written.items() if before[one] != row.star}
    return Decided(rows, len(written), moves)


def _same(last: StarDecision | None, version: PolicyVersion, made: Decision) -> bool:
    return (
        last is not None
        and last.policy_version_id == version.id
        and last.evidence_hash == made.evidence_hash
        and last.star == made.star
        and says_the_same(last.explanation, made)
    )


def _write(
    people: Sequence[Person],
    version: PolicyVersion,
    made: Mapping[int, Decision],
    found: Mapping[int, Sequence[Evidence]],
) -> dict[int, StarDecision]:
    """Write decisions down, all with a few statements; the ledger comes last before the rows that point to it."""
    statements = [ledger.Statement(DECISION, _words(version, made[one.id]), one.ledger_subject) for one in people]
    recorded = ledger.append_many(db.session, statements)
    rows = {
        person.id: StarDecision(
            person_id=person.id,
            institution_id=person.institution_id,
            policy_version_id=version.id,
            evidence_hash=made[person.id].evidence_hash,
            evidence_ids=sorted(one.id for one in found.get(person.id, ())),
            on_day=made[person.id].on,
            star=made[person.id].star,
            explanation=made[person.id].kept(),
            certainty=made[person.id].certainty,
            borderline=made[person.id].borderline,
            changes_on=made[person.id].changes_on,
            ledger_index=entry.index,
            sealed=entry.sealed,
        )
        for person, entry in zip(people, recorded, strict=True)
    }
    db.session.add_all(rows.values())
    db.session.flush()
    return rows


def _words(version: PolicyVersion, made: Decision) -> dict[str, object]:
    return {
        "policy": version.content_hash.hex(),
        "evidence": made.evidence_hash.hex(),
        "star": made.star,
        "on": made.on.isoformat(),
    }


def _close_overtaken(people: Sequence[Person], rows: Mapping[int, StarDecision]) -> None:
    """Close the cases that rest on another decision than the newest."""
    found = standings.open_cases(db.session, [person.id for person in people])
    cases = [(one, case) for one in people for case in found.get(one.id, ()) if case.decision_id != rows[one.id].id]
    kind = str(ClosingKind.SUPERSEDED)
    words = [{"proposal": case.public_id, "kind": kind} for _, case in cases]
    subjects = [one.ledger_subject for one, _ in cases]
    statements = [ledger.Statement(CLOSING, said, subject) for said, subject in zip(words, subjects, strict=True)]
    recorded = ledger.append_many(db.session, statements)
    db.session.add_all(
        ProposalClosing(
            person_id=one.id,
            institution_id=case.institution_id,
            proposal_id=case.id,
            kind=ClosingKind.SUPERSEDED,
            ledger_index=entry.index,
            sealed=entry.sealed,
        )
        for (one, case), entry in zip(cases, recorded, strict=True)
    )
    db.session.flush()


def _propose(actor: Actor, people: Sequence[Person], rows: Mapping[int, StarDecision]) -> None:
    """Lay before the officers what exceeds the certificates held, unless it waits for a second look."""
    able = [person for person in people if rows[person.id].star]
    waits = looks.awaiting(db.session, [rows[person.id] for person in able])
    able = [person for person in able if rows[person.id].id not in waits]
    held = standings.stars_held(db.session, [person.id for person in able], clock.today())
    above = [person for person in able if person.active and rows[person.id].star > held.get(person.id, 0)]
    done = standings.proposed(db.session, [rows[person.id].id for person in above])
    new = [(rows[person.id], person) for person in above if rows[person.id].id not in done]
    if new:
        propose(actor, None, chosen=new)
    due = renewals.due_people(db.session, [person.id for person in able], clock.today())
    for person in able:
        if person.id in due:
            propose_due(actor, rows[person.id], person=person)


@service(needs=Certificates.PROPOSE)
def propose(actor: Actor, on: None, *, chosen: Sequence[tuple[StarDecision, Person]]) -> list[Proposal]:
    """Lay certificates before the officers, for whoever is under an authority that could issue one.

    The decisions are new ones: none has led to a proposal. One line of audit for all.
    """
    places = decisions.authorities_over(db.session, [person.institution_id for _, person in chosen])
    cases = [(*one, places[one[1].institution_id][1]) for one in chosen if one[1].institution_id in places]
    documents = [_document(*case) for case in cases]
    statements = [
        ledger.Statement(PROPOSAL, document.plain(), person.ledger_subject)
        for document, (_, person, _) in zip(documents, cases, strict=True)
    ]
    recorded = ledger.append_many(db.session, statements)
    rows = [
        Proposal(
            person_id=person.id,
            institution_id=person.institution_id,
            decision_id=decision.id,
            authority_id=authority.id,
            public_id=document.public_id,
            category=person.category,
            star=decision.star,
            document_hash=document.hash,
            ledger_index=entry.index,
            sealed=entry.sealed,
        )
        for (decision, person, authority), document, entry in zip(cases, documents, recorded, strict=True)
    ]
    db.session.add_all(rows)
    db.session.flush()
    if rows:
        publish(CertificatesProposed([row.id for row in rows]))
    tell(documents=[row.document_hash.hex() for row in rows])
    return rows


def _document(decision: StarDecision, person: Person, authority: Institution) -> Document:
    """What would be certified, word for word."""
    version = decision.policy_version
    return Document(
        public_id=ids.public_id(),
        name=person.name,
        star=decision.star,
        category=person.category,
        institution=person.institution.name,
        authority_code=authority.division_code,
        authority=authority.name,
        authority_en=authority.name_en,
        policy=f"{version.code} {version.version}",
        policy_hash=version.content_hash.hex(),
        evidence_hash=decision.evidence_hash.hex(),
        decided_on=decision.on_day.isoformat(),
        valid_years=policies.policy_of(version).certificate_years,
    )
