"""What others may want to hear of measured skills."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TraceMeasured:
    """A supervised trace that is long enough to be evidence has been measured."""

    trace_id: int


@dataclass(frozen=True)
class TraceWithdrawn:
    """A supervised trace that was evidence counts no longer."""

    trace_id: int
