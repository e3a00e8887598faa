"""The one place where identifiers and secrets are made."""

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562, version 7): new rows land at the end of their index."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def public_id() -> str:
    """128 random bits as 32 hexadecimal digits, for addresses that nobody may guess."""
    return secrets.token_hex(16)


def token() -> str:
    """A secret of 256 bits for links and sessions; only its hash is stored."""
    return secrets.token_urlsafe(32)
