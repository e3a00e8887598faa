"""The unit of work: the outermost verb is the transaction, what is inside it joins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import orm


@contextmanager
def transaction(session: orm.Session) -> Iterator[None]:
    """Commit at the end of the outermost block, roll all of it back when anything goes wrong."""
    info = session.info
    if info.get("in_transaction"):
        yield
        return
    info.update(in_transaction=True, before_commit={}, after_commit=[])
    try:
        yield
        for act in info["before_commit"].values():
            act()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        info["in_transaction"] = False
    for act in info["after_commit"]:
        act()


def before_commit(session: orm.Session, name: str, act: Callable[[], None]) -> None:
    """Do something once, at the very end of the running transaction (a second call by that name is dropped)."""
    session.info["before_commit"].setdefault(name, act)


def after_commit(session: orm.Session, act: Callable[[], None]) -> None:
    """Do something once, and only if, the running transaction has been committed."""
    session.info["after_commit"].append(act)
