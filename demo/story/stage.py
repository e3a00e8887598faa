"""The stage: acting as one person after another, in the application itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pyotp
import sqlalchemy as sa
from flask import Flask
from flask_babel import force_locale

from config import Settings
from lms import clock, events, jobs, queueing
from lms.app import create_app
from lms.authz import Actor
from lms.db import Everything, act_as, db, transaction
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.people.queries import actor_for

STEP = 30


@dataclass
class Stage:
    """The application, and what the players know: their code generators' secrets."""

    app: Flask
    secrets: dict[str, str] = field(default_factory=dict)
    _last_step: dict[str, int] = field(default_factory=dict)
    _people: dict[str, int] = field(default_factory=dict)

    @classmethod
    def build(cls, settings: Settings) -> "Stage":
        """The application on this installation."""
        return cls(create_app(settings))

    @contextmanager
    def acting(self, who: str | Actor) -> Iterator[Actor]:
        """As the person with this account, or as a job."""
        with self.app.app_context(), force_locale("zh_Hans_CN"):
            actor = who if isinstance(who, Actor) else actor_for(self.person(who))
            act_as(db.session, actor)
            yield actor

    def person(self, account: str) -> int:
        """The id behind an account."""
        if account not in self._people:
            with self.app.app_context():
                rows = db.session.execute(sa.select(Person.account, Person.id), execution_options=Everything)
                self._people.update(dict(rows.all()))
        return self._people[account]

    def institution(self, code: str) -> Institution:
        """The institution with this code, in the present session."""
        return db.session.scalars(sa.select(Institution).where(Institution.code == code)).one()

    def code(self, account: str) -> str:
        """A one-time code that has not been used: the present one, else the next, which is accepted early."""
        now = int(clock.now().timestamp()) // STEP
        step = max(now, self._last_step.get(account, 0) + 1)
        self._last_step[account] = step
        return pyotp.TOTP(self.secrets[account]).at(step * STEP)

    def settle(self, tick: Callable[[int, int], None] | None = None) -> None:
        """Let everything that follows from what was done be done, as a worker does; `tick(done, total)` of the jobs."""
        while tick is not None and (waiting := self._next_jobs()):
            for done, job_id in enumerate(waiting):
                tick(done, len(waiting))
                with self.app.app_context():
                    jobs.run(db.engine, job_id)
        queueing.run_all_now(self.app)

    def _next_jobs(self) -> list[UUID]:
        """Tell what has happened; the jobs that wait then."""
        with self.app.app_context():
            happened = events.undelivered()
        for event_id in happened:
            queueing.tell_everyone(self.app, event_id)
        with self.app.app_context():
            return jobs.unfinished()

    def request(self, *names: str) -> None:
        """Have jobs done that a worker would begin by the clock."""
        with self.acting(Actor.job("demo")), transaction(db.session):
            for name in names:
                jobs.request(name)
