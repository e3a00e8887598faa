"""Kinds that only tests know, and hands to tell, send and read."""

import email
from collections.abc import Iterator
from datetime import time
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from lms.authz import Actor
from lms.db import db
from lms.notifications import jobs
from lms.notifications.models import Delivery, Notice, Preference
from lms.notifications.policy import Notices
from lms.notifications.queries.kinds import KINDS
from lms.notifications.rules.kinds import Channel, Group, How, Kind, Told
from lms.notifications.services.telling import tell_people
from lms.people.models import Person
from tests.conftest import As

PLAIN = Kind("test.plain", Group.EXAMS, "Plain", lambda f: f"matter {f['n']}", "notifications.notice", ("id",))
DAILY = Kind("test.daily", Group.EXAMS, "Daily", lambda f: f"daily {f['n']}", "notifications.own", mail=How.DAILY)
NEEDED = Kind(
    "test.needed",
    Group.CERTIFICATES,
    "Needed",
    lambda f: f"needed {f['n']}",
    "notifications.own",
    more=lambda f: "二行",
    sms=How.NOW,
    needed=True,
)


class Post:
    """Telling people, and what goes out of the house."""

    def __init__(self, app: Flask, as_: As, session: orm.Session) -> None:
        self.app, self.as_, self.session = app, as_, session

    def reach(self, person: int, email: str | None = "wang@clinic.example", phone: str | None = None) -> None:
        """Give a person a mail address and a number, and no quiet hours, so that tests do not ask what time it is."""
        row = self.session.get_one(Person, person)
        row.email, row.phone = email, phone
        values = {"quiet_from": time(0), "quiet_until": time(0), "digest_at": time(18)}
        self.session.add(Preference(person_id=person, institution_id=row.institution_id, **values))
        self.session.commit()

    def tell(self, *people: int, kind: Kind = PLAIN, n: Any = 1) -> int:
        """Tell these people of matter `n`; how many were told now."""
        self.session.commit()
        told = [Told(person, f"matter:{n}", {"n": n}) for person in people]
        with self.as_(Actor.job("tell people", Notices.TELL)) as actor:
            return tell_people(actor, None, kind=kind, told=told)

    def send(self) -> dict[str, Any]:
        """The job, as a worker does it."""
        self.session.commit()
        with self.app.app_context():
            return jobs.send(lambda *_: None)  # type: ignore[arg-type]

    def notices(self, person: int) -> list[Notice]:
        self.session.expire_all()
        return list(self.session.scalars(sa.select(Notice).where(Notice.person_id == person).order_by(Notice.id)))

    def states(self, channel: str = Channel.MAIL) -> list[str]:
        """Where all deliveries of a channel stand, oldest first."""
        self.session.expire_all()
        query = sa.select(Delivery.state).where(Delivery.channel == channel).order_by(Delivery.id)
        return list(self.session.scalars(query))

    def due_now(self) -> None:
        """Let what waits be due, whatever o'clock it is."""
        self.session.execute(sa.update(Delivery).values(due_at=sa.func.now() - sa.text("interval '1 minute'")))
        self.session.commit()

    @property
    def folder(self) -> Path:
        return Path(self.app.config["LMS"].mail_folder)

    def letters(self) -> list[EmailMessage]:
        """What lies in the folder, oldest first."""
        files = sorted(self.folder.glob("*.eml"))
        return [email.message_from_bytes(one.read_bytes(), policy=default) for one in files]

    def texts(self) -> list[str]:
        path = self.folder.with_name("sms") / "messages.jsonl"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def post(app: Flask, as_: As, session: orm.Session) -> Iterator[Post]:
    """A post of one's own: the kinds of these tests, and empty folders."""
    KINDS.update({one.name: one for one in (PLAIN, DAILY, NEEDED)})
    made = Post(app, as_, session)
    yield made
    for one in (PLAIN, DAILY, NEEDED):
        del KINDS[one.name]
    for path in (*made.folder.glob("*.eml"), made.folder.with_name("sms") / "messages.jsonl"):
        path.unlink(missing_ok=True)


def person_named(who: int) -> Person:
    """The row of a person, in the session of whoever acts."""
    return db.session.get_one(Person, who)
