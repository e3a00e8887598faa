"""A policy, evidence, officers with code generators, and the way from evidence to certificate in short words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from ruamel.yaml import YAML
from sqlalchemy import orm

import config
from assessments.certification import content, jobs, models
from assessments.certification.queries import policies
from assessments.certification.rules.status import RevocationCategory
from assessments.certification.services import approving, deciding, issuing, revoking
from assessments.certification.signer import keys, publishing, work
from assessments.results.models import ResultKind
from assessments.results.policy import Results
from assessments.results.services import Evidence, record
from lms import clock
from lms.app import create_app
from lms.authz import Actor
from lms.db import act_as, db, transaction
from lms.people.models import CodeGenerator, Person
from lms.people.queries import actor_for
from tests import databases
from tests.assessments.certification.office import Office
from tests.factories.world import World
from tests.waiting import wait_until

KEY = keys.SigningKey(Ed25519PrivateKey.generate())


FIRST_WAY = config.CHECKOUT / "content" / "policies" / "stars-first-way.yaml"
RECORDER = Actor.job("test", Results.RECORD)


def plain(path: Path) -> dict[str, Any]:
    """A policy as the content loader keeps it."""
    raw = YAML(typ="safe").load(path)
    return content.PolicyFile.model_validate(raw).plain()


MARGIN = timedelta(seconds=10)


def half_minutes(later: timedelta = timedelta()) -> int:
    """The step of one-time codes at this moment, or a little later."""
    return int((clock.now() + later).timestamp()) // 30


def load_policy(app: Flask, path: Path = FIRST_WAY, **changes: Any) -> None:
    """Put a policy in place, as `content load` does."""
    value = content.PolicyFile.model_validate(plain(path) | changes)
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        with transaction(db.session):
            content._add(value, value.plain(), content.content_hash(value.plain()))


@dataclass
class Way:
    """What people and the system do, each in a session of its own."""

    app: Flask
    world: World
    step: int = 0

    def result(self, person: int, kind: ResultKind, value: Any = 80, **more: Any) -> int:
        """Record evidence and have everybody who listens hear of it."""
        with self.app.app_context():
            act_as(db.session, RECORDER)
            self.step += 1
            made = Evidence(
                kind=kind,
                on_day=more.pop("on_day", clock.today()),
                source_kind=more.pop("source_kind", "test"),
                source_id=more.pop("source_id", str(self.step)),
                source={"n": more.pop("n", self.step)},
                value=None if value is None else Decimal(value),
                **more,
            )
            row = record(RECORDER, db.session.get_one(Person, person), evidence=made).id
        self.decide(person)
        return row

    def two_stars(self, person: int) -> models.Proposal:
        """Evidence for two stars; the proposal that follows."""
        self.result(person, ResultKind.THEORY_EXAM)
        self.result(person, ResultKind.PRACTICAL_EXAM)
        self.result(person, ResultKind.PRACTICE_EVALUATION)
        return self.proposals(person)[-1]

    def decide(self, person: int) -> models.StarDecision | None:
        """Decide now, as the job does when it hears of evidence."""
        with self.app.app_context():
            act_as(db.session, jobs.ACTOR)
            made = deciding.decide_again(jobs.ACTOR, db.session.get_one(Person, person))
            if made is not None:
                db.session.refresh(made)
            return made

    def proposals(self, person: int) -> list[models.Proposal]:
        """All proposals about a person, oldest first."""
        with self.app.app_context():
            act_as(db.session, jobs.ACTOR)
            query = sa.select(models.Proposal).where(models.Proposal.person_id == person).order_by(models.Proposal.id)
            return list(db.session.scalars(query))

    def code(self, officer: int) -> str:
        """The officer's next code not used yet: good for ten seconds more, waited for where it is too early."""
        with self.app.app_context():
            act_as(db.session, jobs.ACTOR)
            generator = db.session.scalars(sa.select(CodeGenerator).where(CodeGenerator.person_id == officer)).one()
            step = max(half_minutes(MARGIN) - 1, generator.last_step + 1)
            wait_until(lambda: step <= half_minutes() + 1)
            return pyotp.TOTP(generator.secret).generate_otp(step)

    def approve(self, officer: int, *proposals: models.Proposal, code: str | None = None, seen: Any = None) -> None:
        """One officer approves with a fresh code."""
        code = code or self.code(officer)
        with self.app.app_context():
            actor = actor_for(officer)
            act_as(db.session, actor)
            rows = [db.session.get_one(models.Proposal, p.id) for p in proposals]
            seen = seen or {p.id: p.document_hash.hex() for p in proposals}
            approving.approve(actor, rows, seen=seen, code=code)

    def issue(self, proposal: models.Proposal) -> models.Certificate:
        """What the job does after the second approval."""
        with self.app.app_context():
            act_as(db.session, jobs.ACTOR)
            made = issuing.issue(jobs.ACTOR, db.session.get_one(models.Proposal, proposal.id))
            db.session.refresh(made)
            return made

    def sign(self, key: keys.SigningKey | None = None) -> work.Round:
        """What the signer does, on the connection of the test."""
        with self.app.app_context():
            maker = db.sessionmaker  # its role is tested with real processes
        return work.sign_waiting(maker, [key or KEY])

    def publish(self, key: keys.SigningKey | None = None, lists: publishing.Lists | None = None) -> list[str]:
        """What the signer does after it has signed: credentials and status lists; the lists that are new."""
        settings: config.Settings = self.app.config["LMS"]
        with self.app.app_context():
            maker = db.sessionmaker
        publishing.credentials_made(maker, key or KEY, settings.public_url)
        return (lists or publishing.Lists(settings.public_url)).publish(maker, [key or KEY])

    def ask(self, officer: int, certificate: int, category: str = "issued_in_error", note: str = "成绩录错") -> int:
        """The first half of a revocation."""
        code = self.code(officer)
        with self.app.app_context():
            actor = actor_for(officer)
            act_as(db.session, actor)
            row = db.session.get_one(models.Certificate, certificate)
            given = {"category": RevocationCategory(category), "note": note, "code": code}
            return revoking.ask_to_revoke(actor, row, **given).id

    def answer(self, officer: int, request: int, *, confirmed: bool = True, note: str = "") -> None:
        """The second half."""
        code = self.code(officer)
        with self.app.app_context():
            actor = actor_for(officer)
            act_as(db.session, actor)
            row = db.session.get_one(models.RevocationRequest, request)
            revoking.answer_revocation(actor, row, confirmed=confirmed, note=note, code=code)


@pytest.fixture(scope="session")
def settings(
    server: databases.Server, template: databases.Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[config.Settings]:
    """A database apart, because here the app's role will be let write signatures (see `built`)."""
    files = tmp_path_factory.mktemp("certification")
    with databases.live(server, template, files) as running:
        yield databases.settings(running.database, files)


@pytest.fixture(scope="session")
def built(settings: config.Settings) -> Iterator[Flask]:
    """The application; then, for these tests alone, one role for app and signer, so that both fit into one transaction.

    That the app's role may not sign, and that the signer's may nothing else, test_signer.py asks real roles.
    """
    yield from app_on(settings, after=let_the_app_sign)


def let_the_app_sign(settings: config.Settings) -> None:
    """Widen the app's rights after it has started: it would refuse to start with them."""
    owner = sa.create_engine(settings.database_owner_url or "", poolclass=sa.NullPool)
    with owner.begin() as connection:
        for table, columns in (
            ("certificate_signature", "certificate_id, key_id, signature, card_signature, version"),
            ("period_signature", "period_id, key_id, signature, card_signature"),
            ("certificate_credential", "certificate_id, period_id, key_id, sealed"),
            ("status_list", "number, purpose, bits_hash, key_id, text"),
            ("signer_key", "key_id, public_key"),
        ):
            connection.exec_driver_sql(f"GRANT INSERT ({columns}) ON {table} TO lms_app")


def app_on(settings: config.Settings, after: Callable[[config.Settings], None]) -> Iterator[Flask]:
    """The whole application on a database of one's own (as tests/conftest.py builds it)."""
    app = create_app(settings)
    after(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.extensions["acting"] = None
    signed_in = app.extensions.get("identify")
    app.extensions["identify"] = lambda: app.extensions["acting"] or (signed_in() if signed_in else Actor.PUBLIC)
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["queue"].storage.close()


OFFICERS = ("certificate_officer", "second_certificate_officer")


def equip(session: orm.Session, world: World) -> None:
    """Give every certificate officer a confirmed code generator."""
    for officer in [people[name] for people in (world.a.people, world.b.people, world.people) for name in OFFICERS]:
        person = session.get_one(Person, officer)
        generator = CodeGenerator(
            person_id=officer,
            institution_id=person.institution_id,
            secret=pyotp.random_base32(),
            confirmed_at=sa.func.clock_timestamp(),
        )
        session.add(generator)
    session.flush()


@pytest.fixture
def way(app: Flask, world: World, session: orm.Session) -> Way:
    """The introductory policy, and officers with code generators."""
    load_policy(app)
    equip(session, world)
    session.commit()
    policies.configure("first-way")
    return Way(app, world)


@pytest.fixture
def certificate(way: Way) -> models.Certificate:
    """Two stars of the doctor of county A, approved by two and signed."""
    proposal = way.two_stars(way.world.a.doctor)
    way.approve(way.world.a.certificate_officer, proposal)
    way.approve(way.world.a.second_certificate_officer, proposal)
    made = way.issue(proposal)
    assert way.sign().signed == (made.number,)
    return made


@pytest.fixture
def real(live: databases.Live, tmp_path: Path) -> Iterator[Way]:
    """The app on a database of its own, where everything is committed and each role is itself."""
    values = databases._values(live.database, tmp_path, live.port)  # the address is printed on certificates
    app = create_app(config.Settings(_env_file=None, **values))  # type: ignore[call-arg]
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    way = Way(app, live.world)
    load_policy(app)
    with app.app_context():
        act_as(db.session, Actor.job("test"))
        with transaction(db.session):
            equip(db.session, live.world)
    policies.configure("first-way")
    keys.make(tmp_path / "signing")
    yield way
    with app.app_context():
        db.engine.dispose()
    app.extensions["queue"].storage.close()


@pytest.fixture
def office(way: Way) -> Office:
    """Officers of the city, with the introductory policy in force."""
    return Office(way)
