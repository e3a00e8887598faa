"""How long a film or sound plays, as the head of its own file says it (WAV, MP4, WebM)."""

import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

#: EBML ids (RFC 9559): what a WebM file's Segment and its Info hold
_SEGMENT, _INFO, _SCALE, _DURATION = 0x18538067, 0x1549A966, 0x2AD7B1, 0x4489
#: so many boxes or elements are walked through before a file is given up
_MOST = 200


def seconds(path: Path) -> int | None:
    """Whole seconds, at least one; None where the file does not say."""
    with path.open("rb") as file:
        return seconds_in(file, path.suffix)


def seconds_in(file: BinaryIO, suffix: str) -> int | None:
    """The same of an open file of this ending."""
    read = {".wav": _wav, ".mp4": _mp4, ".m4a": _mp4, ".webm": _webm}.get(suffix)
    if read is None:
        return None
    try:
        found = read(file)
    except (struct.error, wave.Error, EOFError, IndexError, ValueError, OSError, RuntimeError):
        return None
    return max(1, round(found)) if found and 0 < found < 86400 else None


def _wav(file: BinaryIO) -> float | None:
    with wave.open(file) as sound:
        return sound.getnframes() / sound.getframerate() if sound.getframerate() else None


def _boxes(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int]]:
    """The ISO 14496-12 boxes up to `end`, each by its kind and where it ends; the file stands in its body."""
    for _ in range(_MOST):
        start = file.tell()
        if start + 8 > end:
            return
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        stop = start + size if size else end
        if stop <= start:
            return
        yield kind, stop
        file.seek(stop)


def _mp4(file: BinaryIO) -> float | None:
    for kind, stop in _boxes(file, _rewound(file)):
        if kind != b"moov":
            continue
        for inner, _ in _boxes(file, stop):
            if inner == b"mvhd":
                long = file.read(4)[0] == 1
                scale, length = struct.unpack(">16xIQ" if long else ">8xII", file.read(28 if long else 16))
                return float(length / scale) if scale else None
    return None


def _rewound(file: BinaryIO) -> int:
    """The file's size; it stands at its beginning then."""
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _number(file: BinaryIO, *, keep_marker: bool) -> int:
    """An EBML number of one to eight bytes: as many as its first byte has leading zeros, and one."""
    first = file.read(1)[0]
    if not first:
        raise EOFError("a number of more than eight bytes")
    length = 9 - first.bit_length()
    value = first if keep_marker else first & ((1 << (8 - length)) - 1)
    for byte in file.read(length - 1):
        value = value << 8 | byte
    return value


def _webm(file: BinaryIO) -> float | None:
    scale, length, end = 1_000_000, None, _rewound(file)
    for _ in range(_MOST):
        if file.tell() >= end:
            break
        kind, size = _number(file, keep_marker=True), _number(file, keep_marker=False)
        if kind in {_SEGMENT, _INFO}:
            continue
        if kind == _SCALE:
            scale = int.from_bytes(file.read(size))
        elif kind == _DURATION:
            (length,) = struct.unpack(">d" if size == 8 else ">f", file.read(size))
        else:
            file.seek(size, 1)
        if kind == _DURATION and length is not None:
            return float(length * scale / 1e9)
    return None
