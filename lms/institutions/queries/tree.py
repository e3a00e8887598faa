"""Selects about the tree."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import orm

from lms.authz import Actor
from lms.db import db
from lms.i18n import in_chinese
from lms.institutions.models import Institution, InstitutionChange

_TREE_LOCK = 7_201_001
#: Rows of a list on one page.
PAGE = 50


def lock_tree() -> None:
    """One change of the tree at a time, so that two moves cannot make a circle; held until the commit."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_TREE_LOCK)))


def shown_name() -> sa.ColumnElement[str]:
    """An institution's name in the reader's language; Chinese where it has no other."""
    if in_chinese():
        return sa.func.coalesce(Institution.name)
    return sa.func.coalesce(sa.func.nullif(Institution.name_en, ""), Institution.name)


def overseen(actor: Actor) -> sa.ColumnElement[bool]:
    """The institutions whose people this actor oversees by role."""
    return Institution.path.within(list(actor.overseen)) if actor.overseen else sa.false()


def institution(actor: Actor, id: int) -> Institution | None:
    """One institution of the actor's subtrees."""
    if id >= 1 << 63:
        return None
    return db.session.scalar(sa.select(Institution).where(Institution.id == id, overseen(actor)))


def institution_by_code(actor: Actor, code: str) -> Institution | None:
    """One institution of the actor's subtrees by its code."""
    return db.session.scalar(sa.select(Institution).where(Institution.code == code, overseen(actor)))


def everything(actor: Actor, most: int) -> list[Institution]:
    """All institutions of the actor's subtrees, in the order of codes."""
    query = sa.select(Institution).where(overseen(actor))
    return list(db.session.scalars(query.order_by(Institution.code).limit(most)))


def size(found: Institution) -> int:
    """How many institutions stand at and below this one."""
    within = Institution.path.within([found.path])
    return db.session.scalar(sa.select(sa.func.count()).select_from(Institution).where(within)) or 0


def by_code(code: str) -> Institution | None:
    """One institution by its code, wherever it is."""
    return db.session.scalar(sa.select(Institution).where(Institution.code == code))


@dataclass(frozen=True)
class Node:
    """One line of the tree as it is shown."""

    institution: Institution
    level: int
    children: int
    opened: bool


def tree(actor: Actor, at: Institution | None) -> list[Node]:
    """The actor's roots, and what lies on the way down to `at`, with the children of each step."""
    opened = [int(step) for step in at.path.split(".")] if at else []
    child = orm.aliased(Institution)
    children = (
        sa.select(sa.func.count()).where(child.parent_id == Institution.id).correlate(Institution).scalar_subquery()
    )
    roots = _topmost(actor.overseen)
    ways = [Institution.path == root for root in roots]
    if opened:
        ways.append(Institution.parent_id.in_(opened))
    elif len(roots) == 1:
        ways.append(Institution.parent_id == int(roots[0].rpartition(".")[2]))
        opened = [int(roots[0].rpartition(".")[2])]
    query = sa.select(Institution, children).where(sa.or_(*ways, sa.false()), overseen(actor))
    rows = {i.id: (i, n) for i, n in db.session.execute(query.order_by(Institution.code))}
    return _in_order(rows, set(opened))


def _topmost(roots: Sequence[str]) -> list[str]:
    return [r for r in roots if not any(r != other and r.startswith(other + ".") for other in roots)]


def _in_order(rows: dict[int, tuple[Institution, int]], opened: set[int]) -> list[Node]:
    below: dict[int | None, list[int]] = {}
    for one, (found, _n) in rows.items():
        below.setdefault(found.parent_id if found.parent_id in rows else None, []).append(one)
    nodes: list[Node] = []

    def walk(above: int | None, level: int) -> None:
        for one in below.get(above, []):
            found, count = rows[one]
            nodes.append(Node(found, level, count, one in opened and count > 0))
            walk(one, level + 1)

    walk(None, 1)
    return nodes


def search(actor: Actor, words: str, page: int = 1) -> tuple[list[Institution], int]:
    """Institutions of the actor's subtrees by name, reading, initials or code; one page, and how many in all."""
    asked = words.strip().lower().replace("\\", "").replace("%", "").replace("_", "")
    hits = sa.or_(
        Institution.name.contains(asked),
        sa.func.lower(Institution.name_en).contains(asked),
        Institution.sort_key.contains(asked.replace(" ", "")),
        sa.func.lower(Institution.code).startswith(asked),
    )
    query = sa.select(Institution).where(hits, overseen(actor))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Institution.code).limit(PAGE).offset((page - 1) * PAGE)
    return list(db.session.scalars(ordered)), total


def way_up(found: Institution) -> list[Institution]:
    """The institutions above, the root first."""
    above = [int(step) for step in found.path.split(".")[:-1]]
    query = sa.select(Institution).where(Institution.id.in_(above)).order_by(sa.func.nlevel(Institution.path))
    return list(db.session.scalars(query)) if above else []


def children(found: Institution) -> list[Institution]:
    """What stands directly below, in the order of codes."""
    query = sa.select(Institution).where(Institution.parent_id == found.id).order_by(Institution.code)
    return list(db.session.scalars(query))


def two_below(found: Institution) -> list[Institution]:
    """What stands directly below, and directly below that, in the order of codes."""
    child = orm.aliased(Institution)
    first = sa.select(child.id).where(child.parent_id == found.id)
    query = sa.select(Institution).where(sa.or_(Institution.parent_id == found.id, Institution.parent_id.in_(first)))
    return list(db.session.scalars(query.order_by(Institution.code)))


def history(found: Institution) -> list[InstitutionChange]:
    """What happened to an institution, newest first."""
    query = sa.select(InstitutionChange).where(InstitutionChange.institution_id == found.id)
    return list(db.session.scalars(query.order_by(InstitutionChange.id.desc()).limit(100)))


def choices(actor: Actor, kinds: Sequence[str] | None = None) -> list[tuple[int, str]]:
    """Open institutions of the actor's subtrees to choose from."""
    query = sa.select(Institution.id, shown_name()).where(overseen(actor), Institution.active)
    if kinds is not None:
        query = query.where(Institution.kind.in_(list(kinds)))
    return [(id, name) for id, name in db.session.execute(query.order_by(Institution.code))]
