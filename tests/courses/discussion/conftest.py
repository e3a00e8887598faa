"""The small pack, a doctor who has begun its course, and questions made by services."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from courses.curricula.models import CourseVersion
from courses.discussion import services
from courses.discussion.models import Entry
from courses.discussion.queries import threads
from courses.enrolment.services import enrol
from lms.authz import only
from lms.db import db
from tests.conftest import As
from tests.factories import packs
from tests.factories.world import World


class Talk:
    """What people do in a talk, each in a session of their own."""

    def __init__(self, as_: As, session: orm.Session) -> None:
        self.as_ = as_
        self.session = session

    def begin(self, *people: int) -> None:
        """They begin the course."""
        for one in people:
            with self.as_(one) as actor:
                enrol(actor, db.session.scalars(sa.select(CourseVersion)).one())

    def ask(self, who: int, title: str = "袖带松了血压会怎样？", body: str = "", **more: Any) -> int:
        """Ask about the first lesson."""
        with self.as_(who) as actor:
            place = only(threads.place("hypertension", "measure"))
            return services.ask(actor, place, title=title, body=body, **more).id

    def answer(self, who: int, question: int, body: str = "偏高。袖带要能插进一到两指。", **more: Any) -> int:
        """Answer a question."""
        return int(self.do(who, question, lambda a, q: services.answer(a, q, body=body, **more).id))

    def do(self, who: int, entry: int, verb: Callable[..., Any], **more: Any) -> Any:
        """Carry out a verb on an entry."""
        with self.as_(who) as actor:
            return verb(actor, threads.entry(entry), **more)

    def row(self, entry: int) -> Entry:
        """An entry as it is now."""
        self.session.expire_all()
        return self.session.get_one(Entry, entry)


@pytest.fixture
def talk(app: Flask, as_: As, session: orm.Session, world: World, tmp_path: Any) -> Talk:
    """The small pack; a doctor of each county has begun its course."""
    packs.bring(app, packs.write(tmp_path))
    made = Talk(as_, session)
    made.begin(world.a.doctor, world.a.second_doctor, world.b.doctor)
    return made
