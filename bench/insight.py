"""The administrator's dashboard over six hundred doctors: its page, its statements, and the making of its figures."""

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.insight import jobs
from assessments.insight.models import InsightFigure
from bench import arena, clients
from bench.report import Row
from lms import ids
from lms.authz import Actor
from lms.db import act_as, db, grants
from lms.institutions.models import Institution, Kind
from lms.people.models import Passkey, Person, RoleGrant, SignIn
from lms.people.queries import hash_of
from tests.factories import past

TITLE = "The administrator's dashboard"
WORDS = (
    "`GET /insight/<city>` and `/insight/<county>` for a manager of the whole city: 600 people with two years of "
    "hours, marks, stars, courses and flags at the city's institutions, figures made beforehand. One reader, one "
    "request after the other; the floor's page is one query and a fixed text. Making the figures counts all of it."
)
DOCTORS, SECONDS, MOST = 600, 3.0, 300.0
_WORKPLACES = (Kind.TOWNSHIP_HOSPITAL, Kind.COMMUNITY_CENTRE, Kind.VILLAGE_CLINIC)


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Alternated runs of two pages and the floor; statements of a page; the making of all figures."""
    with field.copy() as copy:
        prepare(copy)
        making, figures = _making(copy, runs)
        city, county, token = readers(copy)
        asked = [statements(copy, at) for at in (city, county)]
        with arena.both(copy) as (ours, floor):
            rows = [
                _speed((ours, floor), at, token, words, runs)
                for at, words in ((city, "the city"), (county, "a county"))
            ]
    most = 14
    count = Row("statements of a page", [float(n) for n in asked], "", target=f"≤ {most}", met=max(asked) <= most)
    return [*rows, count, Row(f"making {figures:,} figures anew", making, "s")]


def prepare(copy: arena.Copy) -> None:
    """Six hundred people with a past in the city."""
    with _owner(copy) as session:
        wanted = sa.select(Institution.id).where(Institution.kind.in_(_WORKPLACES)).order_by(Institution.id)
        past.make(session, list(session.scalars(wanted)), DOCTORS, owner=True)
        session.commit()
        session.execute(sa.text("ANALYZE"))
        session.commit()


def _making(copy: arena.Copy, runs: int) -> tuple[list[float], int]:
    spent = []
    with copy.stage() as stage:
        for _ in range(runs):
            began = time.perf_counter()
            make(stage.app)
            spent.append(time.perf_counter() - began)
    with _owner(copy) as session:
        newest = sa.select(sa.func.max(InsightFigure.run_id)).scalar_subquery()
        count = sa.select(sa.func.count()).where(InsightFigure.run_id == newest)
        return spent, session.scalar(count) or 0


def make(app: Flask) -> None:
    """All figures, as the nightly job makes them."""
    with app.app_context():
        jobs.refresh(lambda *_: None)


def readers(copy: arena.Copy) -> tuple[int, int, str]:
    """The city, its largest county, and the token of a manager of the city's."""
    with _owner(copy) as session:
        city = session.scalars(sa.select(Institution).where(Institution.parent_id.is_(None)).limit(1)).one()
        below = sa.select(InsightFigure.institution_id, sa.func.sum(InsightFigure.n)).join(
            Institution, Institution.id == InsightFigure.institution_id
        )
        counted = below.where(Institution.parent_id == city.id, InsightFigure.measure == "people")
        county = session.execute(counted.group_by(InsightFigure.institution_id).order_by(sa.text("2 DESC"))).first()
        made = Person(account="bench-manager", name="看板", category="administrator", institution_id=city.id)
        session.add(made)
        session.flush()
        who, token = {"person_id": made.id, "institution_id": city.id}, ids.token()
        session.add(RoleGrant(**who, role="institution_manager", begins_on=sa.func.current_date() - 1))
        session.add(Passkey(**who, credential_id=b"bench", public_key=b"k", sign_count=0, label="bench"))
        now = sa.func.clock_timestamp()
        session.add(SignIn(**who, token_hash=hash_of(token), second_factor_at=now))
        session.commit()
        return city.id, county[0] if county else city.id, token


def statements(copy: arena.Copy, at: int) -> int:
    """How many statements the page sends, all that it takes to know who asks included."""
    sent: list[str] = []
    with copy.stage() as stage:
        with stage.app.app_context():
            sa.event.listen(db.engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
        with _owner(copy) as session:
            token = ids.token()
            manager = session.scalars(sa.select(Person).where(Person.account == "bench-manager")).one()
            who = {"person_id": manager.id, "institution_id": manager.institution_id}
            now = sa.func.clock_timestamp()
            session.add(SignIn(**who, token_hash=hash_of(token), second_factor_at=now))
            session.commit()
        client = stage.app.test_client()
        client.set_cookie("session_id", token)
        for _ in range(2):  # the second time nothing is asked for the first time
            sent.clear()
            answer = client.get(f"/insight/{at}")
            if answer.status_code != 200:
                raise clients.Wrong(f"{answer.status} for /insight/{at}")
    return len([one for one in sent if not re.match(r"(?i)\s*(BEGIN|COMMIT|ROLLBACK)", one)])


def _speed(ports: tuple[int, int], at: int, token: str, words: str, runs: int) -> Row:
    ours, floor = ports
    own = [lambda: clients.get(f"/insight/{at}", f"session_id={token}")]
    least = [lambda: clients.get("/page")]
    clients.run(ours, own, 1.0)
    clients.run(floor, least, 1.0)
    pairs = [(clients.run(ours, own, SECONDS), clients.run(floor, least, SECONDS)) for _ in range(runs)]
    waits = [a.p50 for a, _ in pairs]
    met = statistics.median(waits) <= MOST
    floors = [b.p50 for _, b in pairs]
    return Row(f"one waits, {words}, median", waits, "ms", floors, "floor", f"≤ {MOST:.0f} ms", met)


@contextmanager
def _owner(copy: arena.Copy) -> Iterator[orm.Session]:
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with orm.Session(engine) as session:
        act_as(session, Actor.job("bench"))
        yield session
