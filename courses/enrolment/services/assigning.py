"""The verbs by which curricula are given, days are worked out anew, and people go over to a new version.

All of it is set-based: one statement for thousands of people. Nothing is taken away: an assignment that no rule
speaks of any more stays as it is, one that gives way to another curriculum ends, and each change leaves a row.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.curricula.models import CurriculumPublication, CurriculumVersion
from courses.curricula.policy import Curricula
from courses.curricula.rules.tiers import Moving
from courses.curricula.services.tiers import let_hold
from courses.enrolment.events import CurriculaGiven, DaysRuled, VersionsTaken
from courses.enrolment.models.assign import (
    AssignmentChange,
    AssignmentEvent,
    AssignmentException,
    CurriculumAssignment,
)
from courses.enrolment.queries import assign as queries
from courses.enrolment.queries.assign import beginning, months_after, wanted
from lms import clock, jobs
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import among
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.service import service, tell

GIVE = "enrolment.give_curricula"
FOLLOW = "enrolment.follow_place"
MOVE = "enrolment.move_to_version"
_LOCK = 7_202_611
#: What others hear of, in as many changes at once as one of them deals with in a moment.
_SAID = {
    AssignmentEvent.GIVEN: CurriculaGiven,
    AssignmentEvent.RULED: DaysRuled,
    AssignmentEvent.MOVED: VersionsTaken,
}
_CHUNK = 1_000


@dataclass(frozen=True)
class Settled:
    """How many got a curriculum, got other days, or left one for another."""

    given: int = 0
    ruled: int = 0
    ended: int = 0

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(self.given + other.given, self.ruled + other.ruled, self.ended + other.ended)


@service(needs=Curricula.ASSIGN)
def request_giving(actor: Actor, on: object = None) -> UUID:
    """Have the rules applied to everybody now; the job shows how far it is."""
    return jobs.request(GIVE, by=actor.person_id)


@service(needs=Curricula.ASSIGN)
def settle(actor: Actor, on: object, *, person_ids: Collection[int]) -> Settled:
    """Give each of these people what the rules say; the same again changes nothing."""
    if not person_ids:
        return Settled()
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    with queries.hashed_joins():
        made = Settled(ended=_end(person_ids), ruled=_rule(person_ids), given=_give(person_ids))
    tell(people=len(person_ids), given=made.given, ruled=made.ruled, ended=made.ended)
    return made


def _active() -> sa.ColumnElement[bool]:
    return CurriculumAssignment.ended_on.is_(None)


def _end(person_ids: Collection[int]) -> int:
    """Whoever is to have another curriculum leaves the one they have."""
    want = wanted(person_ids, clock.today())
    end = (
        sa.update(CurriculumAssignment)
        .where(_active(), CurriculumAssignment.person_id == want.c.person_id)
        .where(CurriculumAssignment.curriculum_id != want.c.curriculum_id)
        .values(ended_on=sa.func.greatest(clock.today(), CurriculumAssignment.begins_on))
    )
    return _noted(end, AssignmentEvent.ENDED)


def _rule(person_ids: Collection[int]) -> int:
    """Whoever has the right curriculum by another rule, at another place or to other days gets those."""
    want = wanted(person_ids, clock.today())
    begins = beginning(want.c, CurriculumAssignment.begins_on)
    due_on = months_after(begins, want.c.months)
    now = sa.tuple_(
        CurriculumAssignment.rule_id,
        CurriculumAssignment.institution_id,
        CurriculumAssignment.begins_on,
        CurriculumAssignment.due_on,
    )
    then = sa.tuple_(want.c.rule_id, want.c.institution_id, begins, due_on)
    change = (
        sa.update(CurriculumAssignment)
        .where(_active(), CurriculumAssignment.person_id == want.c.person_id)
        .where(CurriculumAssignment.curriculum_id == want.c.curriculum_id, now.is_distinct_from(then))
        .values(rule_id=want.c.rule_id, institution_id=want.c.institution_id, begins_on=begins, due_on=due_on)
    )
    return _noted(change, AssignmentEvent.RULED)


def _give(person_ids: Collection[int]) -> int:
    """Whoever has none gets theirs; who comes back to one goes on from the day on which they first had it."""
    today, want = clock.today(), wanted(person_ids, clock.today())
    earlier = (
        sa.select(sa.func.min(CurriculumAssignment.begins_on))
        .where(CurriculumAssignment.person_id == want.c.person_id)
        .where(CurriculumAssignment.curriculum_id == want.c.curriculum_id)
        .scalar_subquery()
    )
    begins = beginning(want.c, sa.func.coalesce(earlier, sa.literal(today, sa.Date)))
    has = sa.exists().where(_active(), CurriculumAssignment.person_id == want.c.person_id)
    columns = {
        "person_id": want.c.person_id,
        "institution_id": want.c.institution_id,
        "curriculum_id": want.c.curriculum_id,
        "version_id": want.c.version_id,
        "rule_id": want.c.rule_id,
        "begins_on": begins,
        "due_on": months_after(begins, want.c.months),
    }
    insert = pg.insert(CurriculumAssignment).from_select(list(columns), sa.select(*columns.values()).where(~has))
    return _noted(insert.on_conflict_do_nothing(), AssignmentEvent.GIVEN)


_KEPT = ("person_id", "institution_id", "version_id", "rule_id", "begins_on", "due_on")


def _noted(change: Any, event: AssignmentEvent) -> int:
    """Carry a change out, keep what it came to, in one statement, and let others hear of it; how many rows."""
    kept = [getattr(CurriculumAssignment, name) for name in _KEPT]
    made = change.returning(CurriculumAssignment.id.label("assignment_id"), *kept).cte("made")
    rows = sa.select(made.c.assignment_id, sa.literal(event.value), *(made.c[name] for name in _KEPT))
    table: Any = AssignmentChange.__table__
    insert = sa.insert(table).from_select(["assignment_id", "event", *_KEPT], rows).returning(table.c.id)
    ids = list(db.session.scalars(insert, execution_options=Everything))
    if said := _SAID.get(event):
        for first in range(0, len(ids), _CHUNK):
            publish(said(ids[first : first + _CHUNK]))
    return len(ids)


def _count(statement: Any) -> int:
    done: Any = db.session.execute(statement, execution_options=Everything | {"preserve_rowcount": True})
    return int(done.rowcount)


@service(needs=Curricula.EDIT)
def put_to_use(actor: Actor, version: CurriculumVersion, *, moving: Moving) -> CurriculumPublication:
    """Let a version hold, and have those whom the rule means go over to it; the job shows how far it is."""
    made = let_hold(actor, version, moving=moving)
    if moving is not Moving.NOBODY:
        jobs.request(MOVE, by=actor.person_id, key=move_key(made.id), publication_id=made.id)
    return made


def move_key(publication_id: int) -> str:
    """The key of the job that moves people for a publication."""
    return f"move curriculum {publication_id}"


@service(needs=Curricula.ASSIGN)
def move(actor: Actor, publication: CurriculumPublication, *, assignment_ids: Collection[int]) -> tuple[int, int]:
    """Take these people over to the version that was published, except whom it cannot serve: (moved, exceptions)."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    found = queries.fates(assignment_ids, publication.version_id, clock.today())
    moving = Moving(publication.moving)
    moved = _go_over([one.assignment_id for one in found if one.moves(moving)], publication.version_id)
    rows = [
        {
            "publication_id": publication.id,
            "assignment_id": one.assignment_id,
            "person_id": one.person_id,
            "reopened": list(one.reopened),
            "past_due": list(one.past_due),
        }
        for one in found
        if one.asked(moving) and one.excepted
    ]
    excepted = _except(rows)
    tell(publication=publication.id, moved=moved, exceptions=excepted)
    return moved, excepted


def _go_over(assignment_ids: Collection[int], version_id: int) -> int:
    if not assignment_ids:
        return 0
    change = (
        sa.update(CurriculumAssignment)
        .where(_active(), among(CurriculumAssignment.id, assignment_ids))
        .where(CurriculumAssignment.version_id != version_id)
        .values(version_id=version_id)
    )
    return _noted(change, AssignmentEvent.MOVED)


def _except(rows: list[dict[str, Any]]) -> int:
    """Rows hold arrays, which one statement over arrays cannot carry: a few at a time, as they are few."""
    homes = queries.homes_of([row["assignment_id"] for row in rows])
    table: Any = AssignmentException.__table__
    made = 0
    for first in range(0, len(rows), 1000):
        some = [row | {"institution_id": homes[row["assignment_id"]]} for row in rows[first : first + 1000]]
        made += _count(pg.insert(table).values(some).on_conflict_do_nothing())
    return made


@service(needs=Curricula.EDIT)
def settle_exception(actor: Actor, exception: AssignmentException, *, moved: bool) -> None:
    """Decide about somebody whom a version could not serve: over to it all the same, or stay."""
    db.session.refresh(exception, with_for_update=True)
    if exception.settled_at is not None:
        raise Conflict(_("This has been decided already."))
    if moved:
        publication = db.session.get_one(CurriculumPublication, exception.publication_id)
        _go_over([exception.assignment_id], publication.version_id)
    exception.moved, exception.settled_at, exception.settled_by_id = moved, clock.now(), actor.person_id
    tell(person=exception.person_id, moved=moved)
