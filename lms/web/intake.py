"""The one door for files from outside: how large, what they really are, and what a zip holds before it is opened.

What a file is called and what the browser says of it are not asked; only its bytes are.
"""

import hashlib
import io
import stat
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import IO

from lms.errors import Invalid, TooLarge
from lms.i18n import _


class Kind(StrEnum):
    """What a file is, by its content."""

    XLSX = "xlsx"
    ZIP = "zip"
    OLD_EXCEL = "xls"
    LOCKED_EXCEL = "locked xlsx"
    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    MP4 = "mp4"
    HTML = "html"
    XML = "xml"
    TEXT = "text"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ZipLimits:
    """How much a zip may hold."""

    entries: int = 2_000
    total: int = 300 << 20
    ratio: int = 150
    #: Below this many bytes unpacked, the ratio is not asked: small files shrink well.
    free: int = 4 << 20


@dataclass(frozen=True)
class Taken:
    """A file that was let in."""

    name: str
    data: bytes
    kind: Kind
    sha256: str


_MAGIC = (
    (b"%PDF-", Kind.PDF),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")


def take(file: IO[bytes], name: str, *, kinds: frozenset[Kind], most: int, limits: ZipLimits | None = None) -> Taken:
    """Read a file of at most `most` bytes and of one of these kinds; refuses with what to do instead."""
    data = file.read(most + 1)
    if len(data) > most:
        raise TooLarge(_("The file is larger than %(size)s MB.", size=most >> 20))
    if not data:
        raise Invalid(_("The file is empty."), field="file")
    kind = sniff(data)
    if kind not in kinds:
        raise Invalid(_instead(kind, kinds), field="file")
    if kind in (Kind.XLSX, Kind.ZIP):
        check_zip(data, limits or ZipLimits())
    return Taken(short_name(name), data, kind, hashlib.sha256(data).hexdigest())


def short_name(name: str) -> str:
    """A file's name as it is shown: no folders, no control characters, no directions of writing, not endless."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:100] or "file"


def sniff(data: bytes) -> Kind:
    """What these bytes are."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(_OLE):
        return Kind.LOCKED_EXCEL if _LOCKED in data else Kind.OLD_EXCEL
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp":
        return Kind.MP4
    return _sniff_text(data)


def _sniff_zip(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return Kind.UNKNOWN
    return (
        Kind.XLSX
        if "xl/workbook.xml" in names or ("[Content_Types].xml" in names and "xl/" in "".join(names))
        else Kind.ZIP
    )


def _sniff_text(data: bytes) -> Kind:
    if decoded(data) is None:
        return Kind.UNKNOWN
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        return Kind.HTML
    return Kind.XML if head.startswith(b"<?xml") else Kind.TEXT


def decoded(data: bytes) -> str | None:
    """Text as Excel on a Chinese machine writes it: UTF-8, UTF-16 with its mark, or GB 18030; None if it is no text."""
    ways = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for way in ways:
        try:
            text = data.decode(way)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None


def check_zip(data: bytes | IO[bytes], limits: ZipLimits) -> None:
    """Look at a zip's own list before anything in it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Invalid(_("The file is damaged: its list of contents cannot be read."), field="file") from None
    if len(entries) > limits.entries:
        raise TooLarge(_("The file holds too many parts (%(count)s).", count=len(entries)))
    if len({entry.filename for entry in entries}) != len(entries):
        raise Invalid(_("The file holds two parts of the same name."), field="file")
    for entry in entries:
        _check_entry(entry)
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if unpacked > limits.total or (unpacked > limits.free and unpacked / packed > limits.ratio):
        raise TooLarge(_("Unpacked, the file would be %(size)s MB large.", size=unpacked >> 20))


def _check_entry(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename or "\x00" in entry.filename:
        raise Invalid(_("The file holds a part with an unsafe name."), field="file")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Invalid(_("The file holds a link instead of a part."), field="file")
    if entry.flag_bits & 0x1:
        raise Invalid(_("The file is protected by a password. Take the password off and save it again."), field="file")


def _instead(kind: Kind, kinds: frozenset[Kind]) -> str:
    """What this file is, and what to do so that it can be taken."""
    said = {
        Kind.OLD_EXCEL: _("This is an old Excel file (.xls). Open it and save it as .xlsx."),
        Kind.LOCKED_EXCEL: _("The file is protected by a password. Take the password off and save it again."),
        Kind.HTML: _("This is a web page that bears the name of a table. Open it in Excel and save it as .xlsx."),
        Kind.XML: _("This is an XML file that bears the name of a table. Open it in Excel and save it as .xlsx."),
    }
    if Kind.XLSX in kinds and kind in said:
        return str(said[kind])
    wanted = ", ".join(sorted("csv" if one is Kind.TEXT else one.value for one in kinds))
    return str(_("This kind of file is not taken here. Taken are: %(kinds)s.", kinds=wanted))
