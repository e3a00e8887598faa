"""What others may want to hear of sign-offs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SignedOff:
    """Mentor and assessor have named the same level for a technique."""

    sign_off_id: int
