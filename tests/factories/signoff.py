"""A ward in which techniques are signed off."""

from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.results.models import Result
from assessments.signoff import services
from assessments.signoff.models import SignOff
from assessments.signoff.services import Seen
from courses.mentoring.models import Pairing
from lms import clock
from lms.db import db
from lms.events import OutboxEvent, deliver
from lms.techniques.models import Technique
from tests.conftest import As
from tests.factories.mentoring import Office, ago, techniques
from tests.factories.world import World


class Ward(Office):
    """Two examiners of county A: one is the doctor's mentor, the other assesses."""

    def __init__(self, app: Flask, as_: As, session: orm.Session, world: World) -> None:
        super().__init__(as_, session)
        self.app, self.world = app, world
        self.technique = techniques(session, 2)[0]
        self.offer(world.a.manager, world.a.examiner)
        self.pairing = self.pair(world.a.manager, world.a.doctor, world.a.examiner, begins=ago(60))

    def ask(self, level: int = 4, **changed: Any) -> int:
        """The mentor signs; the sign-off's id."""
        self.session.commit()
        with self.as_(self.world.a.examiner) as actor:
            return services.ask(
                actor,
                db.session.get_one(Pairing, self.pairing),
                technique=db.session.get_one(Technique, self.technique),
                seen=seen(level, **changed),
            ).id

    def sign(self, who: int, sign_off: int, level: int = 4) -> int | None:
        """Somebody signs; the level both have named."""
        found: int | None = self.do(who, SignOff, sign_off, services.sign, seen=seen(level))
        return found

    def asked(self, level: int = 4) -> int:
        """Signed by the mentor, the assessor chosen."""
        made = self.ask(level)
        self.do(
            self.world.a.examiner, SignOff, made, services.assign, assessor=self.world.a.second_examiner
        )  # fmt: skip
        return made

    def deliver(self) -> None:
        """Everybody hears of what was signed."""
        self.session.commit()
        told = self.session.scalars(sa.select(OutboxEvent.id).where(OutboxEvent.kind == "SignedOff")).all()
        for event in told:
            with self.app.app_context():
                deliver(event, "results.record_sign_off")

    def results(self) -> list[Result]:
        """What stands in the table of evidence, in order."""
        self.session.expire_all()
        return list(self.session.scalars(sa.select(Result).order_by(Result.id)))

    def row(self, sign_off: int) -> SignOff:
        """The sign-off as it is now."""
        self.session.expire_all()
        return self.session.get_one(SignOff, sign_off)


def seen(level: int = 4, **changed: Any) -> Seen:
    said: dict[str, Any] = {"level": level, "observed_on": clock.today(), "note": "独立完成，判读正确"}
    return Seen(**said | changed)
