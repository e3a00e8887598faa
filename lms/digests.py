"""How plain values get a name of their own: the hash of their one canonical form."""

import hashlib
import json
from typing import Any

import rfc8785

#: The largest whole number that every JSON reader keeps.
_MOST = 2**53 - 1


def digest(content: Any) -> bytes:
    """SHA-256 of the RFC 8785 form of plain values; raises what rfc8785 does for what JSON cannot say."""
    return hashlib.sha256(canonical(content)).digest()


def canonical(content: Any) -> bytes:
    """The RFC 8785 form of plain values, as rfc8785 writes it.

    Where there are only words, whole numbers, truth values and nothing, that is what `json` writes with its keys in
    order and without blanks, which is many times faster.
    """
    if _simple(content):
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        try:
            return text.encode()
        except UnicodeEncodeError:
            return rfc8785.dumps(content)  # half a letter: it says what is wrong
    return rfc8785.dumps(content)


def _simple(value: Any) -> bool:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return bool(-_MOST <= value <= _MOST)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _simple(one) for key, one in value.items())
    return kind in (list, tuple) and all(_simple(one) for one in value)
