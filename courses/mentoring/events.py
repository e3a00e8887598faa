"""What others may want to hear of mentoring."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PairBegan:
    """Two people have been made mentor and apprentice; both are still to agree."""

    pairing_id: int


@dataclass(frozen=True)
class PairEnded:
    """A pair was ended before its term was over."""

    pairing_id: int


@dataclass(frozen=True)
class SessionConfirmed:
    """Both sides stand by a session: it counts."""

    session_id: int
    pairing_id: int
