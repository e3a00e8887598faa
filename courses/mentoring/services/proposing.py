"""Searching for pairs, and deciding about what was found."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from courses.mentoring.events import PairBegan
from courses.mentoring.models import Decided, Pairing, PairingProposal, PairingRun
from courses.mentoring.policy import Mentoring
from courses.mentoring.queries import matching
from courses.mentoring.rules import RULES, Match, as_because
from courses.mentoring.rules import propose as assign
from courses.mentoring.services.arranging import Terms, checked, lock_pairs, refusals
from courses.mentoring.services.written import kept
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.events import publish
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.service import service, tell


@dataclass(frozen=True)
class Outcome:
    """What became of proposals that were accepted together: how many pairs, and which were refused why."""

    made: int
    refused: list[tuple[str, str]]


@service(needs=Mentoring.PAIR)
def propose(actor: Actor, institution: Institution, *, rules: int = RULES) -> PairingRun:
    """Search the best pairs at and below an institution and keep them with their reasons; nobody is paired yet."""
    today = clock.today()
    doctors = db.session.execute(matching.unpaired(institution)).all()
    mentors = db.session.execute(matching.offering(institution)).all()
    learners, teachers = matching.learners(doctors, today), matching.teachers(mentors, today)
    found = assign(learners, teachers)
    run = PairingRun(
        institution_id=institution.id,
        made_by_id=actor.person_id,
        rules=rules,
        doctors=len(learners),
        places=sum(one.free for one in teachers),
        proposed=len(found),
        benefit=sum(match.benefit for match in found),
    )
    db.session.add(run)
    db.session.flush()
    names = {row.id: row.name for row in [*doctors, *mentors]}
    _keep(run, found, names)
    tell(run=run.id, doctors=run.doctors, places=run.places, proposed=run.proposed, rules=run.rules)
    return run


def _keep(run: PairingRun, found: list[Match], names: dict[int, str]) -> None:
    techniques = matching.technique_names({technique for match in found for technique, _levels in match.closes})
    rows = [
        {
            "institution_id": run.institution_id,
            "run_id": run.id,
            "apprentice_id": match.learner,
            "mentor_id": match.teacher,
            "apprentice_name": names[match.learner],
            "mentor_name": names[match.teacher],
            "benefit": match.benefit,
            "because": as_because(match, names, techniques),
        }
        for match in found
    ]
    if rows:
        db.session.execute(sa.insert(PairingProposal), rows, execution_options=Everything)


@service(needs=Mentoring.PAIR)
def accept(actor: Actor, run: PairingRun, *, ids: Collection[int] | None, terms: Terms) -> Outcome:
    """Make pairs of these open proposals of a run, or of all (None), under one set of terms.

    The world may have changed since the search: whoever has a mentor by now, and whose mentor has no place left, is
    refused by name and with the reason, and stays open; everybody else is paired.
    """
    lock_pairs()
    terms = checked(terms)
    chosen = _open(run, ids)
    why_not = refusals([(one.apprentice_id, one.mentor_id) for one in chosen], terms)
    fitting = [one for one in chosen if one.apprentice_id not in why_not]
    made = _pair_all(actor, fitting, terms)
    for one in fitting:
        _decide(actor, one, Decided.ACCEPTED)
        one.pairing_id = made[one.apprentice_id]
    db.session.flush()
    tell(run=run.id, pairings=sorted(made.values()), refused=sorted(why_not))
    return Outcome(
        len(made),
        [
            (f"{one.apprentice_name} – {one.mentor_name}", why_not[one.apprentice_id])
            for one in chosen
            if one.apprentice_id in why_not
        ],
    )


def _open(run: PairingRun, ids: Collection[int] | None) -> list[PairingProposal]:
    query = matching.proposals(run, Decided.OPEN).with_for_update()
    if ids is not None:
        query = query.where(PairingProposal.id.in_(list(ids)))
    return list(db.session.scalars(query))


def _pair_all(actor: Actor, chosen: list[PairingProposal], terms: Terms) -> dict[int, int]:
    """One statement for all of them; the new pair of each apprentice."""
    if not chosen:
        return {}
    people = {one for proposal in chosen for one in (proposal.apprentice_id, proposal.mentor_id)}
    at = sa.select(Person.id, Person.institution_id, Person.name).where(Person.id.in_(people))
    known = {row.id: row for row in db.session.execute(at, execution_options=Everything)}
    rows = [
        {
            "person_id": one.apprentice_id,
            "institution_id": known[one.apprentice_id].institution_id,
            "mentor_id": one.mentor_id,
            "mentor_institution_id": known[one.mentor_id].institution_id,
            "apprentice_name": known[one.apprentice_id].name,
            "mentor_name": known[one.mentor_id].name,
            "agreed_from": terms.agreed_from,
            "agreed_until": terms.agreed_until,
            "apprentice_duties": terms.apprentice_duties,
            "mentor_duties": terms.mentor_duties,
            "made_by_id": actor.person_id,
        }
        for one in chosen
    ]
    insert = sa.insert(Pairing).returning(Pairing.person_id, Pairing.id)
    made = {row.person_id: row.id for row in db.session.execute(insert, rows, execution_options=Everything)}
    for pairing in made.values():
        publish(PairBegan(pairing))
    return made


def _decide(actor: Actor, proposal: PairingProposal, decided: Decided) -> None:
    proposal.decided = decided
    proposal.decided_at = clock.now()
    proposal.decided_by_id = actor.person_id


@service(needs=Mentoring.PAIR, tells=("reason",))
def decline(actor: Actor, run: PairingRun, *, ids: Collection[int], reason: str) -> int:
    """Put these open proposals of a run aside, with a reason; how many."""
    why = kept(reason, "reason", 400, needed=True)
    chosen = _open(run, ids)
    for one in chosen:
        _decide(actor, one, Decided.DECLINED)
        one.reason = why
    db.session.flush()
    tell(run=run.id, proposals=[one.id for one in chosen])
    return len(chosen)
