"""The fence: every query has an actor, and what the actor cannot reach is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.sql import visitors

from lms.db.models import InScope, Model
from lms.db.types import Ltree

#: `execution_options(**Everything)`: this query looks over the fence. The places that may are listed in a test.
Everything = {"scope": "all"}

_institution = sa.table("institution", sa.column("id", sa.BigInteger), sa.column("path", Ltree()))


class NoActor(RuntimeError):
    """A query ran before anyone said on whose behalf."""


class Reader(Protocol):
    """What the fence must know of an actor."""

    @property
    def person_id(self) -> int | None:
        """Who it is; None for the public and for jobs."""

    @property
    def overseen(self) -> tuple[str, ...]:
        """Paths of the subtrees within reach by role."""

    @property
    def sees_everything(self) -> bool:
        """Jobs are not fenced."""


def act_as(session: orm.Session, actor: Reader) -> None:
    """Say on whose behalf this session reads and writes; once: a second actor needs a second session."""
    held = session.info.get("actor")
    if held is not None and held != actor:
        raise RuntimeError("one session, one actor: open another session for another actor")
    session.info["actor"] = actor


def acting(session: orm.Session) -> Any:
    """The actor of this session; raises NoActor."""
    try:
        return session.info["actor"]
    except KeyError:
        raise NoActor from None


@contextmanager
def unfenced(session: orm.Session) -> Iterator[None]:
    """Look over the fence inside a verb that has already checked the right (listed in a test)."""
    before = session.info.get("unfenced", False)
    session.info["unfenced"] = True
    try:
        yield
    finally:
        session.info["unfenced"] = before


def within(column: Any, roots: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """The institution in `column` lies at or below one of the given paths."""
    below = sa.select(_institution.c.id).where(_institution.c.path.within(list(roots)))
    return column.in_(below)  # type: ignore[no-any-return]


def reachable(cls: type[InScope], actor: Reader) -> sa.ColumnElement[bool]:
    """The rows of `cls` this actor can reach: by overseeing a subtree, as their own, or by relation."""
    ways: list[sa.ColumnElement[bool]] = []
    if actor.overseen:
        ways.append(within(cls.institution_id, actor.overseen))
    if actor.person_id is not None:
        ways += cls.within_reach(actor.person_id)
    return sa.or_(*ways) if ways else sa.false()


class _Fence(orm.LoaderCriteriaOption):
    """Loader criteria that follow an alias into a join's ON clause too, where SQLAlchemy does not adapt them."""

    _traverse_internals = orm.LoaderCriteriaOption._traverse_internals  # so that statements are still cached

    def _resolve_where_criteria(self, ext_info: Any) -> sa.ColumnElement[bool]:
        criteria = super()._resolve_where_criteria(ext_info)
        if not ext_info.is_aliased_class:
            return criteria
        adapted: sa.ColumnElement[bool] = ext_info._adapter.traverse(criteria)
        return adapted


def _fenced_classes(statement: Any) -> set[type[InScope]]:
    """The fenced models a statement touches, wherever in it they stand."""
    classes = _classes()
    names = {str(getattr(e, "name", "")) for e in visitors.iterate(statement) if e.__visit_name__ == "table"}
    return {classes[name] for name in names if name in classes}


def _classes() -> dict[str, type[InScope]]:
    return _classes_among(len(Model.metadata.tables))


@lru_cache(maxsize=1)
def _classes_among(_tables: int) -> dict[str, type[InScope]]:
    """The fenced models by table; looked through once, and again when there are more tables: every statement asks."""
    mapped: list[Any] = [mapper.class_ for mapper in Model.registry.mappers]
    return {cls.__tablename__: cls for cls in mapped if issubclass(cls, InScope)}


@event.listens_for(orm.Session, "do_orm_execute")
def _keep_to_reach(state: orm.ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    if state.execution_options.get("scope") == "all" or state.session.info.get("unfenced"):
        return
    actor = acting(state.session)
    if actor.sees_everything:
        return
    classes = _fenced_classes(state.statement)
    if classes and not state.is_orm_statement:
        raise NoActor(f"a Core statement on {sorted(c.__name__ for c in classes)} must say Everything")
    # One session has one actor, so what they can reach of a model is worked out once.
    fences = state.session.info.setdefault("fences", {})
    for cls in classes - fences.keys():
        fences[cls] = _Fence(cls, reachable(cls, actor), include_aliases=True)
    if classes:
        state.statement = state.statement.options(*(fences[cls] for cls in classes))
