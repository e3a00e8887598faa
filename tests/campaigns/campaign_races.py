"""Every button pressed twice in the same moment: one is done, the other is told so, and neither falls over.

Both requests have looked at what there is before either writes: they wait for each other before their first INSERT or
UPDATE, unless one of them holds what the other needs. `make campaigns ARGS=tests/campaigns/campaign_races.py`.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from wtforms import Form, fields

from lms import clock
from lms.authz import Actor
from lms.db import act_as, db
from tests import databases
from tests.campaigns.nonsense import Asking, asking, kinds_of
from tests.factories.halls import Hall
from tests.statements import heard, over_one_connection

#: Seconds that one waits for the other: longer than a look at what there is takes.
PATIENCE = 0.4
#: What may be there twice: what was said in words, is written down about each, or counts requests.
TWICE = {
    *("audit_event", "audit_waiting", "ledger_entry", "outbox_event", "job", "limit_window"),
    *("discussion_entry", "discussion_version", "discussion_follow", "discussion_report"),
    *("question_status", "institution_change", "person_export", "workplace_answer"),
}


@pytest.fixture
def asked(live: databases.Live) -> Iterator[Asking]:
    """Everything there is with a sample of each, committed in a database of its own."""
    hall = Hall(live)
    app = hall.app
    signed_in = app.extensions["identify"]
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    app.extensions["acting"] = None
    app.extensions["identify"] = lambda: app.extensions["acting"] or signed_in()
    with over_one_connection(app) as whole:
        with app.app_context():
            maker = db.sessionmaker
        with maker() as session:
            act_as(session, Actor.job("test"))
            made = asking(app, session, hall.as_, live.world)
            session.commit()
        whole.commit()
    yield made


def plausible() -> dict[str, str]:
    """A word for every field of every form, of a kind that it takes."""
    found: dict[str, str] = {"revision": "1"}
    for kind in kinds_of(Form):
        for name, field in vars(kind).items():
            word = _word(getattr(field, "field_class", None), getattr(field, "kwargs", {}))
            if word is not None:
                found.setdefault(name, word)
    return found


def _word(kind: Any, about: dict[str, Any]) -> str | None:
    if not isinstance(kind, type) or issubclass(kind, fields.FileField):
        return None
    if issubclass(kind, fields.SelectField):
        first = next(iter(choices), None) if isinstance(choices := about.get("choices"), list) else None
        return str(first[0] if isinstance(first, tuple) else getattr(first, "value", 1))
    if issubclass(kind, fields.DateTimeField):
        return clock.now().strftime("%Y-%m-%dT%H:%M")
    if issubclass(kind, fields.DateField):
        return clock.today().isoformat()
    if issubclass(kind, fields.BooleanField):
        return "y"
    return "1" if issubclass(kind, (fields.IntegerField, fields.DecimalField)) else "测试"


@contextmanager
def meeting(app: Flask) -> Iterator[None]:
    """Two requests wait for each other before what they write first."""
    barrier = threading.Barrier(2)
    waited = threading.local()

    def wait(statement: str) -> None:
        if not statement.startswith(("INSERT", "UPDATE", "DELETE")) or getattr(waited, "once", False):
            return
        waited.once = True
        with suppress(threading.BrokenBarrierError):
            barrier.wait(PATIENCE)

    with heard(app, wait):
        yield


def rows(app: Flask) -> dict[str, int]:
    """How many rows each table has that the application may read."""
    readable = sa.text(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND has_table_privilege(oid, 'SELECT')"
    )
    with app.app_context(), db.engine.connect() as connection:
        tables = connection.scalars(readable).all()
        each = [sa.select(sa.literal(name), sa.func.count()).select_from(sa.table(name)) for name in tables]
        return dict(connection.execute(sa.union_all(*each)).all())


def press(app: Flask, method: str, address: str, form: dict[str, Any]) -> int:
    """One of the two."""
    return app.test_client().open(address, method=method, data=form).status_code


# Who takes away what another has taken away already has what they wanted.
@pytest.mark.filterwarnings("ignore:DELETE statement on table:sqlalchemy.exc.SAWarning")
def test_nothing_pressed_twice_falls_over(asked: Asking) -> None:
    faults, form, before = list[str](), plausible(), rows(asked.app)
    for method, address, who in asked.addresses:
        if method == "GET":
            continue
        asked.app.extensions["acting"] = who
        with meeting(asked.app), ThreadPoolExecutor(2) as two:
            ways = [two.submit(press, asked.app, method, address, form) for _ in range(2)]
            got = sorted(way.result() for way in ways)
        now = rows(asked.app)
        twice = {name: n - before[name] for name, n in now.items() if n - before[name] > 1 and name not in TWICE}
        before = now
        if got[1] >= 500 or (twice and got[1] < 400):
            faults.append(f"{method} {address}: {got} {twice or ''}")
    assert faults == []
