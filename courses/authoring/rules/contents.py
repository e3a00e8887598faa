"""What a file is, by its first bytes, and what it is called in a course. Pure."""

import re
from pathlib import PurePosixPath

#: As many bytes are enough to tell.
HEAD = 4096
PICTURES = frozenset({".png", ".jpg", ".gif", ".webp"})
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"%PDF-", ".pdf"),
    (b"ID3", ".mp3"),
    (b"OggS", ".ogg"),
    (b"\x1aE\xdf\xa3", ".webm"),
    (b"WEBVTT", ".vtt"),
    (b"\xef\xbb\xbfWEBVTT", ".vtt"),
)


def ending(head: bytes) -> str | None:
    """The ending that a file with these first bytes deserves; None for what a lesson cannot show."""
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head[:4] == b"RIFF":
        return {b"WEBP": ".webp", b"WAVE": ".wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return ".m4a" if head[8:11] == b"M4A" else ".mp4"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6):
        return ".mp3"
    return ".svg" if re.match(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg[\s>]", head, re.DOTALL) else None


def called(name: str, suffix: str, taken: frozenset[str]) -> str:
    """A file's name as a course can hold it: Latin letters and digits, the ending of its content, once."""
    stem = PurePosixPath(name.replace("\\", "/")).name.rpartition(".")[0] or name
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_")[:80] or "file"
    number = 1
    made = f"{stem}{suffix}"
    while made in taken:
        number += 1
        made = f"{stem}-{number}{suffix}"
    return made
