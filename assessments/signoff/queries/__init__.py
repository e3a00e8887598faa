"""Selects over sign-offs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.signoff.models import Signature, SignOff, SignOffDecision, State
from assessments.signoff.rules import Side
from courses.mentoring.models import Pairing
from courses.mentoring.queries.matching import holds
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.techniques.models import Technique

FOUND = 12


@dataclass(frozen=True)
class Sought:
    """What a list of sign-offs is narrowed to."""

    words: str = ""
    state: str = ""
    sort: str = "-asked"


def signatures(sign_off_ids: Sequence[int]) -> dict[int, dict[str, Signature]]:
    """The signatures that count, by sign-off and side: of each side the last."""
    query = (
        sa.select(Signature)
        .where(Signature.sign_off_id.in_(sign_off_ids))
        .order_by(Signature.sign_off_id, Signature.version)
    )
    made: dict[int, dict[str, Signature]] = {}
    for one in db.session.scalars(query):
        made.setdefault(one.sign_off_id, {})[one.side] = one
    return made


def levels(latest: Mapping[str, Signature]) -> dict[str, int]:
    """What the sides have named last."""
    return {side: one.level for side, one in latest.items()}


def history(sign_off: SignOff) -> list[Signature]:
    """Every signature under one sign-off, in order."""
    query = sa.select(Signature).where(Signature.sign_off_id == sign_off.id)
    return list(db.session.scalars(query.order_by(Signature.id)))


def decision(sign_off: SignOff) -> SignOffDecision | None:
    """What ended it otherwise than by two signatures."""
    return db.session.scalar(sa.select(SignOffDecision).where(SignOffDecision.sign_off_id == sign_off.id))


def listing(sought: Sought) -> sa.Select[SignOff, str, str | None]:
    """Sign-offs within reach with their techniques and the doctor's institution."""
    sorts: dict[str, Any] = {
        "doctor": SignOff.doctor_name.collate("C"),
        "technique": Technique.title.collate("C"),
        "level": SignOff.level,
        "asked": SignOff.asked_at,
    }
    query = (
        sa.select(SignOff, Institution.name.label("place"), Institution.name_en.label("place_en"))
        .join(Technique, Technique.id == SignOff.technique_id)
        .join(Institution, Institution.id == SignOff.institution_id)
        .options(orm.contains_eager(SignOff.technique))
    )
    if sought.words:
        texts = (SignOff.doctor_name, SignOff.mentor_name, SignOff.assessor_name, Technique.title, Technique.title_en)
        query = query.where(sa.or_(*(text.icontains(sought.words, autoescape=True) for text in texts)))
    if sought.state in [*State]:
        query = query.where(SignOff.state == sought.state)
    column = sorts.get(sought.sort.removeprefix("-"), SignOff.asked_at)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, SignOff.id)


def _loaded() -> sa.Select[SignOff]:
    return sa.select(SignOff).options(orm.joinedload(SignOff.technique))


def of_doctor(person_id: int) -> list[SignOff]:
    """One's own sign-offs, the newest first."""
    query = _loaded().where(SignOff.person_id == person_id)
    return list(db.session.scalars(query.order_by(SignOff.id.desc())))


def to_assess(person_id: int) -> list[SignOff]:
    """Open sign-offs of which one is the assessor, the oldest first."""
    query = _loaded().where(SignOff.assessor_id == person_id, SignOff.state == State.OPEN)
    return list(db.session.scalars(query.order_by(SignOff.id)))


def asked_by(person_id: int) -> list[SignOff]:
    """Open sign-offs that one asked for as the mentor, the oldest first."""
    query = _loaded().where(SignOff.mentor_id == person_id, SignOff.state == State.OPEN)
    return list(db.session.scalars(query.order_by(SignOff.id)))


def waits_for_assessor(found: Sequence[SignOff]) -> list[SignOff]:
    """Those of these in which the assessor has not signed yet."""
    signed = signatures([one.id for one in found])
    return [one for one in found if Side.ASSESSOR not in signed.get(one.id, {})]


def of_pairs(_actor: Actor, pairs: Sequence[Pairing]) -> dict[int, list[SignOff]]:
    """For the page of a pair: its sign-offs, the newest first; every pair is in the answer."""
    query = _loaded().where(SignOff.pairing_id.in_([pair.id for pair in pairs])).order_by(SignOff.id.desc())
    made: dict[int, list[SignOff]] = {pair.id: [] for pair in pairs}
    for one in db.session.scalars(query):
        made[one.pairing_id].append(one)
    return made


def for_list(actor: Actor, pairs: Sequence[Pairing]) -> dict[int, Any]:
    """For the mentor's list: how many techniques are signed off and how many are open, where there are any."""
    found = of_pairs(actor, pairs)
    return {
        pair: {
            "signed": len({one.technique_id for one in rows if one.state == State.SIGNED}),
            "open": sum(one.state == State.OPEN for one in rows),
        }
        for pair, rows in found.items()
        if rows
    }


def assessors(sign_off: SignOff, words: str) -> list[Any]:
    """Mentors who could be the assessor, by name or hospital: anybody in any county but the two themselves.

    Looks over the fence: names and hospitals of mentors are the directory of experts, which everybody may search.
    """
    query = (
        sa.select(
            Person.id, Person.name, Institution.name.label("place"), Institution.name_en.label("place_en"),
            Person.institution_id,
        )
        .join(Institution, Institution.id == Person.institution_id)
        .where(holds(Role.MENTOR), Person.id.not_in([sign_off.person_id, sign_off.mentor_id]))
        .where(sa.or_(*(text.icontains(words, autoescape=True) for text in (Person.name, Institution.name))))
        .order_by((Person.institution_id == sign_off.pairing.mentor_institution_id).desc(), Person.sort_key, Person.id)
    )  # fmt: skip
    return list(db.session.execute(query.limit(FOUND), execution_options=Everything))


def assessor(sign_off: SignOff, person_id: int) -> Any:
    """The same for one of them: name and institution, or None where this person cannot be the assessor."""
    query = sa.select(Person.id, Person.name, Person.institution_id).where(
        Person.id == person_id, holds(Role.MENTOR), Person.id.not_in([sign_off.person_id, sign_off.mentor_id])
    )
    return db.session.execute(query, execution_options=Everything).first()


def askable(pair: Pairing) -> list[Technique]:
    """Techniques of the apprentice's category for which nothing is open yet, core ones first."""
    category = sa.select(Person.category).where(Person.id == pair.person_id)
    known = db.session.scalars(category, execution_options=Everything).one()
    table = SignOff.__table__.c
    opened = sa.select(table.technique_id).where(table.person_id == pair.person_id, table.state == State.OPEN.value)
    query = sa.select(Technique).where(
        ~Technique.retired, Technique.categories.contains([known]), Technique.id.not_in(opened)
    )
    return list(db.session.scalars(query.order_by(Technique.core.desc(), Technique.id)))


def place_names(sign_off: SignOff) -> dict[int, tuple[str, str | None]]:
    """Names of the institutions of doctor, mentor and assessor."""
    ids = [sign_off.institution_id, sign_off.pairing.mentor_institution_id, sign_off.assessor_institution_id or 0]
    query = sa.select(Institution.id, Institution.name, Institution.name_en).where(Institution.id.in_(ids))
    return {row.id: (row.name, row.name_en) for row in db.session.execute(query)}
