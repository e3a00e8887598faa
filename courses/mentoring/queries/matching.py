"""Who has no mentor, who has free places, and what is missing: what a search for pairs begins with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from courses.mentoring.models import Decided, MentorOffer, Pairing, PairingProposal, PairingRun, not_over
from courses.mentoring.rules import TEACHES, Learner, Teacher, by_key, gaps
from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.i18n import pick
from lms.institutions.models import Institution
from lms.people.models import Category, Person, RoleGrant
from lms.techniques.models import Standing, Technique


def holds(role: Role) -> sa.ColumnElement[bool]:
    """The person has this role today and is active."""
    today, roles = clock.today(), RoleGrant.__table__.c
    held = sa.exists().where(
        roles.person_id == Person.id,
        roles.role == role.value,
        roles.begins_on <= today,
        sa.or_(roles.ends_on.is_(None), roles.ends_on > today),
    )
    return sa.and_(Person.active, held)


def _kept(column: Any, today: date) -> sa.Select[int]:
    """How many agreements a person has that are not over, in whatever county (columns of the table: no fence)."""
    still = not_over(Pairing.__table__.c, today)
    return sa.select(sa.func.count()).where(column == Person.id, still).correlate(Person.__table__)


def unpaired(below: Institution | None = None) -> sa.Select[*tuple[Any, ...]]:
    """Doctors within reach who have no mentor and no agreement to come, by name."""
    kept = _kept(Pairing.__table__.c.person_id, clock.today()).scalar_subquery()
    query = (
        sa.select(
            Person.id,
            Person.name,
            Person.category,
            Institution.name.label("place"),
            Institution.name_en.label("place_en"),
            Institution.path,
            Institution.division_code,
        )
        .join(Institution, Institution.id == Person.institution_id)
        .where(holds(Role.DOCTOR), kept == 0)
        .order_by(Person.sort_key, Person.id)
    )
    return query.where(Institution.path.within([below.path])) if below else query


def offering(below: Institution | None = None) -> sa.Select[*tuple[Any, ...]]:
    """Mentors within reach, with what they offer today and how many places are taken, by name."""
    today = clock.today()
    taken = _kept(Pairing.__table__.c.mentor_id, today).scalar_subquery()
    in_force = sa.and_(
        MentorOffer.person_id == Person.id,
        MentorOffer.begins_on <= today,
        sa.or_(MentorOffer.ends_on.is_(None), MentorOffer.ends_on > today),
    )
    query = (
        sa.select(
            Person.id,
            Person.name,
            Institution.name.label("place"),
            Institution.name_en.label("place_en"),
            Institution.path,
            Institution.division_code,
            MentorOffer.capacity,
            MentorOffer.begins_on,
            MentorOffer.ends_on,
            taken.label("taken"),
        )
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(MentorOffer, in_force)
        .where(holds(Role.MENTOR))
        .order_by(Person.sort_key, Person.id)
    )
    return query.where(Institution.path.within([below.path])) if below else query


def offer_of(person_id: int) -> MentorOffer | None:
    """What a mentor offers now or, where nothing yet, from a day to come."""
    query = sa.select(MentorOffer).where(
        MentorOffer.person_id == person_id,
        sa.or_(
            MentorOffer.ends_on.is_(None), MentorOffer.ends_on > sa.func.greatest(clock.today(), MentorOffer.begins_on)
        ),
    )
    return db.session.scalar(query.order_by(MentorOffer.begins_on).limit(1))


def places_taken(person_id: int) -> int:
    """How many agreements of a mentor are not over, in whatever county."""
    pair = Pairing.__table__.c
    query = sa.select(sa.func.count()).where(pair.mentor_id == person_id, not_over(pair, clock.today()))
    return db.session.scalar(query, execution_options=Everything) or 0


# ---- gaps ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """One core technique in which somebody does not work alone yet."""

    technique: Technique
    level: int
    levels: int


def core() -> dict[str, list[Technique]]:
    """The core techniques of each professional category."""
    found = list(
        db.session.scalars(sa.select(Technique).where(Technique.core, ~Technique.retired).order_by(Technique.id))
    )
    return {str(one): [technique for technique in found if one in technique.categories] for one in Category}


def levels_on(person_ids: Sequence[int], on: date, **options: Any) -> dict[int, dict[int, int]]:
    """Levels whose proof is in date on a day: technique → level, by person."""
    query = sa.select(Standing.person_id, Standing.technique_id, Standing.level).where(
        Standing.person_id.in_(person_ids), sa.or_(Standing.valid_until.is_(None), Standing.valid_until >= on)
    )
    return by_key((a, b, c) for a, b, c in db.session.execute(query, execution_options=options))


def gaps_of(pairs: Sequence[Pairing]) -> dict[int, list[Gap]]:
    """What the apprentices of running pairs lack, the widest gaps first.

    Looks over the fence by pairs that the reader has reached: the mentor may know where the apprentice stands, for as
    long as the pair runs.
    """
    today = clock.today()
    wanted = {pair.person_id: pair.id for pair in pairs if pair.runs_on(today)}
    people = sa.select(Person.id, Person.category).where(Person.id.in_(wanted))
    techniques, levels = core(), levels_on(list(wanted), today, **Everything)
    made = {}
    for person, category in db.session.execute(people, execution_options=Everything):
        known = {technique.id: technique for technique in techniques.get(category, [])}
        stands = levels.get(person, {})
        lacking = [Gap(known[t], stands.get(t, 0), missing) for t, missing in gaps(stands, known).items()]
        made[wanted[person]] = sorted(lacking, key=lambda gap: (-gap.levels, gap.technique.id))
    return made


# ---- the search ------------------------------------------------------------------------------------------------


def learners(rows: Iterable[Any], on: date) -> list[Learner]:
    """Doctors as the search sees them."""
    found = list(rows)
    techniques, levels = core(), levels_on([row.id for row in found], on)
    return [
        Learner(
            row.id,
            str(row.path),
            row.division_code[:6],
            gaps(levels.get(row.id, {}), [technique.id for technique in techniques.get(row.category, [])]),
        )
        for row in found
    ]


def teachers(rows: Iterable[Any], on: date) -> list[Teacher]:
    """Mentors with free places as the search sees them; whoever has no standing at all can teach generally."""
    found = [row for row in rows if row.capacity is not None and row.capacity > row.taken]
    levels = levels_on([row.id for row in found], on)
    return [
        Teacher(
            row.id,
            str(row.path),
            row.division_code[:6],
            row.capacity - row.taken,
            row.taken,
            frozenset(t for t, level in levels.get(row.id, {}).items() if level >= TEACHES),
            row.id not in levels,
        )
        for row in found
    ]


def technique_names(ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Techniques as a run keeps them."""
    query = sa.select(Technique.id, Technique.code, Technique.title, Technique.title_en).where(
        Technique.id.in_(list(ids))
    )
    return {
        row.id: {"code": row.code, "title": row.title, "title_en": row.title_en} for row in db.session.execute(query)
    }


def proposals(run: PairingRun, decided: str = "") -> sa.Select[PairingProposal]:
    """A run's proposals, those that bring most first."""
    query = sa.select(PairingProposal).where(PairingProposal.run_id == run.id)
    if decided in [*Decided]:
        query = query.where(PairingProposal.decided == decided)
    return query.order_by(PairingProposal.benefit.desc(), PairingProposal.id)


def decided_counts(run_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many proposals of each run are open, accepted, declined."""
    query = (
        sa.select(PairingProposal.run_id, PairingProposal.decided, sa.func.count())
        .where(PairingProposal.run_id.in_(run_ids))
        .group_by(PairingProposal.run_id, PairingProposal.decided)
    )
    made: dict[int, dict[str, int]] = {}
    for run, decided, count in db.session.execute(query):
        made.setdefault(run, {})[decided] = count
    return made


def runs() -> sa.Select[PairingRun, str, str | None]:
    """Searches within reach, the newest first, with where they were made."""
    return (
        sa.select(PairingRun, Institution.name.label("place"), Institution.name_en.label("place_en"))
        .join(Institution, Institution.id == PairingRun.institution_id)
        .order_by(PairingRun.id.desc())
    )


def workplaces(person_ids: Sequence[int]) -> dict[int, str]:
    """Where these people within reach work, in the reader's language."""
    query = (
        sa.select(Person.id, Institution.name, Institution.name_en)
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.id.in_(person_ids))
    )
    return {row.id: pick(row.name, row.name_en) for row in db.session.execute(query)}
