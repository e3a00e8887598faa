"""By what a tablet is known: its key, its signature, the code that lets it in, and the name its store goes by."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

#: How long an officer's one-time code lets a tablet in, and how it is written: nothing that is read as something else.
CODE_LASTS = timedelta(minutes=30)
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 8
#: Nothing that one examiner writes about one candidate is longer; what is, is no sheet.
LONGEST = 24_000
_FIGURE = 32


class NoKey(ValueError):
    """What was sent is no public key on the curve P-256."""


def new_code() -> str:
    """A one-time code: 40 random bits, good for half an hour and few tries."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def plain_code(typed: Any) -> str:
    """The code as it was made, however somebody typed it: spaces and dashes go, small letters are large ones."""
    return re.sub(r"[\s-]", "", typed).upper()[:40] if isinstance(typed, str) else ""


def spaced(code: str) -> str:
    """The code as it is read aloud."""
    return f"{code[:4]} {code[4:]}"


def checked_key(spki: bytes) -> bytes:
    """A public key in its one DER form; raises NoKey."""
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise NoKey from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NoKey
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def name_of(spki: bytes) -> bytes:
    """What a device is called: SHA-256 of its public key, so that nobody can take another's name."""
    return hashlib.sha256(spki).digest()


def signed_by(spki: bytes, text: str, signature: bytes) -> bool:
    """Whether this key signed this text: ECDSA with SHA-256, as WebCrypto writes it (two figures of 32 bytes)."""
    key = serialization.load_der_public_key(spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    if len(signature) != 2 * _FIGURE:
        return False
    first, second = (int.from_bytes(part) for part in (signature[:_FIGURE], signature[_FIGURE:]))
    try:
        key.verify(encode_dss_signature(first, second), text.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def signed_text(sent: Mapping[str, Any]) -> str | None:
    """What a message's signature is over: the RFC 8785 form of all but the signature; None where it has none."""
    try:
        text = rfc8785.dumps({key: value for key, value in sent.items() if key != "signature"}).decode()
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError):
        return None
    return text if len(text) <= LONGEST and "\x00" not in text else None


def bytes_in(text: Any, most: int = 200) -> bytes:
    """Bytes as a page sends them (base64); nothing where they are none."""
    if not isinstance(text, str) or len(text) > 2 * most:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def name_in(text: Any) -> bytes:
    """A device's name as a page sends it (hexadecimal); nothing where it is none."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9a-f]{64}", text):
        return b""
    return bytes.fromhex(text)


def moment_in(text: Any) -> datetime | None:
    """A moment that a tablet says; None where it says none; raises ValueError."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(text)
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not 2000 <= at.year <= 2200:
        raise ValueError(text)
    return at


def vault_name(secret: str, person: int, device: bytes) -> str:
    """What a person's store on a tablet is called there: says nothing to whoever finds it."""
    return hmac.digest(secret.encode(), f"osce vault name {person} {device.hex()}".encode(), "sha256").hex()[:32]


def vault_secret(secret: str, person: int, device: bytes) -> bytes:
    """The second key to that store: given to nobody but its owner, after signing in, on that tablet."""
    return hmac.digest(secret.encode(), f"osce vault secret {person} {device.hex()}".encode(), "sha256")
