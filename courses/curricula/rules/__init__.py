"""What differs between two versions of a course. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """Codes of lessons that are new, changed or gone."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether a lesson differs at all."""
        return bool(self.new or self.changed or self.gone)


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Changes:
    """From lessons' codes and hashes in two versions."""
    return Changes(
        new=tuple(code for code in after if code not in before),
        changed=tuple(code for code in after if code in before and after[code] != before[code]),
        gone=tuple(code for code in before if code not in after),
    )
