"""What a certificate is worth on a date: a pure function of its periods and of what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ChangeKind(StrEnum):
    """What can become of a certificate."""

    REVOKED = "revoked"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    SUPERSEDED = "superseded"


class RevocationCategory(StrEnum):
    """Why a certificate is revoked, as far as strangers are told."""

    EVIDENCE_WITHDRAWN = "evidence_withdrawn"
    ISSUED_IN_ERROR = "issued_in_error"
    MISCONDUCT = "misconduct"
    LICENCE_LOST = "licence_lost"
    OWN_WISH = "own_wish"


class Status(StrEnum):
    """What a certificate is on one date."""

    UNSIGNED = "unsigned"
    NOT_YET = "not_yet"
    VALID = "valid"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


@dataclass(frozen=True, order=True)
class Period:
    """From the first to the last day of validity; no last day means until further notice."""

    begins_on: date
    ends_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the day lies in it."""
        return self.begins_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True)
class Change:
    """Something that became of the certificate, from a day on."""

    kind: ChangeKind
    on_day: date


def status(periods: Sequence[Period], changes: Iterable[Change], on: date, *, signed: bool = True) -> Status:
    """What the certificate is on the date. Revoked beats all; suspension ends when it is resumed.

    `changes` are in the order in which they were written down.
    """
    if not signed:
        return Status.UNSIGNED
    in_force = [change.kind for change in changes if change.on_day <= on]
    if ChangeKind.REVOKED in in_force:
        return Status.REVOKED
    if ChangeKind.SUPERSEDED in in_force:
        return Status.SUPERSEDED
    if not any(period.begins_on <= on for period in periods):
        return Status.NOT_YET
    if not any(period.holds(on) for period in periods):
        return Status.EXPIRED
    halts = [kind for kind in in_force if kind in (ChangeKind.SUSPENDED, ChangeKind.RESUMED)]
    return Status.SUSPENDED if halts and halts[-1] is ChangeKind.SUSPENDED else Status.VALID
