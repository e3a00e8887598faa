"""What others may want to hear of content."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ContentLoaded:
    """A pack was loaded and something changed."""

    pack: str
    version: str
