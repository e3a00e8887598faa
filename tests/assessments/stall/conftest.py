"""Marks, pairs and nights, so that flags come to be as they do in life."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.results.models import Result, ResultKind
from assessments.stall import jobs, services
from assessments.stall.models import Flag
from assessments.stall.policy import WATCHER
from courses.mentoring.models import Pairing
from lms import clock, ids
from lms.db import db
from lms.people.models import Person
from lms.techniques.models import Technique
from tests.conftest import As
from tests.factories import mentoring
from tests.factories.world import World

#: Days before today and percent: three marks that fall, then a long pause.
FALLING = ((320, 80), (220, 72), (180, 71), (140, 70))
RISING = ((320, 50), (220, 60), (90, 70), (30, 80))


class Ward:
    """What happens to doctors and flags, each act in a session of its own."""

    def __init__(self, as_: As, session: orm.Session, world: World, techniques: list[int]) -> None:
        self.as_, self.session, self.world, self.techniques = as_, session, world, techniques
        self.last: dict[str, Any] = {}

    def marks(
        self,
        person: int,
        marks: Sequence[tuple[int, float]],
        technique: int = 0,
        kind: ResultKind = ResultKind.WORKPLACE_ENCOUNTER,
    ) -> list[Result]:
        """Results of one doctor in one technique."""
        place = self.session.get_one(Person, person).institution_id
        made = [
            Result(
                person_id=person,
                institution_id=place,
                kind=kind,
                technique_id=self.techniques[technique],
                value=Decimal(str(mark)),
                on_day=clock.today() - timedelta(days=ago),
                source_kind="test",
                source_id=str(ids.uuid7()),
                source_hash=b"x" * 32,
            )
            for ago, mark in marks
        ]
        self.session.add_all(made)
        self.session.flush()
        return made

    def pair(self, mentor: int, person: int, ended: date | None = None) -> None:
        """A pair that runs since a year ago."""
        row = Pairing(
            person_id=person,
            institution_id=self.session.get_one(Person, person).institution_id,
            mentor_id=mentor,
            mentor_institution_id=self.session.get_one(Person, mentor).institution_id,
            apprentice_name="学员",
            mentor_name="老师",
            agreed_from=clock.today() - timedelta(days=365),
            agreed_until=clock.today() + timedelta(days=365),
            apprentice_agreed_at=clock.now(),
            mentor_agreed_at=clock.now(),
            ended_on=ended,
            ended_why="调离" if ended else "",
        )
        self.session.add(row)
        self.session.flush()

    def night(self) -> list[Flag]:
        """The nightly work as a worker does it; all flags that stand."""
        self.session.commit()
        with self.as_(WATCHER):
            self.last = jobs.watch(lambda *_: None)
        return self.flags()

    def flags(self) -> list[Flag]:
        """All flags that stand."""
        self.session.expire_all()
        return list(self.session.scalars(sa.select(Flag).order_by(Flag.id)))

    def answer(self, who: int, flag: Flag, said: str, plan: str = "", note: str = "") -> Any:
        """One answer by somebody."""
        self.session.commit()
        number = flag.id
        with self.as_(who) as actor:
            return services.answer(actor, db.session.get_one(Flag, number), said=said, plan=plan, note=note).id


@pytest.fixture
def ward(as_: As, session: orm.Session, world: World) -> Iterator[Ward]:
    """Two techniques, nobody marked yet."""
    made = mentoring.techniques(session, 2)
    session.get_one(Technique, made[0]).title = "心电图"
    yield Ward(as_, session, world, made)
