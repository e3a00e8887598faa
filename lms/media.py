"""Large files, on disk or in any S3-compatible store, named by what is in them: nothing is ever written over.

The address says which: `file:///folder`, or `s3://bucket/prefix`, with `?endpoint=https://…&region=…` for a store
that is not Amazon's. Its credentials stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as everywhere.
"""

import contextlib
import hashlib
import io
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from obstore import delete, get, head, open_writer, put, rename
from obstore import list as listed
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from lms.errors import Full, Refused, Unavailable

if TYPE_CHECKING:
    from obstore.store import S3Config

#: So much is held in memory of a file that is read.
PIECE = 256 << 10
#: A file that comes piece by piece lies here until it is whole, each under a name of its own.
_UNDER_WAY = "incoming"
#: This much stays free beside what is announced: the database may lie on the same disk.
SPARE = 512 << 20
#: What the system says where nothing more can be written: file too large for it, no space, no share left.
_NO_ROOM = re.compile(r"\(os error (?:27|28|122)\)")
#: So much is sent to a store at a time.
_PART = 8 << 20
#: How long a store that does not answer is asked again.
_PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True)
class Kept:
    """A file in the store: its name there, which is the SHA-256 of its bytes, and its size."""

    name: str
    size: int


class Media:
    """A store of large files."""

    def __init__(self, address: str) -> None:
        self._store = _open(address)
        #: the folder of a store on disk
        self.folder = Path(unquote(urlsplit(address).path)) if address.startswith("file:") else None

    def keep(self, file: Path) -> Kept:
        """Put a file into the store, once; raises Unavailable when the store does not take it."""
        with file.open("rb") as opened:
            kept = Kept(hashlib.file_digest(opened, "sha256").hexdigest(), file.stat().st_size)
        try:
            if self.size(kept.name) != kept.size:
                put(self._store, _path(kept.name), file)
        except (BaseError, OSError) as wrong:
            raise _refusal(wrong) from wrong
        return kept

    def keep_stream(self, place: str, pieces: Iterable[bytes]) -> Kept:
        """Put what comes into the store, once, never more than some pieces of it in memory; `place` as for take_in."""
        sign, size, whole = hashlib.sha256(), 0, f"{_UNDER_WAY}/{place}/whole"
        try:
            writer = open_writer(self._store, whole, buffer_size=_PART, max_concurrency=2)
            for piece in pieces:
                sign.update(piece)
                size += len(piece)
                writer.write(piece)
            writer.close()
            kept = Kept(sign.hexdigest(), size)
            if self.size(kept.name) == size:
                delete(self._store, whole)
            else:
                rename(self._store, whole, _path(kept.name))
        except (BaseError, OSError) as wrong:
            raise _refusal(wrong) from wrong
        return kept

    def take_in(self, place: str, at: int, piece: bytes) -> None:
        """Keep a piece of a file that is under way at `place`; one that lay at this offset before is replaced."""
        try:
            put(self._store, f"{_UNDER_WAY}/{place}/{at:016d}", piece)
        except (BaseError, OSError) as wrong:
            raise _refusal(wrong) from wrong

    def taken_in(self, place: str, length: int) -> Iterator[bytes]:
        """What came to `place`, in order; raises Unavailable where it is not just so many bytes."""
        at = 0
        try:
            for one in sorted(listed(self._store, f"{_UNDER_WAY}/{place}").collect(), key=lambda one: one["path"]):
                if one["path"].endswith(f"/{at:016d}") and at < length:
                    yield from (bytes(piece) for piece in get(self._store, one["path"]).stream(min_chunk_size=PIECE))
                    at += one["size"]
        except (BaseError, OSError) as wrong:
            raise _refusal(wrong) from wrong
        if at != length:
            raise Unavailable(f"{at} bytes of {length} are there")

    def forget(self, place: str) -> None:
        """Remove all that came to `place`."""
        try:
            if paths := [one["path"] for one in listed(self._store, f"{_UNDER_WAY}/{place}").collect()]:
                delete(self._store, paths)
            if self.folder is not None:  # what was renamed out of a folder leaves it behind, empty
                with contextlib.suppress(OSError):
                    (self.folder / _UNDER_WAY / place).rmdir()
        except (BaseError, OSError) as wrong:
            raise _refusal(wrong) from wrong

    def places(self) -> set[str]:
        """Where something is under way."""
        try:
            found = listed(self._store, f"{_UNDER_WAY}/").collect()
        except (BaseError, OSError) as wrong:
            raise _refusal(wrong) from wrong
        return {one["path"].split("/")[-2] for one in found}

    def make_room(self, size: int) -> None:
        """Refuse a file of this size before it is sent, where its pieces and the whole would not find room on disk."""
        if self.folder is not None and shutil.disk_usage(self.folder).free < 2 * size + SPARE:
            raise _full()

    def open(self, name: str) -> io.BufferedReader:
        """A file as one to read and jump about in; only what is read is fetched."""
        return io.BufferedReader(_Lying(self, name, self.size(name) or 0), PIECE)

    def size(self, name: str) -> int | None:
        """How many bytes a file has; None where there is none of this name."""
        try:
            return head(self._store, _path(name))["size"]
        except FileNotFoundError:
            return None
        except BaseError as wrong:
            raise Unavailable(str(wrong)) from wrong

    def read(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to before `stop`; where there are none it raises Unavailable before the first."""
        if start >= stop:
            return iter(())
        try:
            found = get(self._store, _path(name), options={"range": (start, stop)})
        except (BaseError, OSError) as wrong:
            raise Unavailable(str(wrong)) from wrong
        return (bytes(piece) for piece in found.stream(min_chunk_size=PIECE))


class _Lying(io.RawIOBase):
    """A file of a store, read by ranges."""

    def __init__(self, store: Media, name: str, size: int) -> None:
        self._store, self._name, self._size, self._at = store, name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, into: "memoryview", /) -> int:  # type: ignore[override]
        stop = min(self._size, self._at + len(into))
        got = b"".join(self._store.read(self._name, self._at, stop))
        into[: len(got)] = got
        self._at += len(got)
        return len(got)


def _refusal(wrong: Exception) -> Refused:
    """What a store said, as a refusal: no room, or not to be had just now."""
    return _full() if _NO_ROOM.search(str(wrong)) else Unavailable(str(wrong))


def _full() -> Full:
    return Full("there is no room left in the store of large files")


def _path(name: str) -> str:
    return f"{name[:2]}/{name}"


def _open(address: str) -> ObjectStore:
    parts = urlsplit(address)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder, automatic_cleanup=True)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f"media_url: file:///folder or s3://bucket/prefix, not {parts.scheme}://")
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    endpoint = asked.get("endpoint", "")
    config: S3Config = {"region": asked.get("region", "us-east-1")}
    if endpoint:
        config["endpoint"] = endpoint
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        retry_config={"max_retries": 3, "retry_timeout": _PATIENCE},
        # unencrypted only to this machine itself
        client_options={"allow_http": urlsplit(endpoint).hostname in {"127.0.0.1", "localhost", "::1"}},
    )


_address = ""
_largest = 1024 << 20
_opened: dict[str, Media] = {}


def configure(address: str, most: int) -> None:
    """Say where large files lie, and how many bytes one may have."""
    global _address, _largest
    _address, _largest = address, most


def largest() -> int:
    """How many bytes a film or sound may have; one setting for uploads, packages and content packs."""
    return _largest


def media() -> Media:
    """The store of this installation, opened when it is first needed."""
    if _address not in _opened:
        _opened[_address] = Media(_address)
    return _opened[_address]
