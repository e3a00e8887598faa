"""Cases of the content pack, and hands to play them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import orm

from assessments.simulation import services
from assessments.simulation.formats import SentAct
from assessments.simulation.models import CaseFinish, CaseRun, CaseVersion, SimulatedCase
from assessments.simulation.rules import Happened
from config import CHECKOUT
from courses.mentoring.models import Pairing
from lms import clock, ids
from lms.authz import Actor
from lms.content.formats import Pack, kinds, open_pack
from lms.db import act_as, db
from lms.events import OutboxEvent, deliver, subscribers_of
from tests.conftest import As
from tests.factories.world import World

FEATURES = ("lms.techniques", "assessments.simulation")
RENEWAL, GRANDFATHER = "hypertension-renewal", "confused-grandfather"


def default_pack() -> Pack:
    """The default content pack, as far as cases need it."""
    return open_pack(CHECKOUT / "content", kinds(FEATURES))


def load(app: Flask, pack: Pack) -> None:
    """Bring techniques and cases of a pack into the database."""
    with app.app_context():
        act_as(db.session, Actor.job("test content"))
        for kind in kinds(FEATURES)[1:]:
            kind.load(pack, pack.files(kind.name))
        db.session.commit()


class Clinic:
    """What doctors do with cases, each act in a session of its own."""

    def __init__(self, app: Flask, as_: As, session: orm.Session, world: World) -> None:
        self.app, self.as_, self.session, self.world = app, as_, session, world

    def begin(self, who: int, code: str = RENEWAL) -> int:
        """Begin a case; the run's id."""
        self.session.commit()
        with self.as_(who) as actor:
            case = db.session.scalars(sa.select(SimulatedCase).where(SimulatedCase.code == code)).one()
            return services.begin(actor, case).id

    def act(self, who: int, run: int, *codes: str, happened: Happened = Happened.DONE) -> list[str]:
        """Do these things."""
        return self.send(who, run, [SentAct(id=ids.uuid7(), act=code, happened=happened) for code in codes])

    def send(self, who: int, run: int, sent: Sequence[SentAct]) -> list[str]:
        """What a page's script sends."""
        self.session.commit()
        with self.as_(who) as actor:
            return services.act(actor, db.session.get_one(CaseRun, run), sent=sent)

    def end(self, who: int, run: int) -> CaseFinish:
        """End the consultation; how it was scored, as the test's own session sees it."""
        self.session.commit()
        with self.as_(who) as actor:
            made = services.hand_in(actor, db.session.get_one(CaseRun, run)).id
        self.session.expire_all()
        return self.session.get_one(CaseFinish, made)

    def play(self, who: int, code: str = RENEWAL, acts: Sequence[str] | None = None) -> CaseFinish:
        """A whole case: the expert's way, or these acts."""
        run = self.begin(who, code)
        self.act(who, run, *(self.way(code) if acts is None else acts))
        return self.end(who, run)

    def key(self, code: str = RENEWAL) -> dict[str, Any]:
        """The key of the newest version."""
        self.session.commit()
        query = sa.select(CaseVersion.key).join(SimulatedCase).where(SimulatedCase.code == code)
        return self.session.scalars(query.order_by(CaseVersion.version.desc()).limit(1)).one()

    def way(self, code: str = RENEWAL) -> list[str]:
        """The expert's way."""
        return [step["act"] for step in self.key(code)["expert"]]

    def tell(self) -> None:
        """Let everybody hear of what happened, as the queue does."""
        self.session.commit()
        for event in self.session.scalars(sa.select(OutboxEvent.id).order_by(OutboxEvent.id)).all():
            with self.app.app_context():
                names = subscribers_of(event)
            for name in names:
                with self.app.app_context():
                    deliver(event, name)
        self.session.expire_all()

    def pair(self, mentor: int, apprentice: int, *, ended: bool = False) -> None:
        """Let somebody be the mentor of a doctor, now or until yesterday."""
        today = clock.today()
        self.session.add(
            Pairing(
                person_id=apprentice,
                institution_id=self.world.a.township,
                mentor_id=mentor,
                mentor_institution_id=self.world.a.hospital,
                apprentice_name="王小明",
                mentor_name="陈建国",
                agreed_from=today - timedelta(days=100),
                agreed_until=today if ended else today + timedelta(days=600),
            )
        )
        self.session.commit()


@pytest.fixture
def clinic(app: Flask, as_: As, session: orm.Session, world: World) -> Iterator[Clinic]:
    """The two cases of the default pack, and doctors to play them."""
    load(app, default_pack())
    yield Clinic(app, as_, session, world)
