"""Background work: decide again, issue what two officers approved."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from assessments.certification.models import CertificatePeriod, PolicyPreview, Proposal
from assessments.certification.policy import Certificates, Policies, Stars
from assessments.certification.queries import drafting, policies, proposals, renewals, standings
from assessments.certification.rules import renewal
from assessments.certification.rules.policy import Policy
from assessments.certification.rules.status import Period
from assessments.certification.services import approving, deciding, doubting, issuing, renewing
from assessments.certification.services import policies as adopting
from assessments.results.models import Result
from lms import clock, jobs
from lms.authz import Actor
from lms.db import act_as, db, transaction
from lms.errors import Conflict
from lms.institutions.models import Institution
from lms.people.models import Person

ACTOR = Actor.job(
    "certification",
    Stars.DECIDE,
    Certificates.PROPOSE,
    Certificates.ISSUE,
    Certificates.DOUBT,
    Certificates.REMIND,
)
POLICIES = Actor.job("certification policies", Policies.PREVIEW, Stars.DECIDE)
DUE = "certification.decide_due"
EVERYBODY = drafting.EVERYBODY
PLACE = "certification.decide_place"
PREVIEW = drafting.PREVIEW
IN_FORCE = "certification.policy_in_force"
ISSUE = approving.ISSUE
ISSUE_ALL = approving.ISSUE_ALL
LEFT = "certification.issue_left"
RENEWALS = "certification.renewals"
#: Persons decided about in one transaction: enough to write down and commit seldom, few enough that others who
#: append to the ledger hardly wait.
AT_ONCE = 100


def result_recorded(event: dict[str, Any]) -> None:
    """Evidence has come in or was corrected: decide about that one person; see whether certificates rested on it."""
    act_as(db.session, ACTOR)
    person = db.session.get(Person, event["person_id"])
    if person is not None:
        deciding.decide_again(ACTOR, person)
    result = db.session.get_one(Result, event["result_id"])
    if result.supersedes_id is not None:
        doubting.doubt(ACTOR, result)


def results_recorded(event: dict[str, Any]) -> None:
    """Many marks came in at once: decide about each person; see which certificates rested on what was corrected."""
    act_as(db.session, ACTOR)
    for first in range(0, len(event["person_ids"]), AT_ONCE):
        deciding.decide_many(ACTOR, None, person_ids=event["person_ids"][first : first + AT_ONCE])
    for result_id in event["corrected_ids"]:
        doubting.doubt(ACTOR, db.session.get_one(Result, result_id))


def content_loaded(_event: dict[str, Any]) -> None:
    """A policy may be new: have everybody decided again, in the background."""
    act_as(db.session, ACTOR)
    jobs.request(EVERYBODY)


def history_brought_in(event: dict[str, Any]) -> None:
    """Many results came in at once: decide about everybody there, in the background."""
    act_as(db.session, ACTOR)
    jobs.request(PLACE, institution_id=event["institution_id"])


def looked_at(event: dict[str, Any]) -> None:
    """An officer has looked again at a borderline decision: what was found right is proposed."""
    act_as(db.session, ACTOR)
    person = db.session.get(Person, event["person_id"])
    if person is not None and event["confirmed"]:
        deciding.decide_again(ACTOR, person)


def decide_due(progress: jobs.Progress, **_: Any) -> dict[str, Any]:
    """Decide again about those whose evidence has expired by today, and about anybody no event told us of."""
    return decide_everybody(progress)


def decide_everybody(progress: jobs.Progress, **_: Any) -> dict[str, Any]:
    """Decide again about everybody whose last decision is not today's: other evidence, another policy, or time."""
    act_as(db.session, ACTOR)
    version = policies.in_force(db.session, clock.today())
    return _decide(progress, list(db.session.scalars(standings.stale(version, clock.today()))) if version else [])


def decide_place(progress: jobs.Progress, *, institution_id: int) -> dict[str, Any]:
    """Decide again about everybody with evidence at or below an institution."""
    act_as(db.session, ACTOR)
    place = db.session.get_one(Institution, institution_id)
    persons = sa.select(Result.person_id).join(Institution, Institution.id == Result.institution_id)
    persons = persons.where(Institution.path.within([place.path])).distinct().order_by(Result.person_id)
    return _decide(progress, list(db.session.scalars(persons)))


def _decide(progress: jobs.Progress, person_ids: list[int]) -> dict[str, Any]:
    """Decide about them, so many at a time; how many those were, what was written, and who moved up and down."""
    written = up = down = 0
    for done in range(0, len(person_ids), AT_ONCE):
        progress(done, len(person_ids))
        made = deciding.decide_many(ACTOR, None, person_ids=person_ids[done : done + AT_ONCE])
        written += made.written
        up += sum(after > before for before, after in made.moves.values())
        down += sum(after < before for before, after in made.moves.values())
        db.session.expunge_all()
    return {"persons": len(person_ids), "written": written, "up": up, "down": down}


def issue(progress: jobs.Progress, *, proposal_id: int) -> dict[str, Any]:
    """Issue one certificate; what has changed meanwhile is decided again instead."""
    return issue_all(progress, proposal_ids=[proposal_id])


def issue_left(progress: jobs.Progress, **_: Any) -> dict[str, Any]:
    """Issue whatever a failed job has left behind."""
    act_as(db.session, ACTOR)
    return issue_all(progress, proposal_ids=[proposal.id for proposal in proposals.approved(db.session)])


def issue_all(progress: jobs.Progress, *, proposal_ids: list[int]) -> dict[str, Any]:
    """Issue these, each in a transaction of its own; the numbers, and what was refused and why. Safe to repeat."""
    act_as(db.session, ACTOR)
    issued, refused = list[str](), list[dict[str, Any]]()
    for done, proposal_id in enumerate(proposal_ids):
        progress(done, len(proposal_ids))
        proposal = db.session.get_one(Proposal, proposal_id)
        person_id = proposal.person_id
        try:
            issued.append(issuing.issue(ACTOR, proposal).number)
        except Conflict as refusal:
            refused.append({"proposal": proposal_id, "why": str(refusal)})
            deciding.decide_again(ACTOR, db.session.get_one(Person, person_id))
    return {"issued": issued, "refused": refused}


def renew(progress: jobs.Progress, **_: Any) -> dict[str, Any]:
    """Remind the holders of what comes to its end, each once of each stage, and propose the renewals that are due."""
    act_as(db.session, ACTOR)
    today, reminded = clock.today(), 0
    version = policies.in_force(db.session, today)
    if version is None:
        return {"reminded": 0}
    owed = _owed(policies.policy_of(version), today)
    for done, (period_id, stage, days) in enumerate(owed):
        progress(done, len(owed))
        with transaction(db.session):
            period = db.session.get_one(CertificatePeriod, period_id)
            renewing.remind(ACTOR, period, stage=stage, days_before=days)
            deciding.decide_again(ACTOR, db.session.get_one(Person, period.person_id))
        reminded += 1
        db.session.expunge_all()
    return {"reminded": reminded}


def _owed(policy: Policy, today: date) -> list[tuple[int, renewal.Stage, int]]:
    """The reminders that are due by today and were not given yet."""
    rows = renewals.to_remind(db.session, today)
    known = renewals.reminded(db.session, [row.id for row in rows])
    spans = {row.id: Period(row.begins_on, row.ends_on, row.due_on, row.renewable_until) for row in rows}
    found = {number: renewal.reached(span, policy, today) for number, span in spans.items()}
    return [(n, *one) for n, one in found.items() if one is not None and (n, one[0].value, one[1]) not in known]


def preview_policy(progress: jobs.Progress, *, preview_id: int) -> dict[str, Any]:
    """Count whom a draft of the policy would move."""
    act_as(db.session, POLICIES)
    row = adopting.count_policy(POLICIES, db.session.get_one(PolicyPreview, preview_id), progress=progress)
    return {"persons": row.persons, "up": row.up, "down": row.down}


def policy_in_force(_progress: object, **_: Any) -> dict[str, Any]:
    """Have everybody decided again under a version whose first day has come since it was approved."""
    act_as(db.session, POLICIES)
    version = policies.in_force(db.session, clock.today())
    if version is None or drafting.adopted_by(db.session, version) is None:
        return {"begun": False}
    return {"begun": adopting.bring_into_force(POLICIES, version)}
