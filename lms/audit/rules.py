"""What of a deed is written down: plain values, no secrets, nothing that JSON cannot say."""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

#: Names under which a verb might tell what nobody may read later.
_SECRET: Final = frozenset(
    {"password", "token", "secret", "code", "pin", "identity_number", "licence_number", "recovery_codes", "key"}
)
_LONGEST: Final = 2000
_MOST: Final = 200
_EXACT: Final = 2**53 - 1


def plain(value: object, depth: int = 6) -> Any:
    """A value as JSON says it; what has no plain form is named by its type and never spelt out."""
    if isinstance(value, Enum):
        return plain(value.value, depth)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= _EXACT:
        return value
    for kinds, say in _SCALARS:
        if isinstance(value, kinds):
            return say(value)
    return _composed(value, depth)


def _composed(value: object, depth: int) -> Any:
    if depth > 0 and isinstance(value, Mapping):
        return told({str(name): one for name, one in list(value.items())[:_MOST]}, depth - 1)
    if depth > 0 and isinstance(value, list | tuple | set | frozenset):
        shown = [plain(one, depth - 1) for one in list(value)[:_MOST]]
        shown = sorted(shown, key=str) if isinstance(value, set | frozenset) else shown
        return [*shown, f"+{len(value) - _MOST}"] if len(value) > _MOST else shown
    table = getattr(type(value), "__tablename__", None)
    if table is not None:
        return f"{table} {getattr(value, 'id', '')}".strip()
    return f"<{type(value).__name__}>"


def _text(value: str) -> str:
    shown = value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
    return shown.encode("utf-8", "replace").decode()  # lone surrogates have no UTF-8, so no hash


_SCALARS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (str, _text),
    (date | time, lambda moment: moment.isoformat()),
    (int | float | Decimal | UUID, str),
    (timedelta, lambda span: f"{span.total_seconds():g} s"),
)


def told(words: Mapping[str, object], depth: int = 6) -> dict[str, Any]:
    """What a verb told, without what must stay secret."""
    return {name: "…" if name.lower() in _SECRET else plain(value, depth) for name, value in words.items()}
