"""Learning curves of people, by technique."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from assessments.proficiency.queries import proved
from assessments.signoff.rules.curves import Curve, curve
from courses.mentoring.models import Pairing
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.techniques.models import Technique


@dataclass(frozen=True)
class Learnt:
    """A technique that is taught, and the curve of somebody in it."""

    technique: Technique
    curve: Curve


def of_persons(person_ids: Sequence[int]) -> dict[int, list[Learnt]]:
    """The curves of these persons, what was done last first; whoever asks has the right to their marks."""
    found: dict[int, dict[int, Curve]] = {}
    for (person, technique), known in proved(person_ids).items():
        made = curve(known.proofs)
        if made is not None:
            found.setdefault(person, {})[technique] = made
    numbers = {technique for curves in found.values() for technique in curves}
    query = sa.select(Technique).where(Technique.id.in_(numbers), ~Technique.retired)
    taught = {one.id: one for one in db.session.scalars(query)} if numbers else {}
    return {person: _in_order(curves, taught) for person, curves in found.items()}


def _in_order(curves: dict[int, Curve], taught: dict[int, Technique]) -> list[Learnt]:
    learnt = [Learnt(taught[number], one) for number, one in curves.items() if number in taught]
    return sorted(learnt, key=lambda one: (-one.curve.deeds[-1].on.toordinal(), one.technique.code))


def of_pairs(actor: Actor, pairs: Sequence[Pairing]) -> dict[int, list[Learnt]]:
    """For the page of a pair: the apprentice's curves, for the apprentice and for who is their mentor today."""
    today, me = clock.today(), actor.person_id
    seen = [one for one in pairs if me == one.person_id or (me == one.mentor_id and one.runs_on(today))]
    found = of_persons([one.person_id for one in seen])
    return {pair.id: found[pair.person_id] for pair in seen if found.get(pair.person_id)}
