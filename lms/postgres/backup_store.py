"""What lies in a folder of backups: lines, their base backups, their log, and up to when it reaches.

A line is what one server wrote on one timeline, kept by one replication slot. A server that was restored, or whose
slot was lost, begins a new line, so that two histories never mix:

    BACKUPS/<system>-<timeline>-<slot>/line.json           what it is, and the bytes of a segment
                                       wal/                segments; the newest one ends in .partial
                                       reach.json          up to when everything acknowledged is here
                                       base/<moment>/      data/ and backup.json, written last
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lms.errors import Refused
from lms.postgres import folders
from lms.postgres.backup_wal import Segments, position, useless, written

STAMP = "%Y%m%dT%H%M%SZ"


class BackupRefused(Refused):
    """The backup or the restore was not done; the message says why and what to do next."""


@dataclass(frozen=True)
class Reach:
    """Up to when, and up to which place in the log, everything acknowledged is in the archive."""

    at: datetime
    place: int


@dataclass(frozen=True)
class Base:
    """One base backup: the files, and the part of the log without which they are not whole."""

    path: Path
    ended_at: datetime
    first: int
    ends: int
    size: int
    release: str

    @property
    def name(self) -> str:
        """How a person names it."""
        return self.path.name

    @property
    def data(self) -> Path:
        """The files."""
        return self.path / "data"


@dataclass(frozen=True)
class Line:
    """What one server wrote on one timeline, kept by one slot."""

    path: Path
    system: str
    slot: str
    segments: Segments

    @property
    def wal(self) -> Path:
        """Where its log is kept."""
        return self.path / "wal"

    def log(self) -> list[str]:
        """The segments that are here."""
        try:
            return sorted(path.name for path in self.wal.iterdir())
        except FileNotFoundError:
            return []

    def reach(self) -> Reach | None:
        """Up to when the archive reaches; None before it has held anything."""
        told = _read(self.path / "reach.json")
        return Reach(datetime.fromisoformat(told["at"]), position(told["place"])) if told else None

    def reached(self, at: datetime, place: int) -> None:
        """Write down that everything acknowledged by then is here."""
        write(self.path / "reach.json", {"at": at.isoformat(), "place": written(place)})

    def bases(self) -> list[Base]:
        """The base backups that are whole, oldest first."""
        found = [_base(path) for path in sorted((self.path / "base").glob("*/backup.json"))]
        return sorted(found, key=lambda base: base.ended_at)

    def missing(self, base: Base) -> list[str]:
        """The segments between a base backup and the reach that are not here."""
        reach = self.reach()
        if reach is None or reach.place <= base.ends:
            return []  # a base backup brings its own part
        return self.segments.missing(self.log(), base.first, self.segments.holding(reach.place))

    def forget(self, since: datetime) -> list[str]:
        """Remove what no moment from `since` on needs: older base backups, and the log before the oldest kept."""
        bases = self.bases()
        unneeded = set(useless([base.ended_at for base in bases], since))
        gone = [base for base in bases if base.ended_at in unneeded]
        kept = [base for base in bases if base.ended_at not in unneeded]
        for base in gone:
            (base.path / "backup.json").unlink()  # first: a half removed one must not look whole
            shutil.rmtree(base.path)
        if kept:
            for name in self.segments.before(self.log(), min(base.first for base in kept)):
                (self.wal / name).unlink()
        return [base.name for base in gone]


@dataclass(frozen=True)
class Store:
    """A folder of backups."""

    folder: Path

    def lines(self) -> list[Line]:
        """Every line that is kept here."""
        return [_line(path.parent) for path in sorted(self.folder.glob("*/line.json"))]

    @contextmanager
    def alone(self, name: str, *, waiting: bool) -> Iterator[None]:
        """Hold a lock of this folder; who does not wait for it is refused."""
        descriptor = os.open(self.folder / f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waiting else fcntl.LOCK_NB))
            yield
        except BlockingIOError:
            raise BackupRefused(f"another process does this in {self.folder} already") from None
        finally:
            os.close(descriptor)

    def begin(self, line: Line, account: folders.Account) -> None:
        """Make the folders of a new line."""
        folders.prepare_home(self.folder, account)
        for path in (line.path, line.wal, line.path / "base"):
            folders.private_folder(path, account)
        words = {"system": line.system, "slot": line.slot, "timeline": line.segments.timeline}
        write(line.path / "line.json", words | {"segment_bytes": line.segments.size})

    def newest_first(self) -> Iterator[tuple[Line, Base]]:
        """Every base backup with its line, the newest first."""
        found = [(line, base) for line in self.lines() for base in line.bases()]
        yield from sorted(found, key=lambda one: one[1].ended_at, reverse=True)

    def choose(self, to: datetime | None, name: str | None = None) -> tuple[Line, Base]:
        """The base backup from which to restore: the newest that ended by then, or the one that is named."""
        found = [one for one in self.newest_first() if name in (None, one[1].name)]
        if not found:
            where = f"called {name} " if name else ""
            raise BackupRefused(f"there is no base backup {where}in {self.folder}: look with 'database backups'")
        usable = [one for one in found if to is None or one[1].ended_at <= to]
        if not usable:
            raise BackupRefused(
                f"the oldest base backup ended at {found[-1][1].ended_at.isoformat()}: choose a later time"
            )
        line, base = usable[0]
        _must_lead_to(line, base, to)
        return line, base


def _must_lead_to(line: Line, base: Base, to: datetime | None) -> None:
    if missing := line.missing(base):
        first = missing[0]
        raise BackupRefused(f"{len(missing)} segments of the log are missing from {line.wal}, the first is {first}")
    reach = line.reach()
    if to is not None and (reach is None or reach.at < to):
        until = reach.at.isoformat() if reach else f"{base.ended_at.isoformat()}, the end of its base backup"
        raise BackupRefused(
            f"the archive reaches until {until}: choose an earlier time, or leave it out for all there is"
        )


def write(path: Path, words: dict[str, Any]) -> None:
    """Write a small file whole or not at all, on the disk when this returns."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(words, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as wrong:
        raise BackupRefused(f"{path} cannot be read: {wrong}") from wrong
    return told


def _line(path: Path) -> Line:
    told = _read(path / "line.json") or {}
    return Line(path, told["system"], told["slot"], Segments(told["timeline"], told["segment_bytes"]))


def _base(path: Path) -> Base:
    told = _read(path) or {}
    ended = datetime.fromisoformat(told["ended_at"])
    return Base(path.parent, ended, told["first"], position(told["ends"]), told["size"], told["release"])
