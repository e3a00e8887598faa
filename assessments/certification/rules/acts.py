"""What binds an officer's act: what a passkey signs, and the signer's nonce that stands beside a one-time code."""

import hashlib
from typing import Final

ACT: Final = "clinical-skills/officer-act/1"
HEAD: Final = b"clinical-skills/head-nonce/1\n"
NO_HEAD: Final = b"clinical-skills/no-head-nonce/1\n"


def challenge(purpose: str, nonce: bytes, digest: bytes) -> bytes:
    """The challenge put to a passkey: SHA-256 over kind, purpose, nonce and digest, a line each."""
    lines = (ACT, purpose, nonce.hex(), digest.hex())
    return hashlib.sha256("\n".join(lines).encode()).digest()


def head_nonce(words: bytes, key_id: str, signature: bytes) -> bytes:
    """The signer's nonce while this signed head is its newest: SHA-256 over the words signed, key and signature."""
    return hashlib.sha256(HEAD + words + b"\n" + key_id.encode() + b"\n" + signature).digest()


def first_nonce(key_id: str) -> bytes:
    """The signer's nonce before it signed any head: SHA-256 over its key's id, or nothing while it has no key."""
    return hashlib.sha256(NO_HEAD + key_id.encode()).digest()


def key_print(public_key: bytes) -> str:
    """The SHA-256 of a key's public half, as it stands in the ledger beside the act."""
    return hashlib.sha256(public_key).hexdigest()
