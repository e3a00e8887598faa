"""Background work: decide again, issue what two officers approved."""

from typing import Any

import sqlalchemy as sa

from assessments.certification.models import Proposal
from assessments.certification.policy import Certificates, Stars
from assessments.certification.queries import decisions, proposals
from assessments.certification.services import approving, deciding, doubting, issuing
from assessments.results.models import Result
from lms import clock, jobs
from lms.authz import Actor
from lms.db import act_as, db, transaction
from lms.errors import Conflict
from lms.institutions.models import Institution
from lms.people.models import Person

ACTOR = Actor.job("certification", Stars.DECIDE, Certificates.PROPOSE, Certificates.ISSUE, Certificates.DOUBT)
DUE = "certification.decide_due"
EVERYBODY = "certification.decide_everybody"
PLACE = "certification.decide_place"
ISSUE = approving.ISSUE
LEFT = "certification.issue_left"
#: Persons decided about in one transaction: enough to write down and commit seldom, few enough that others who
#: append to the ledger hardly wait.
AT_ONCE = 10


def result_recorded(event: dict[str, Any]) -> None:
    """Evidence has come in or was corrected: decide about that one person; see whether certificates rested on it."""
    act_as(db.session, ACTOR)
    person = db.session.get(Person, event["person_id"])
    if person is not None:
        deciding.decide_again(ACTOR, person)
    result = db.session.get_one(Result, event["result_id"])
    if result.supersedes_id is not None:
        doubting.doubt(ACTOR, result)


def content_loaded(_event: dict[str, Any]) -> None:
    """A policy may be new: have everybody decided again, in the background."""
    act_as(db.session, ACTOR)
    jobs.request(EVERYBODY)


def history_brought_in(event: dict[str, Any]) -> None:
    """Many results came in at once: decide about everybody there, in the background."""
    act_as(db.session, ACTOR)
    jobs.request(PLACE, institution_id=event["institution_id"])


def decide_due(progress: jobs.Progress, **_: Any) -> dict[str, Any]:
    """Decide again about those whose evidence has expired by today."""
    act_as(db.session, ACTOR)
    return _decide(progress, list(db.session.scalars(decisions.due(clock.today()))))


def decide_everybody(progress: jobs.Progress, **_: Any) -> dict[str, Any]:
    """Decide again about everybody who has evidence."""
    act_as(db.session, ACTOR)
    return _decide(
        progress, list(db.session.scalars(sa.select(Result.person_id).distinct().order_by(Result.person_id)))
    )


def decide_place(progress: jobs.Progress, *, institution_id: int) -> dict[str, Any]:
    """Decide again about everybody with evidence at or below an institution."""
    act_as(db.session, ACTOR)
    place = db.session.get_one(Institution, institution_id)
    persons = sa.select(Result.person_id).join(Institution, Institution.id == Result.institution_id)
    persons = persons.where(Institution.path.within([place.path])).distinct().order_by(Result.person_id)
    return _decide(progress, list(db.session.scalars(persons)))


def _decide(progress: jobs.Progress, person_ids: list[int]) -> dict[str, Any]:
    for done in range(0, len(person_ids), AT_ONCE):
        progress(done, len(person_ids))
        with transaction(db.session):
            for person_id in person_ids[done : done + AT_ONCE]:
                deciding.decide_again(ACTOR, db.session.get_one(Person, person_id))
        db.session.expunge_all()
    return {"persons": len(person_ids)}


def issue(_progress: object, *, proposal_id: int) -> dict[str, Any]:
    """Issue one certificate; what has changed meanwhile is decided again instead."""
    act_as(db.session, ACTOR)
    outcome = issue_all([proposal_id])
    return {"numbers": outcome["issued"], "refused": outcome["refused"]}


def issue_left(_progress: object, **_: Any) -> dict[str, Any]:
    """Issue whatever a failed job has left behind."""
    act_as(db.session, ACTOR)
    return issue_all([proposal.id for proposal in proposals.approved(db.session)])


def issue_all(proposal_ids: list[int]) -> dict[str, list[str]]:
    """Issue these, each in a transaction of its own; the numbers, and what was refused and why."""
    issued, refused = list[str](), list[str]()
    for proposal_id in proposal_ids:
        proposal = db.session.get_one(Proposal, proposal_id)
        person_id = proposal.person_id
        try:
            issued.append(issuing.issue(ACTOR, proposal).number)
        except Conflict as refusal:
            refused.append(f"{proposal_id}: {refusal}")
            deciding.decide_again(ACTOR, db.session.get_one(Person, person_id))
    return {"issued": issued, "refused": refused}
