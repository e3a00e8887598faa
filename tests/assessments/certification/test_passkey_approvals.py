"""The signer looks a passkey's answer over itself: site, purpose, nonce, documents, key and person must fit."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import orm

from assessments.certification.models import OfficerAct
from assessments.certification.rules.acts import challenge, key_print
from assessments.certification.signer import passkeys
from lms import clock
from lms.people.models import Passkey, Person
from tests.factories.world import World

ORIGIN, NAME = "https://skills.example.gov.cn", "skills.example.gov.cn"
PRESENT, VERIFIED = 0x01, 0x04
DIGEST = hashlib.sha256(b"documents").digest()


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """What a person's device holds (ES256), answering as a browser passes it on."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        numbers = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        self.public = bytes(cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y}))

    def answer(
        self,
        asked: bytes,
        *,
        origin: str = ORIGIN,
        name: str = NAME,
        flags: int = PRESENT | VERIFIED,
        kind: str = "webauthn.get",
    ) -> str:
        client = json.dumps({"type": kind, "challenge": text(asked), "origin": origin, "crossOrigin": False}).encode()
        data = hashlib.sha256(name.encode()).digest() + bytes([flags]) + (7).to_bytes(4, "big")
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature)}
        return json.dumps(
            {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
            | {"clientExtensionResults": {}}
        )


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    """The installation is reached by a name."""
    before = passkeys._site
    passkeys.configure(ORIGIN)
    yield
    passkeys._site = before


def act(key: Key, person: int, **other: Any) -> OfficerAct:
    nonce = secrets.token_bytes(32)
    asked = challenge(other.pop("asked_for", "approve"), nonce, other.pop("asked_over", DIGEST))
    values = {
        "person_id": person,
        "purpose": "approve",
        "digest": DIGEST,
        "nonce": nonce,
        "assertion": key.answer(asked, **{k: other.pop(k) for k in ("origin", "name", "flags", "kind") if k in other}),
        "public_key": key.public,
        "at": clock.now(),
    }
    return OfficerAct(**values | other)


def why(session: orm.Session, key: Key, made: OfficerAct) -> str | None:
    return passkeys.disagrees(session, made, key_print(key.public))


def test_the_officers_own_key_over_these_documents_is_believed(session: orm.Session, world: World) -> None:
    key, officer = Key(), world.a.certificate_officer
    enrol(session, key, officer)
    assert why(session, key, act(key, officer)) is None


def enrol(session: orm.Session, key: Key, person: int, **other: Any) -> None:
    place = session.get_one(Person, person).institution_id
    values = {"credential_id": key.id, "public_key": key.public, "sign_count": 0, "label": "手机", "person_id": person}
    session.add(Passkey(institution_id=place, **values | other))
    session.flush()


def test_a_key_taken_away_since_is_still_the_one_the_ledger_names(session: orm.Session, world: World) -> None:
    key = Key()
    assert why(session, key, act(key, world.a.certificate_officer)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"asked_for": "revoke"},
        {"asked_over": hashlib.sha256(b"other documents").digest()},
        {"nonce": b"0" * 32},
        {"digest": b"1" * 32},
        {"origin": "https://skills.example.gov.cn.evil.example"},
        {"name": "evil.example"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"kind": "webauthn.create"},
        {"assertion": "{}"},
        {"assertion": "not even JSON"},
        {"assertion": json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}})},
    ],
    ids=str,
)
def test_another_question_is_not_answered(session: orm.Session, world: World, wrong: dict[str, Any]) -> None:
    key = Key()
    assert why(session, key, act(key, world.a.certificate_officer, **wrong)) == "the passkey did not sign this act"


def test_another_key_is_refused(session: orm.Session, world: World) -> None:
    key, other, officer = Key(), Key(), world.a.certificate_officer
    made = act(key, officer)
    assert passkeys.disagrees(session, made, key_print(other.public)) == "the ledger names another passkey"
    assert passkeys.disagrees(session, made, None) == "the ledger names another passkey"
    swapped = act(key, officer, public_key=other.public)
    assert why(session, other, swapped) == "the passkey did not sign this act"


def test_the_key_of_somebody_else_is_refused(session: orm.Session, world: World) -> None:
    key = Key()
    enrol(session, key, world.b.certificate_officer)
    made = act(key, world.a.certificate_officer)
    assert why(session, key, made) == "the passkey is another officer's"


def test_a_key_enrolled_after_the_approval_is_refused(session: orm.Session, world: World) -> None:
    key, officer = Key(), world.a.certificate_officer
    enrol(session, key, officer)
    made = act(key, officer, at=clock.now() - timedelta(hours=1))
    assert why(session, key, made) == "the passkey is newer than the approval"


def test_where_there_can_be_no_passkeys_none_is_believed(session: orm.Session, world: World) -> None:
    passkeys.configure("http://127.0.0.1:8000")
    key = Key()
    assert why(session, key, act(key, world.a.certificate_officer)) == "a passkey cannot have been used here"
