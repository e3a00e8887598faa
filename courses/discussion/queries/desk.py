"""Lists of questions: for everybody, and for those who answer and look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from courses.curricula.models import Course, CourseVersion, Lesson
from courses.curricula.queries import current_ids
from courses.discussion.models import Entry, EntryFollow, EntryReport, EntryRuling
from courses.discussion.queries.threads import lesson_title
from courses.discussion.rules import DAY
from lms import clock
from lms.authz import Actor, Role
from lms.db import db
from lms.db.fence import within

#: Roles below whose place a question waits for an answer of theirs.
ANSWERING = frozenset({Role.MENTOR, Role.COURSE_EDITOR, Role.INSTITUTION_MANAGER})
KEEPING = frozenset({Role.COURSE_EDITOR, Role.INSTITUTION_MANAGER})


class Side(StrEnum):
    """Which questions a list shows."""

    ALL = "all"
    MINE = "mine"
    FOLLOWED = "followed"
    OPEN = "open"


@dataclass(frozen=True)
class Sought:
    """What somebody asked of the list of questions."""

    side: Side
    words: str = ""
    course: str = ""


def listing(sought: Sought, person_id: int) -> sa.Select[*tuple[Any, ...]]:
    """Questions with the titles of their lessons, newest first."""
    query: sa.Select[*tuple[Any, ...]] = _rows().where(Entry.hidden_at.is_(None) | (Entry.person_id == person_id))
    if sought.side is Side.MINE:
        query = query.where(Entry.person_id == person_id)
    elif sought.side is Side.FOLLOWED:
        mine = sa.select(EntryFollow.question_id).where(EntryFollow.person_id == person_id)
        query = query.where(Entry.id.in_(mine))
    elif sought.side is Side.OPEN:
        query = query.where(Entry.answers == 0)
    if sought.course:
        query = query.where(Course.code == sought.course)
    for word in sought.words.split()[:8]:
        query = query.where(Entry.title.icontains(word, autoescape=True) | Entry.body.icontains(word, autoescape=True))
    return query.order_by(Entry.id.desc())


def _rows() -> sa.Select[*tuple[Any, ...]]:
    titles = lesson_title(Lesson.title).label("lesson"), lesson_title(Lesson.title_en).label("lesson_en")
    query: sa.Select[*tuple[Any, ...]] = sa.select(Entry, Course.code.label("course"), *titles).join(
        Course, Course.id == Entry.course_id
    )
    return query.where(Entry.question_id.is_(None))


def waiting(actor: Actor, *, overdue: bool = True) -> sa.Select[*tuple[Any, ...]]:
    """Questions below one's own places that nobody has answered, the oldest first; `overdue`: for a day."""
    query = _rows().where(Entry.answers == 0, Entry.hidden_at.is_(None), below(actor, ANSWERING))
    if overdue:
        query = query.where(Entry.created_at <= clock.now() - DAY)
    return query.order_by(Entry.created_at, Entry.id)


def below(actor: Actor, roles: frozenset[Role]) -> sa.ColumnElement[bool]:
    """The talk belongs to a place over which one holds one of these roles."""
    return within(Entry.institution_id, tuple(sorted({g.root for g in actor.grants if g.role in roles})))


def how_many_wait(actor: Actor) -> tuple[int, Any]:
    """How many have waited for a day below one's own places, and since when the longest."""
    rows = waiting(actor).order_by(None).subquery()
    found = db.session.execute(sa.select(sa.func.count(), sa.func.min(rows.c.created_at))).one()
    return found[0], found[1]


def open_reports() -> sa.Select[EntryReport]:
    """Reports that no newer ruling has settled."""
    settled = sa.exists().where(EntryRuling.entry_id == EntryReport.entry_id, EntryRuling.at > EntryReport.at)
    return sa.select(EntryReport).where(~settled)


def reported(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Entries below one's own places with open reports: the entry, how many, since when; the oldest first."""
    asked = (
        open_reports()
        .with_only_columns(
            EntryReport.entry_id, sa.func.count().label("reports"), sa.func.min(EntryReport.at).label("at")
        )
        .group_by(EntryReport.entry_id)
        .subquery()
    )
    query = sa.select(Entry, asked.c.reports, asked.c.at).join(asked, asked.c.entry_id == Entry.id)
    return query.where(below(actor, KEEPING)).order_by(asked.c.at, Entry.id)


def reports_of(entry: Entry) -> Sequence[EntryReport]:
    """The open reports of one entry, oldest first."""
    return db.session.scalars(open_reports().where(EntryReport.entry_id == entry.id).order_by(EntryReport.id)).all()


def hidden(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Hidden entries below one's own places, with the ruling that hid them; newest first."""
    newest = sa.select(sa.func.max(EntryRuling.id)).where(EntryRuling.entry_id == Entry.id).correlate(Entry)
    query: sa.Select[*tuple[Any, ...]] = sa.select(Entry, EntryRuling).join(
        EntryRuling, EntryRuling.id == newest.scalar_subquery()
    )
    return query.where(Entry.hidden_at.is_not(None), below(actor, KEEPING)).order_by(Entry.hidden_at.desc())


def courses() -> list[tuple[str, str, str]]:
    """Code and titles of the courses that people begin with today, to narrow a list by."""
    query = sa.select(Course.code, CourseVersion.title, CourseVersion.title_en).join_from(CourseVersion, Course)
    today = query.where(CourseVersion.id.in_(current_ids())).order_by(CourseVersion.title.collate("C"))
    return [(code, title, english) for code, title, english in db.session.execute(today)]
