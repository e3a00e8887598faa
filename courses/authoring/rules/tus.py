"""Resumable uploads as tus 1.0.0 says: what its headers mean. Pure. Source: https://tus.io/protocols/resumable-upload"""

import base64
import binascii
import hashlib
import re

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,checksum,expiration"
ALGORITHMS = ("sha256", "sha1", "md5")
PIECE = "application/offset+octet-stream"
_KEY = re.compile(r"^[!-+\--~]+$")
_WHOLE = re.compile(r"^(0|[1-9][0-9]{0,15})$")


class NotTus(ValueError):
    """A header does not say what the protocol asks for."""


def number(text: str | None) -> int:
    """A length or an offset: digits, not signed, without leading zeros."""
    if text is None or not _WHOLE.fullmatch(text):
        raise NotTus
    return int(text)


def metadata(text: str) -> dict[str, str]:
    """Upload-Metadata: `name base64, other base64`; a name alone has an empty value, none stands there twice."""
    found: dict[str, str] = {}
    for pair in text.split(",") if text.strip() else ():
        key, _, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise NotTus
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise NotTus from None
    return found


def checksum(text: str) -> tuple[str, bytes]:
    """Upload-Checksum: the algorithm, and the digest that the piece must have."""
    name, _, value = text.partition(" ")
    if name not in ALGORITHMS:
        raise NotTus
    try:
        return name, base64.b64decode(value, validate=True)
    except binascii.Error:
        raise NotTus from None


def matches(piece: bytes, wanted: tuple[str, bytes]) -> bool:
    """Whether a piece arrived as it was sent."""
    name, digest = wanted
    return hashlib.new(name, piece, usedforsecurity=False).digest() == digest
