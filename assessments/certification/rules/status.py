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


class SuspensionCategory(StrEnum):
    """Why a certificate is suspended, for officers and the person it is about."""

    UNDER_INVESTIGATION = "under_investigation"
    EVIDENCE_DOUBTED = "evidence_doubted"
    LICENCE_SUSPENDED = "licence_suspended"
    OWN_WISH = "own_wish"


class Status(StrEnum):
    """What a certificate is on one date."""

    UNSIGNED = "unsigned"
    NOT_YET = "not_yet"
    VALID = "valid"
    DUE = "due_for_renewal"
    RENEWABLE = "expired_renewable"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"

    @property
    def in_force(self) -> bool:
        """Whether it counts for anything on that date; one that is due for renewal is as valid as any."""
        return self in (Status.VALID, Status.DUE)

    @property
    def over(self) -> bool:
        """Whether it will never be in force again."""
        return self in (Status.SUPERSEDED, Status.REVOKED)


@dataclass(frozen=True)
class Period:
    """From the first to the last day of validity; no last day means until further notice.

    From `due_on` on it is due for renewal, until `renewable_until` it can still be renewed; None: never.
    """

    begins_on: date
    ends_on: date | None = None
    due_on: date | None = None
    renewable_until: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the day lies in it."""
        return self.begins_on <= on and (self.ends_on is None or on <= self.ends_on)

    @property
    def last(self) -> date:
        """The last day there can be in it."""
        return self.ends_on or date.max


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
    begun = [period for period in periods if period.begins_on <= on]
    if not begun:
        return Status.NOT_YET
    halts = [kind for kind in in_force if kind in (ChangeKind.SUSPENDED, ChangeKind.RESUMED)]
    return _within(periods, begun, on, halted=bool(halts) and halts[-1] is ChangeKind.SUSPENDED)


def _within(periods: Sequence[Period], begun: Sequence[Period], on: date, *, halted: bool) -> Status:
    """Of a certificate that has begun and was neither revoked nor replaced; what is halted cannot be renewed."""
    if any(period.holds(on) for period in begun):
        newest = max(periods, key=lambda period: period.last)  # also one that only begins after today's
        due = newest.due_on is not None and newest.due_on <= on
        return Status.SUSPENDED if halted else Status.DUE if due else Status.VALID
    ended = max(begun, key=lambda period: period.last)
    if ended.renewable_until is None or ended.renewable_until < on:
        return Status.EXPIRED
    return Status.SUSPENDED if halted else Status.RENEWABLE
