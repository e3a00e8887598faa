"""Passwords as the database keeps them: argon2id, made stronger whenever the parameters are."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Parameters OWASP names for argon2id: 19 MiB each, so that a hall full of people signing in at once fits in memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Longer ones are refused before they are hashed: nobody types them, and hashing them would be work for nothing.
LONGEST = 200


def protect(password: str) -> str:
    """What may be stored in place of a password."""
    return _HASHER.hash(_plain(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether this is the password; where none is stored it is not, and saying so takes as long."""
    try:
        right = _HASHER.verify(stored or _nobodys(), _plain(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None and len(password) <= LONGEST


def weak(stored: str) -> bool:
    """Whether it was made with weaker parameters than today's and should be made anew."""
    return _HASHER.check_needs_rehash(stored)


def _plain(password: str) -> str:
    """The same password from every keyboard: composed and decomposed letters are one."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's")
