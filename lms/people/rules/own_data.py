"""What belongs into the export of a person's data, told from names alone, and how long an erasure waits."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

#: Days between the wish to erase somebody and the day it is done: least, usual, most.
LEAST, USUAL, MOST = 7, 15, 90
#: Days an export is kept.
KEPT: Final = 7
#: What proves somebody to be themselves is never written out; sealed words are opened instead.
SECRET: Final = frozenset(
    {
        "password_hash",
        "token_hash",
        "code_hash",
        "secret",
        "challenge",
        "code",
        "assertion",
        "identity_hash",
        "licence_hash",
        "sealed",
        "plan",
    }
)
#: So many bytes are a hash; more are a file of their own.
_HASH: Final = 64
#: Names of people that stand in rows about others, and the column that says whose name it is.
_WHOSE: Final = {"doctor_name": "person_id", "apprentice_name": "person_id"}


def plain(value: object) -> Any:
    """A value of a row as JSON says it; bytes up to a hash are hexadecimal."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(one) for one in value]
    return next((say(value) for kinds, say in _SCALARS if isinstance(value, kinds)), value)


_SCALARS: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (Enum, lambda one: one.value),
    (date | datetime, lambda moment: moment.isoformat()),
    (Decimal | UUID, str),
    (bytes | memoryview, lambda some: bytes(some).hex()),
)


def is_file(value: object) -> bool:
    """Whether these are bytes of something larger than a hash."""
    return isinstance(value, bytes | memoryview) and len(value) > _HASH


def whose_name(column: str, columns: frozenset[str]) -> str | None:
    """The column that says whose name stands in this one; None for what is no name of a person."""
    if column in _WHOSE:
        return next((one for one in (_WHOSE[column], "apprentice_id") if one in columns), None)
    named = re.fullmatch(r"(\w+)_name", column)
    owner = f"{named[1]}_id" if named else None
    return owner if owner in columns else None
