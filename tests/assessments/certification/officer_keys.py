"""A passkey made of software: what an officer's device would hold, and what it answers."""

import base64
import hashlib
import json
import secrets

import cbor2
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import orm

from lms.people.models import Passkey, Person, SignIn
from lms.people.rules.keys import Site

SITE = Site("localhost", "http://localhost:5000", "Clinical Skills")
TOUCHED, VERIFIED = 0x01, 0x04


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """One officer's key, enrolled, and a browser in which they are signed in."""

    def __init__(self, session: orm.Session, officer: int) -> None:
        person = session.get_one(Person, officer)
        self._private = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(32)
        self.passkey = Passkey(
            person_id=officer,
            institution_id=person.institution_id,
            credential_id=self.credential,
            public_key=self._cose(),
            sign_count=0,
            label="test",
        )
        row = SignIn(person_id=officer, institution_id=person.institution_id, token_hash=secrets.token_bytes(32))
        session.add_all([self.passkey, row])
        session.flush()
        self.sign_in = row.id
        session.commit()

    def _cose(self) -> bytes:
        numbers = self._private.public_key().public_numbers()
        words = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return cbor2.dumps(words)

    def answer(self, question: str, *, flags: int = TOUCHED | VERIFIED, origin: str = SITE.origin) -> str:
        """What the device says to a question, as the browser sends it."""
        client = {"type": "webauthn.get", "challenge": json.loads(question)["challenge"], "origin": origin}
        said = json.dumps(client | {"crossOrigin": False}).encode()
        about = hashlib.sha256(SITE.name.encode()).digest() + bytes([flags]) + (0).to_bytes(4, "big")
        signature = self._private.sign(about + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text(said),
            "authenticatorData": text(about),
            "signature": text(signature),
        }
        name = text(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def taken_away(session: orm.Session, key: Key) -> None:
    """The officer removes the key from their account."""
    session.execute(sa.delete(Passkey).where(Passkey.credential_id == key.credential))
    session.commit()
