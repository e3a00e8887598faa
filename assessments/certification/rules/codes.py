"""One-time codes by time (RFC 6238): which step a code belongs to."""

import hmac
from datetime import datetime

import pyotp

SECONDS = 30


def step_of(secret: str, code: str, at: datetime, window: int = 1) -> int | None:
    """The time step near a moment whose code this is, or None."""
    now = int(at.timestamp()) // SECONDS
    made = pyotp.TOTP(secret, interval=SECONDS)
    fitting = [
        step
        for step in range(now - window, now + window + 1)
        if hmac.compare_digest(made.generate_otp(step).encode(), code.encode())
    ]
    return fitting[-1] if fitting else None
