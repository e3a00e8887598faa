"""A day of practical exams to measure with: people made for it, and circuits of twenty stations, one for each run."""

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import rfc8785
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from sqlalchemy import orm

from assessments.osce.models import Circuit, CircuitCandidate, CircuitStation, ExaminerAssignment, State, Tablet
from assessments.osce.rules import devices
from assessments.stations.models import StationVersion
from assessments.stations.rules import Kind
from bench import arena
from demo.cast import HOME
from lms import clock
from lms.authz import Actor, Role
from lms.db import act_as, grants
from lms.institutions.models import Institution
from lms.people.models import Category, Person, RoleGrant

#: A day: so many stations and candidates, and a second examiner at the first so many stations.
STATIONS, CANDIDATES, SECOND_EXAMINERS = 20, 30, 10
TABLETS = STATIONS + SECOND_EXAMINERS


@dataclass(frozen=True)
class Key:
    """The key of one enrolled tablet."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> bytes:
        """As the centre keeps it."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(serialization.Encoding.DER, form)

    def signed(self, body: dict[str, Any]) -> dict[str, Any]:
        """What a tablet sends: it names itself, and signs all of it (as WebCrypto does, two figures of 32 bytes)."""
        named = body | {"device": devices.name_of(self.public).hex()}
        figures = decode_dss_signature(self.private.sign(rfc8785.dumps(named), ec.ECDSA(hashes.SHA256())))
        signature = b"".join(figure.to_bytes(32, "big") for figure in figures)
        return named | {"signature": base64.b64encode(signature).decode()}


@dataclass(frozen=True)
class Duty:
    """One tablet: whose, at which station, what is marked there, and of whom."""

    key: Key
    examiner: int
    token: str
    station: int
    body: dict[str, Any]
    candidates: list[int]


class Rounds:
    """Makes days in a copy of the city; every one with circuits, sheets and examiners of its own."""

    def __init__(self, copy: arena.Copy) -> None:
        self._engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
        with orm.Session(self._engine) as session:
            act_as(session, Actor.job("bench"))
            self._place = session.scalars(sa.select(Institution.id).where(Institution.code == HOME)).one()
            self._examiners = self._people(session, "examiner", TABLETS, Category.SPECIALIST, Role.MENTOR)
            self._sitting = self._people(session, "sitting", CANDIDATES, Category.GENERAL_PRACTITIONER, Role.DOCTOR)
            self._keys = [self._tablet(session, n) for n in range(TABLETS)]
            session.commit()
        self._tokens = copy.sign_in(*(account for _, account in self._examiners))

    def _people(
        self, session: orm.Session, name: str, number: int, category: Category, role: Role
    ) -> list[tuple[int, str]]:
        made = [
            Person(account=f"{name}{n:03}", name=f"{name}{n:03}", category=category, institution_id=self._place)
            for n in range(number)
        ]
        session.add_all(made)
        session.flush()
        begins = clock.today() - timedelta(days=1)
        session.add_all(
            RoleGrant(person_id=one.id, role=role, institution_id=self._place, begins_on=begins) for one in made
        )
        session.flush()
        return [(one.id, one.account) for one in made]

    def _tablet(self, session: orm.Session, number: int) -> Key:
        key, now = Key(), clock.now()
        name = devices.name_of(key.public)
        row = Tablet(institution_id=self._place, label=str(number), enrolled_by_id=self._examiners[0][0])
        row.public_key, row.key_hash, row.enrolled_at, row.last_seen_at = key.public, name, now, now
        session.add(row)
        return key

    def day(self) -> list[Duty]:
        """One circuit that runs today; a tablet for every examiner at it."""
        with orm.Session(self._engine) as session:
            act_as(session, Actor.job("bench"))
            duties = self._circuit(session)
            session.commit()
        return duties

    def _circuit(self, session: orm.Session) -> list[Duty]:
        today, officer = clock.today(), self._examiners[0][0]
        circuit = Circuit(
            institution_id=self._place, title="测速", on_day=today, state=State.RUNNING, made_by_id=officer
        )
        session.add(circuit)
        session.flush()
        common = {"institution_id": self._place, "circuit_id": circuit.id}
        query = sa.select(StationVersion).where(StationVersion.station.has(kind=Kind.STATION))
        versions = list(session.scalars(query.order_by(StationVersion.id)))
        used = [versions[n % len(versions)] for n in range(STATIONS)]
        places = [
            CircuitStation(**common, position=n, station_version_id=one.id, room=str(n))
            for n, one in enumerate(used, 1)
        ]
        sits = [
            CircuitCandidate(**common, person_id=person, number=n, name=name, added_by_id=officer)
            for n, (person, name) in enumerate(self._sitting, 1)
        ]
        session.add_all([*places, *sits])
        session.flush()
        candidates = [one.id for one in sits]
        duties = []
        for n, ((examiner, name), token) in enumerate(zip(self._examiners, self._tokens, strict=True)):
            place, version = places[n % STATIONS], used[n % STATIONS]
            session.add(
                ExaminerAssignment(
                    institution_id=self._place,
                    circuit_station_id=place.id,
                    examiner_id=examiner,
                    name=name,
                    begins_on=today,
                    ends_on=today + timedelta(days=7),
                    assigned_by_id=officer,
                )
            )
            duties.append(Duty(self._keys[n], examiner, token, place.id, dict(version.body), candidates))
        session.flush()
        return duties

    def taken(self) -> int:
        """How many sheets of all days the centre holds."""
        with self._engine.connect() as connection:
            return int(connection.scalar(sa.text("SELECT count(*) FROM sheet")) or 0)
