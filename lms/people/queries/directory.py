"""The directory: who works where, within the reader's reach, in a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.i18n import _
from lms.institutions.models import Institution
from lms.institutions.queries.tree import overseen
from lms.people.models import Person, Post, RoleGrant

#: Rows of the list on one page, and of a file.
PAGE, MOST = 50, 20_000
SORTS: dict[str, Any] = {
    "name": Person.sort_key,
    "account": Person.account,
    "category": Person.category,
    "institution": Institution.code,
    "since": Post.begins_on,
}


@dataclass(frozen=True)
class Filters:
    """What somebody asked of the directory."""

    words: str = ""
    category: str = ""
    role: str = ""
    under: int | None = None
    active: str = ""
    sort: str = ""


def _at_work() -> sa.ColumnElement[bool]:
    today = clock.today()
    return sa.and_(
        Post.person_id == Person.id,
        Post.main,
        Post.begins_on <= today,
        sa.or_(Post.ends_on.is_(None), Post.ends_on > today),
    )


def _held() -> sa.ColumnElement[bool]:
    today = clock.today()
    return sa.and_(
        RoleGrant.person_id == Person.id,
        RoleGrant.begins_on <= today,
        sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > today),
    )


def _matching(asked: Filters) -> list[sa.ColumnElement[bool]]:
    ways: list[sa.ColumnElement[bool]] = []
    words = "".join(asked.words.lower().split()).replace("\\", "").replace("%", "").replace("_", "")
    if words:
        ways.append(
            sa.or_(
                Person.name.contains(words),
                Person.sort_key.startswith(words),
                Person.sort_key.contains(f" {words}"),
                Person.account.contains(words),
                Institution.name.contains(words),
                Institution.sort_key.contains(words),
            )
        )
    if asked.category:
        ways.append(Person.category == asked.category)
    if asked.role:
        ways.append(sa.exists().where(_held(), RoleGrant.role == asked.role))
    if asked.under is not None:
        root = sa.select(Institution.path).where(Institution.id == asked.under).scalar_subquery()
        ways.append(Institution.path.op("<@", return_type=sa.Boolean())(root))
    if asked.active != "all":
        ways.append(Person.active.is_(asked.active != "no"))
    return ways


def _rows(actor: Actor, asked: Filters) -> Any:
    roles = sa.select(sa.func.array_agg(sa.distinct(RoleGrant.role))).where(_held()).correlate(Person).scalar_subquery()
    return (
        sa.select(
            Person.id,
            Person.name,
            Person.account,
            Person.category,
            Person.active,
            Institution.id.label("institution_id"),
            Institution.code.label("institution_code"),
            Institution.name.label("institution"),
            Institution.name_en.label("institution_en"),
            Post.title,
            Post.begins_on.label("since"),
            roles.label("roles"),
        )
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(Post, _at_work())
        .where(overseen(actor), *_matching(asked))
    )


def people(actor: Actor, asked: Filters, page: int) -> tuple[Sequence[Any], int]:
    """One page of the list, and how many there are."""
    query = _rows(actor, asked)
    counted = (
        sa.select(sa.func.count(Person.id))
        .join(Institution, Institution.id == Person.institution_id)
        .where(overseen(actor), *_matching(asked))
    )
    total = db.session.scalar(counted) or 0
    rows = db.session.execute(_sorted(query, asked.sort).limit(PAGE).offset((page - 1) * PAGE)).all()
    return rows, total


def all_people(actor: Actor, asked: Filters) -> Sequence[Any]:
    """The whole list, for a file."""
    return db.session.execute(_sorted(_rows(actor, asked), asked.sort).limit(MOST)).all()


def _sorted(query: Any, sort: str) -> Any:
    column = SORTS.get(sort.removeprefix("-"), Person.sort_key)
    first = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    return query.order_by(first, Person.sort_key, Person.id)


def posts_of(person_id: int) -> list[Post]:
    """Every post of a person, newest first; the history belongs to who may see the person."""
    query = (
        sa.select(Post)
        .where(Post.person_id == person_id)
        .options(sa.orm.joinedload(Post.institution))
        .order_by(Post.begins_on.desc())
    )
    return list(db.session.scalars(query, execution_options=Everything))


def headcount(institution_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many active people of each category work at and below each institution, within reach: one statement."""
    if not institution_ids:
        return {}
    steps = sa.func.string_to_array(sa.cast(Institution.path, sa.Text), ".")
    above = sa.func.unnest(sa.cast(steps, sa.ARRAY(sa.BigInteger))).label("above")
    each = (
        sa.select(Person.category, above)
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.active)
        .subquery()
    )
    asked = sa.cast(list(institution_ids), sa.ARRAY(sa.BigInteger))
    query = (
        sa.select(each.c.above, each.c.category, sa.func.count())
        .where(each.c.above == sa.any_(asked))
        .group_by(each.c.above, each.c.category)
    )
    counts: dict[int, dict[str, int]] = {}
    for institution_id, category, number in db.session.execute(query):
        counts.setdefault(institution_id, {})[category] = number
    return counts


def still_there(institution_id: int) -> str | None:
    """Why an institution cannot be closed: who still has a post there."""
    working = sa.select(sa.func.count()).where(Person.institution_id == institution_id, Person.active)
    number = db.session.scalar(working.select_from(Person), execution_options=Everything) or 0
    return _("People who still have their post there: %(count)s. Move them first.", count=number) if number else None
