"""Sealing what must not be readable in the database: authenticated encryption and blind indexes."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class CannotOpen(Exception):
    """The sealed bytes were changed, or the key that closed them is not among ours."""


@dataclass(frozen=True)
class Vault:
    """Keys by name; the first one seals, all of them open, so that keys can be rotated."""

    keys: tuple[tuple[str, bytes], ...]
    index_key: bytes

    def seal(self, plain: bytes, context: bytes = b"") -> bytes:
        """Encrypt under the current key; `context` must be given again to open."""
        name, key = self.keys[0]
        return name.encode() + b":" + seal_under(key, plain, context)

    def open(self, sealed: bytes, context: bytes = b"") -> bytes:
        """Decrypt; raises CannotOpen when anything does not fit."""
        name, _, body = sealed.partition(b":")
        key = dict(self.keys).get(name.decode(errors="replace"))
        if key is None:
            raise CannotOpen
        return open_under(key, body, context)

    def blind_index(self, text: str) -> bytes:
        """A keyed hash by which an encrypted value can be looked up but not guessed offline."""
        return hmac.new(self.index_key, text.encode(), hashlib.sha256).digest()


def seal_under(key: bytes, plain: bytes, context: bytes = b"") -> bytes:
    """AES-256-GCM with a random 96-bit nonce in front."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def open_under(key: bytes, sealed: bytes, context: bytes = b"") -> bytes:
    """The reverse of `seal_under`; raises CannotOpen."""
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], context)
    except (InvalidTag, ValueError) as wrong:
        raise CannotOpen from wrong


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return AESGCM.generate_key(256)


def keys_from(text: str) -> tuple[tuple[str, bytes], ...]:
    """Read `name:base64,name:base64` as the settings hold it; raises ValueError."""
    pairs = [part.strip().split(":", 1) for part in text.split(",") if part.strip()]
    keys = tuple((name, base64.b64decode(value, validate=True)) for name, value in pairs)
    if not keys or any(len(key) != 32 for _, key in keys):
        raise ValueError("each key is name:base64 of exactly 32 bytes")
    return keys


_current: Vault | None = None


def configure(vault: Vault) -> None:
    """Put the installation's vault in place; done once, by create_app."""
    global _current
    _current = vault


def current() -> Vault:
    """The installation's vault."""
    if _current is None:
        raise RuntimeError("no vault: create_app has not run")
    return _current
