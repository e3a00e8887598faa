"""Mentoring as tests need it: techniques, standings, an office that pairs and two people who meet."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.mentoring import services
from courses.mentoring.models import MentoringSession, Pairing
from courses.mentoring.queries import pairs
from courses.mentoring.rules import years_later
from courses.mentoring.services import Entry, Terms
from lms import clock, ids
from lms.db import Model, db
from lms.people.models import Category, Person
from lms.techniques.models import Standing, Technique
from tests.conftest import As


def techniques(session: orm.Session, count: int = 4, category: str = Category.GENERAL_PRACTITIONER) -> list[int]:
    """Core techniques of a category; their ids."""
    made = [
        Technique(
            code=f"{category[:2]}-{number}",
            title=f"技术{number}",
            title_en=f"Technique {number}",
            kind="procedure",
            core=True,
            categories=[str(category)],
            summary="…",
            standard="…",
            sources=[],
        )
        for number in range(1, count + 1)
    ]
    session.add_all(made)
    session.flush()
    return [one.id for one in made]


def stand(session: orm.Session, person: int, levels: Mapping[int, int], until: date | None = None) -> None:
    """Where a person stands, by technique."""
    place = session.get_one(Person, person).institution_id
    since = date(2026, 1, 1)
    for technique, level in levels.items():
        session.add(
            Standing(
                person_id=person,
                institution_id=place,
                technique_id=technique,
                level=level,
                since=since,
                valid_until=until,
            )
        )
    session.flush()


def terms(begins: date | None = None, years: int = 2) -> Terms:
    """Two years from a day (today)."""
    begins = begins or clock.today()
    return Terms(begins, years_later(begins, years))


class Office:
    """What administrators and the two of a pair do, each in a session of their own."""

    def __init__(self, as_: As, session: orm.Session) -> None:
        self.as_, self.session = as_, session

    def do(self, who: int, model: type[Any], id: int, verb: Any, **details: Any) -> Any:
        """One verb on one thing as somebody; the id of the row it made, or what it answered."""
        self.session.commit()
        with self.as_(who) as actor:
            made = verb(actor, db.session.get_one(model, id), **details)
            return made.id if isinstance(made, Model) else made

    def offer(self, who: int, mentor: int, capacity: int = 2, **more: Any) -> None:
        """A mentor takes so many apprentices from today on."""
        self.do(who, Person, mentor, services.offer, capacity=capacity, begins_on=clock.today(), **more)

    def pair(
        self, manager: int, apprentice: int, mentor: int, *, begins: date | None = None, agreed: bool = True
    ) -> int:
        """A running pair; its id."""
        self.session.commit()
        with self.as_(manager) as actor:
            made = services.pair(
                actor,
                db.session.get_one(Person, apprentice),
                mentor=db.session.get_one(Person, mentor),
                terms=terms(begins),
                on_paper=agreed,
            )
            return made.id

    def agree(self, who: int, pairing: int) -> None:
        """One side agrees to what stands."""
        self.session.expire_all()
        shown = pairs.hash_of(self.session.get_one(Pairing, pairing))
        self.do(who, Pairing, pairing, services.agree, shown=shown)

    def log(self, who: int, pairing: int, *, replaces: int | None = None, **changed: Any) -> int:
        """One side logs an hour on site; the session's id."""
        said: dict[str, Any] = {
            "on_day": clock.today(),
            "minutes": 60,
            "on_site": True,
            "technique_ids": (),
            "done": "看了三份心电图",
            "source_id": str(ids.uuid7()),
        }
        self.session.commit()
        with self.as_(who) as actor:
            before = db.session.get_one(MentoringSession, replaces) if replaces else None
            entry = Entry(**said | changed, replaces=before)
            return services.log(actor, db.session.get_one(Pairing, pairing), entry=entry).id

    def confirm(self, who: int, session: int) -> None:
        """The other side stands by it."""
        self.do(who, MentoringSession, session, services.confirm)

    def tally(self, pairing: int) -> Any:
        """How far the pair is in its year."""
        counted = pairs.tally(clock.today())
        return self.session.execute(sa.select(counted).where(counted.c.pairing_id == pairing)).one()


def ago(days: int) -> date:
    """A day in the past."""
    return clock.today() - timedelta(days=days)
