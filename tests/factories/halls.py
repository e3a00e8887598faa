"""An exam in a database of its own, served by real processes, with people who are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms import ids, passwords
from lms.app import create_app
from lms.authz import Actor
from lms.db import act_as, db
from lms.people.models import CodeGenerator, Person, SignIn
from lms.people.queries import actor_for, hash_of
from tests import databases
from tests.factories import exams as made
from tests.factories import packs
from tests.factories.exams import Office

PASSWORD = "瑞雪兆丰年 2026"


class Hall:
    """A live database with an exam in it; everything here is done before the servers and browsers start."""

    def __init__(self, live: databases.Live) -> None:
        self.live = live
        files = Path(live.environment["LMS_TEST_FILES"])
        self._app = create_app(databases.settings(live.database, files))

    @property
    def app(self) -> Flask:
        """The application of this process on that database."""
        return self._app

    @contextmanager
    def as_(self, who: int | Actor) -> Iterator[Actor]:
        """Act as somebody inside services."""
        with self._app.app_context():
            actor = actor_for(who) if isinstance(who, int) else who
            act_as(db.session, actor)
            yield actor

    def load_content(self) -> None:
        """This project's own content pack."""
        packs.bring_ours(self._app)

    @contextmanager
    def session(self) -> Iterator[orm.Session]:
        """A session that sees everything, as the owner of the tables."""
        engine = self.live.engine()
        with orm.Session(engine) as session:
            act_as(session, Actor.job("test"))
            yield session
        engine.dispose()

    def exam(self, *persons: int, questions: int = 0, **changed: Any) -> int:
        """An approved, open exam with these candidates; `questions` more single choices on the paper."""
        world = self.live.world
        with self.session() as session:
            made.bank(session)
            for number in range(questions):
                made.question(session, f"x-{number:03}", topic="更多")
            session.commit()
        with self.session() as session:
            office = Office(self.as_, session)
            officers = world.a.exam_officer, world.people["exam_officer"]
            return office.ready(officers, world.a.commission, *persons, **changed)

    def attempt(self, person: int, exam_id: int) -> Any:
        """The person begins; the attempt's id."""
        with self.session() as session:
            return Office(self.as_, session).start(person, exam_id)

    def sign_in(self, person_id: int) -> str:
        """The token of a browser in which this person is signed in, the second factor passed."""
        token = ids.token()
        with self.session() as session:
            person = session.get_one(Person, person_id)
            person.password_hash = passwords.protect(PASSWORD)
            now = sa.func.clock_timestamp()
            place = person.institution_id
            session.add(
                SignIn(person_id=person_id, institution_id=place, token_hash=hash_of(token), second_factor_at=now)
            )
            has = sa.select(CodeGenerator.id).where(CodeGenerator.person_id == person_id)
            if session.scalar(has) is None and person.category == "administrator":
                session.add(CodeGenerator(person_id=person_id, institution_id=place, secret="x" * 32, confirmed_at=now))
            session.commit()
        return token

    def sign_out_everywhere(self, person_id: int) -> None:
        """All browsers of this person are signed out, as by an administrator."""
        with self.session() as session:
            session.execute(
                sa.update(SignIn)
                .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
                .values(ended_at=sa.func.clock_timestamp(), ended_why="by_administrator")
            )
            session.commit()

    def close(self) -> None:
        """Let go of the database."""
        with self._app.app_context():
            db.engine.dispose()
        self._app.extensions["queue"].storage.close()
