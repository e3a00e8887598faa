"""Concluding where people stand: the only hand that writes `lms.techniques.models.Standing`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from assessments.proficiency import queries
from assessments.proficiency.policy import Proficiency
from assessments.proficiency.rules import conclude
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.people.models import Person
from lms.service import service, tell
from lms.techniques.models import Standing

_CHANGING = ("level", "since", "valid_until", "institution_id")


@service(needs=Proficiency.CONCLUDE)
def refresh(actor: Actor, on: None, *, persons: Sequence[int]) -> int:
    """Bring the standings of these persons to what their evidence says today; how many rows changed.

    Set-based: as many statements for one person as for hundreds. What is no longer proved by anything goes.
    """
    homes = _hold(persons)
    rows = _concluded(homes, clock.today())
    changed = _write(rows) + _drop(list(homes), [(row["person_id"], row["technique_id"]) for row in rows])
    tell(persons=len(homes), changed=changed)
    return changed


def _hold(persons: Sequence[int]) -> dict[int, int]:
    """Where each of them works; held, so that two conclusions about one person wait for one another."""
    query = sa.select(Person.id, Person.institution_id).where(Person.id.in_(persons)).order_by(Person.id)
    return dict(db.session.execute(query.with_for_update(key_share=True), execution_options=Everything).all())


def _concluded(homes: dict[int, int], today: date) -> list[dict[str, Any]]:
    rows = []
    for (person, technique), known in sorted(queries.proved(list(homes)).items()):
        made = conclude(known.proofs, known.kind, today)
        if made is not None:
            keys = {"person_id": person, "technique_id": technique, "institution_id": homes[person]}
            rows.append(keys | {"level": made.level, "since": made.since, "valid_until": made.valid_until})
    return rows


def _write(rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    insert = insert_many(Standing, rows)
    fresh = {name: insert.excluded[name] for name in _CHANGING}
    differs = sa.or_(*(getattr(Standing, name).is_distinct_from(value) for name, value in fresh.items()))
    upsert = insert.on_conflict_do_update(index_elements=["person_id", "technique_id"], set_=fresh, where=differs)
    return len(db.session.execute(upsert.returning(Standing.id), execution_options=Everything).all())


def _drop(persons: list[int], proved: list[tuple[int, int]]) -> int:
    standing = sa.select(Standing.id, Standing.person_id, Standing.technique_id).where(Standing.person_id.in_(persons))
    kept = set(proved)
    gone = [
        number for number, *key in db.session.execute(standing, execution_options=Everything) if tuple(key) not in kept
    ]
    if gone:
        db.session.execute(sa.delete(Standing).where(Standing.id.in_(gone)), execution_options=Everything)
    return len(gone)
