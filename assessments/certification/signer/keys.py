"""The signer's keys: files that only its user can read, the newest first."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lms import clock
from lms.errors import Conflict, Unavailable

#: The current key and the one before it; older private halves are destroyed, the public ones stay for ever.
KEPT = 2


@dataclass(frozen=True)
class SigningKey:
    """One key pair; the id is taken from the public half, so that it cannot name another."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The 32 bytes that everybody may know."""
        return self.private.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)

    @property
    def key_id(self) -> str:
        """16 hexadecimal digits."""
        return key_id_of(self.public)

    def sign(self, data: bytes) -> bytes:
        """The signature of these bytes."""
        return self.private.sign(data)


def key_id_of(public: bytes) -> str:
    """The id of a public key."""
    return hashlib.sha256(public).hexdigest()[:16]


def read(folder: Path) -> list[SigningKey]:
    """The keys, newest first; raises Unavailable when there is none, or when others could read one."""
    files = sorted(folder.glob("*.key"), reverse=True) if folder.is_dir() else []
    if not files:
        raise Unavailable(f"there is no signing key in {folder}: make one with `signer new-key`")
    return [_read(file) for file in files]


def _read(file: Path) -> SigningKey:
    if file.stat().st_mode & 0o077:
        raise Unavailable(f"others can read {file}: only its owner may (chmod 600)")
    key = form.load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(f"{file} holds no Ed25519 key")
    return SigningKey(key)


def make(folder: Path) -> SigningKey:
    """A new key, in front of the others; the one before it is kept, older private halves are destroyed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = SigningKey(Ed25519PrivateKey.generate())
    file = folder / f"{clock.now():%Y%m%dT%H%M%S%f}-{key.key_id}.key"
    try:
        target = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{file} is there already") from None
    with os.fdopen(target, "wb") as out:
        out.write(key.private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
        out.flush()
        os.fsync(out.fileno())
    return key


def forget_old(folder: Path) -> int:
    """Destroy the private halves beyond the newest two; how many."""
    old = sorted(folder.glob("*.key"), reverse=True)[KEPT:]
    for file in old:
        file.unlink()
    return len(old)
