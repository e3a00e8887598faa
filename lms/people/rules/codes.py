"""One-time codes (TOTP, RFC 6238) and recovery codes."""

import hmac
import re
import secrets
import unicodedata
from datetime import datetime

import pyotp

STEP_SECONDS = 30
#: A code of the step before and of the step after counts too: clocks differ, and typing takes time.
EITHER_SIDE = 1
RECOVERY_CODES = 10
#: Without 0, 1, I, L, O and U: nothing to confuse when a code is read from paper.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_secret() -> str:
    """160 random bits, as an authenticator app takes them."""
    return pyotp.random_base32(32)


def address(secret: str, account: str, issuer: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def code(secret: str, now: datetime) -> str:
    """The code that an app shows at this moment."""
    return pyotp.TOTP(secret).generate_otp(_step(now))


def matching_step(secret: str, typed: str, now: datetime, *, after: int) -> int | None:
    """The step whose code was typed, if it is near now and later than the last one used; else None."""
    maker, here, found = pyotp.TOTP(secret), _step(now), None
    for step in range(here - EITHER_SIDE, here + EITHER_SIDE + 1):
        if hmac.compare_digest(maker.generate_otp(step).encode(), typed.encode()) and step > after:
            found = step
    return found


def plain(typed: str) -> str:
    """A code as it was meant: no blanks or dashes, full-width digits are digits, capitals."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).upper()


def looks_like_recovery(typed: str) -> bool:
    """Whether this is a recovery code rather than one from the app."""
    return len(plain(typed)) == 10


def new_recovery_codes() -> list[str]:
    """Fresh codes of 49 bits each, grouped for reading."""
    return ["-".join(_group() for _ in range(2)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS
