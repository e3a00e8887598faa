"""What a question must be, and the hash that names one version of it; nothing but Python."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import rfc8785


class Kind(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"


class Level(StrEnum):
    """What answering takes: remembering, applying, or weighing up."""

    RECALL = "recall"
    APPLY = "apply"
    ANALYSE = "analyse"


class Fault(StrEnum):
    """Why a key cannot be used."""

    NO_KEY = "no_key"
    NOT_AN_OPTION = "not_an_option"
    NOT_ONE = "not_one"
    EVERYTHING_RIGHT = "everything_right"
    OPTIONS_REPEAT = "options_repeat"


@dataclass(frozen=True)
class Content:
    """All that makes one version of a question; two versions with the same content have the same hash."""

    kind: str
    level: str
    topic: str
    technique: str
    stem: str
    options: tuple[tuple[str, str], ...]
    right: tuple[str, ...]
    explanation: str
    source: str
    passage: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The stable keys of the options, in the order in which they were written."""
        return tuple(key for key, _ in self.options)

    def digest(self) -> bytes:
        """SHA-256 over the canonical JSON; the order of the right keys does not matter."""
        plain = asdict(self) | {"options": [list(pair) for pair in self.options], "right": sorted(self.right)}
        return digest(plain)

    def fault(self) -> Fault | None:
        """Why this cannot be a question, or None."""
        texts = [text.strip() for _, text in self.options]
        if len(set(texts)) != len(texts) or len(set(self.keys)) != len(self.keys):
            return Fault.OPTIONS_REPEAT
        return key_fault(self.kind, self.keys, self.right)


def digest(plain: Mapping[str, Any]) -> bytes:
    """SHA-256 over RFC 8785 JSON."""
    return hashlib.sha256(rfc8785.dumps(dict(plain))).digest()


def key_fault(kind: str, options: Sequence[str], right: Sequence[str]) -> Fault | None:
    """Why this key cannot mark answers to a question with these options, or None."""
    if not right or len(set(right)) != len(right):
        return Fault.NO_KEY
    if not set(right) <= set(options):
        return Fault.NOT_AN_OPTION
    if kind == Kind.SINGLE and len(right) != 1:
        return Fault.NOT_ONE
    if len(right) == len(options):
        return Fault.EVERYTHING_RIGHT
    return None
