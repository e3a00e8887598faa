"""A database whose clock can be set: the server under Debian's `libfaketime`; the machine's own clock is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.campaigns.ground import Ground

LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


class Clock:
    """The clock of the database server, so many seconds beside the machine's."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step(0)

    def step(self, seconds: int) -> None:
        """From now on so far ahead of (or behind) the machine's clock, in one step."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}s\n")
        fresh.chmod(0o644)
        fresh.replace(self._file)  # whoever reads sees the old time or the new one


@contextmanager
def under_faketime(ground: Ground) -> Iterator[Clock]:
    """Start the server again with a clock of its own, and afterwards without."""
    folder = ground.embedded.home / "clock"
    folder.mkdir(mode=0o755)
    clock = Clock(folder / "offset")
    ground.restart(
        environment={
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(folder / "offset"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",
        }
    )
    try:
        yield clock
    finally:
        ground.restart()
