"""Files of a course as they travel: told by their size and sum, read only when they are wanted, a piece at a time."""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from lms.media import media

#: The records of a zip that has no part over 4 GB (APPNOTE 4.3.12, 4.3.16).
_LISTED, _END = "<4s4B4HL2L5H2L", "<4s4H2LH"
_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Part:
    """Bytes that lie somewhere: how many, their SHA-256, and how to read them (again, if need be)."""

    size: int
    sha256: str
    read: Callable[[], Iterable[bytes]]

    @property
    def content(self) -> bytes:
        """All of it at once: for what is small."""
        return b"".join(self.read())


def part(content: bytes) -> Part:
    """Bytes that are at hand."""
    return Part(len(content), hashlib.sha256(content).hexdigest(), lambda: (content,))


def part_of(file: Any) -> Part:
    """A file of a lesson or a draft as it travels; a film is named by its sum and is not read for it."""
    if file.stored is not None:
        return Part(file.size, file.stored, partial(media().read, file.stored, 0, file.size))
    return part(file.content or b"")


def named() -> Part:
    """Something of which only the name is asked."""
    return Part(0, "", tuple)


@dataclass(frozen=True)
class Zip:
    """A zip that is written while it is sent: its size is known before, nothing of it is kept."""

    parts: Mapping[str, Part]

    @property
    def size(self) -> int:
        """How many bytes it will have."""
        fixed = 30 + struct.calcsize(_LISTED)
        return sum(one.size + fixed + 2 * len(name) for name, one in self.parts.items()) + struct.calcsize(_END)

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, the same for the same parts: nothing compressed, no times. Each part is read twice."""
        listed, at = b"", 0
        for name, one in self.parts.items():
            entry = _entry(name, one)
            head = entry.FileHeader(zip64=False)
            yield head
            yield from one.read()
            listed += _listed(entry, at)
            at += len(head) + one.size
        yield listed
        count = len(self.parts)
        yield struct.pack(_END, b"PK\5\6", 0, 0, count, count, len(listed), at, 0)

    @property
    def content(self) -> bytes:
        """All of it at once: for what is small."""
        return b"".join(self.pieces())


def _entry(name: str, one: Part) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, _DAY)
    made.create_system = 3
    made.external_attr = 0o100644 << 16
    made.file_size = made.compress_size = one.size
    sums = 0
    for piece in one.read():
        sums = zlib.crc32(piece, sums)
    made.CRC = sums
    return made


def _listed(entry: zipfile.ZipInfo, at: int) -> bytes:
    name = entry.filename.encode("ascii")
    versions = entry.create_version, entry.create_system, entry.extract_version, 0
    sizes = entry.CRC, entry.compress_size, entry.file_size
    day = 0, (1980 - 1980) << 9 | 1 << 5 | 1
    about = (len(name), 0, 0, 0, 0)
    return struct.pack(_LISTED, b"PK\1\2", *versions, 0, 0, *day, *sizes, *about, entry.external_attr, at) + name
