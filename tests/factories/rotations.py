"""Rotations as tests need them: a department with places, somebody who receives there, a doctor who goes."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import orm

from courses.rotations import services
from courses.rotations.models import Rotation, RotationDepartment
from courses.rotations.rules import Opens, Outcome
from lms import clock
from lms.db import Model, db
from lms.institutions.models import Institution
from lms.people.models import Person
from tests.conftest import As


def ago(days: int) -> date:
    """A day before today (after it, for less than nothing)."""
    return clock.today() - timedelta(days=days)


class Hospital:
    """What managers and receivers do, each in a session of their own."""

    def __init__(self, as_: As, session: orm.Session) -> None:
        self.as_, self.session = as_, session

    def do(self, who: int, model: type[Any], id: int, verb: Any, **details: Any) -> Any:
        """One verb on one thing as somebody; the id of the row it made, or what it answered."""
        self.session.commit()
        with self.as_(who) as actor:
            made = verb(actor, db.session.get_one(model, id), **details)
            return made.id if isinstance(made, Model) else made

    def department(
        self, who: int, host: int, receiver: int | None = None, places: int = 1, name: str = "心内科", **more: Any
    ) -> int:
        """A department that has had places for years."""
        number: int = self.do(
            who, Institution, host, services.offer_department, name=name, name_en="Cardiology", **more
        )
        self.do(who, RotationDepartment, number, services.set_places, number=places, valid_from=ago(1000))
        if receiver is not None:
            self.name(who, number, receiver)
        return number

    def name(
        self, who: int, department: int, receiver: int, begins: date | None = None, ends: date | None = None
    ) -> Any:
        """Somebody receives there, since yesterday unless said."""
        self.session.commit()
        with self.as_(who) as actor:
            person, at = db.session.get_one(Person, receiver), db.session.get_one(RotationDepartment, department)
            begins = begins or ago(1)
            return services.appoint(actor, at, person=person, begins_on=begins, ends_on=ends).id

    def plan(self, who: int, doctor: int, department: int, first: date, last: date, goal: str = "") -> int:
        """A doctor gets a place."""
        self.session.commit()
        with self.as_(who) as actor:
            at, wish = db.session.get_one(RotationDepartment, department), services.Wish(first, last, goal)
            return services.plan(actor, db.session.get_one(Person, doctor), department=at, wish=wish).id

    def been(self, manager: int, receiver: int, doctor: int, department: int, first: date, last: date) -> int:
        """A rotation that is over."""
        number = self.plan(manager, doctor, department, first, last)
        self.do(receiver, Rotation, number, services.start, on=first)
        self.do(receiver, Rotation, number, services.end, last_on=last)
        return number

    def evaluate(
        self, receiver: int, number: int, absent: int = 0, outcome: Outcome = Outcome.PASSED, why: str = ""
    ) -> Any:
        """The receiving side's word."""
        found = services.Found(outcome, absent, "独立管理八名高血压住院患者")
        return self.do(receiver, Rotation, number, services.evaluate, found=found, reason=why)


__all__ = ["Hospital", "Opens", "ago"]
