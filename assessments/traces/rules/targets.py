"""What a guideline asks of chest compressions; every number comes out of a version of a content pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Targets:
    """Depths in mm, rates per minute, times in seconds, shares in percent; `depth_high` None: none is stated."""

    depth_low: int
    depth_high: int | None
    rate_low: int
    rate_high: int
    #: a chest is released when no more than this is left of the depth
    recoil_within: int
    #: so many of a hundred compressions may be leaned on
    leaning_most: int
    #: from here on the time between two compressions is a pause
    pause_from: Decimal
    pause_longest: int
    fraction_least: int
    fraction_better: int
    #: a movement of less than this is no compression
    counts_from: int
    #: a shorter run is practice, not evidence
    evidence_from: int

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Targets":
        """From the body of a version."""
        return cls(
            depth_low=body["depth"]["low_mm"],
            depth_high=body["depth"]["high_mm"],
            rate_low=body["rate"]["low"],
            rate_high=body["rate"]["high"],
            recoil_within=body["recoil"]["within_mm"],
            leaning_most=body["recoil"]["leaning_most_percent"],
            pause_from=Decimal(str(body["pauses"]["from_s"])),
            pause_longest=body["pauses"]["longest_s"],
            fraction_least=body["fraction"]["least_percent"],
            fraction_better=body["fraction"]["better_percent"],
            counts_from=body["counts_from_mm"],
            evidence_from=body["evidence_from_s"],
        )
