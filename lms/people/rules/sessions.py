"""How long somebody stays signed in, and what stands between a password and the work."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from lms.authz import SECOND_FACTOR, Role

#: Doctors and mentors use their own phone, daily, on weak networks, and see their own rows: a month (NIST SP 800-63B,
#: AAL1), ended after a week without use.
IDLE, LONGEST = timedelta(days=7), timedelta(days=30)
#: Who decides about others works at a desk others pass by: half a day (AAL2), ended after an hour without use.
IDLE_DECIDING, LONGEST_DECIDING = timedelta(hours=1), timedelta(hours=12)
#: Who has signed in this recently may change how one signs in; anybody else may have found the browser open.
RECENT = timedelta(minutes=15)
#: "Last seen" is written at most this often, so that reading a page does not become writing a row.
SEEN_EVERY = timedelta(minutes=2)


class Step(StrEnum):
    """What somebody who gave the right password must still do."""

    SECOND_FACTOR = "second_factor"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 - not a password
    ENROL = "enrol"


class Ended(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "signed_out"
    BY_OWNER = "by_owner"
    BY_ADMINISTRATOR = "by_administrator"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - not a password
    RIGHTS_CHANGED = "rights_changed"
    DEACTIVATED = "deactivated"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    TIMED_OUT = "timed_out"
    REPLACED = "replaced"


def deciding(roles: Iterable[Role]) -> bool:
    """Whether somebody with these roles decides about others."""
    return not SECOND_FACTOR.isdisjoint(roles)


def in_time(began: datetime, last_seen: datetime, now: datetime, *, strict: bool) -> bool:
    """Whether a session is still within its idle and its absolute time."""
    idle, longest = (IDLE_DECIDING, LONGEST_DECIDING) if strict else (IDLE, LONGEST)
    return now - last_seen < idle and now - began < longest


def recent(began: datetime, now: datetime) -> bool:
    """Whether password and second factor were given only just now."""
    return now - began < RECENT


def next_step(
    roles: Iterable[Role], *, has_factor: bool, passed_factor: bool, must_change_password: bool
) -> Step | None:
    """What is still to be done before anything else can be reached; None when nothing is."""
    if has_factor and not passed_factor:
        return Step.SECOND_FACTOR
    if must_change_password:
        return Step.CHANGE_PASSWORD
    if not has_factor and deciding(roles):
        return Step.ENROL
    return None
