"""Exams to work with."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from assessments.exams.models import Candidate
from lms import ids
from tests.conftest import As
from tests.factories import exams as made
from tests.factories.exams import Office
from tests.factories.world import World
from tests.pages import Page


@pytest.fixture
def office(as_: As, session: orm.Session) -> Office:
    """A bank with six questions, and hands for everybody."""
    made.bank(session)
    return Office(as_, session)


@pytest.fixture
def officers(world: World) -> tuple[int, int]:
    """Two different officers over county A."""
    return world.a.exam_officer, world.people["exam_officer"]


@pytest.fixture
def open_exam(office: Office, officers: tuple[int, int], world: World) -> int:
    """An approved exam, open now, with two candidates."""
    return office.ready(officers, world.a.commission, world.a.doctor, world.a.second_doctor)


class Writer:
    """One page at an attempt: takes the pen, sends events, keeps what came back."""

    def __init__(self, page: Page, person: int, attempt_id: Any, seen: int = 0) -> None:
        self.page, self.person, self.attempt_id = page, person, attempt_id
        self.epoch = self.post("pen", {"seen": seen})["epoch"]
        self.seq = 0

    def post(self, what: str, body: Any, expect: int = 200) -> Any:
        return self.page.send(f"/attempts/{self.attempt_id}/{what}", self.person, body, expect=expect)

    def event(self, item: int, answer: list[str], **changed: Any) -> dict[str, Any]:
        self.seq += 1
        event = {"id": str(ids.uuid7()), "item": item, "seq": self.seq, "epoch": self.epoch, "answer": answer}
        return event | changed

    def save(self, *events: dict[str, Any], expect: int = 200) -> Any:
        return self.post("answers", {"events": list(events)}, expect)

    def choose(self, item: int, answer: list[str]) -> Any:
        return self.save(self.event(item, answer))


@pytest.fixture
def writer(page: Page) -> type[Writer]:
    """`writer(page, person, attempt_id)`."""
    return Writer


def seat_of(session: orm.Session, person: int) -> Candidate:
    """This person's seat, as it stands in the database now."""
    session.expire_all()
    return session.scalars(sa.select(Candidate).where(Candidate.person_id == person)).one()


def all_of(session: orm.Session, model: Any) -> list[Any]:
    """All rows, as they stand in the database now."""
    session.expire_all()
    return list(session.scalars(sa.select(model).order_by(model.id)))
