"""Evidence as the decision sees it, and the hash that names a whole of it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Evidence:
    """One result that stands, as the decision sees it."""

    id: int
    kind: str
    value: Decimal
    on_day: date
    valid_until: date | None = None
    technique: str | None = None
    assessor: int | None = None
    critical_failure: bool = False
    standard_error: Decimal | None = None

    def last_day(self, within_days: int | None) -> date | None:
        """The last day on which it still counts for a requirement with this recency; None: for ever."""
        if within_days is None:
            return self.valid_until
        ends = days_after(self.on_day, within_days)
        return ends if self.valid_until is None else min(ends, self.valid_until)

    def plain(self) -> list[Any]:
        """As it is hashed. The standard error is not in it: the id names the row, and hashes already given stay."""
        until = self.valid_until.isoformat() if self.valid_until else None
        value = format(self.value.normalize(), "f")
        day = self.on_day.isoformat()
        return [self.id, self.kind, value, day, until, self.technique, self.assessor, self.critical_failure]


def evidence_hash(evidence: Iterable[Evidence]) -> bytes:
    """What two officers and the signer refer to when they say: this evidence.

    SHA-256 over the RFC 8785 form. For whole numbers, words, truth values and null that form is what `json` writes
    without blanks and without escapes, which is many times faster; a test holds the two together.
    """
    rows = sorted((one.plain() for one in evidence), key=lambda row: int(row[0]))
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()).digest()


def days_after(day: date, days: int) -> date:
    """Some days later, or the last day there is."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max
