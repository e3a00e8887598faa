"""A tablet without a browser: a key of its own, and what it signs."""

import base64
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from assessments.osce.rules import devices


@dataclass
class Device:
    """A key on P-256 and the signatures it makes, as WebCrypto makes them."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def spki(self) -> bytes:
        """The public half."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def name(self) -> str:
        """What the device is called."""
        return devices.name_of(self.spki).hex()

    def sign(self, text: str) -> str:
        """Two figures of 32 bytes, in base64."""
        first, second = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(first.to_bytes(32) + second.to_bytes(32)).decode()

    def signed(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same with the device's name and its signature."""
        named = body | {"device": self.name}
        return named | {"signature": self.sign(rfc8785.dumps(named).decode())}

    def enrolment(self, code: str) -> dict[str, Any]:
        """What it sends to be let in."""
        body = {"code": code, "key": base64.b64encode(self.spki).decode()}
        return body | {"signature": self.sign(rfc8785.dumps(body).decode())}
