"""Pictures in files: what they are called, how large they are, and places in them, per mille here and in pixels there.

Only the first bytes of a picture are looked at; what is brought into the bank is drawn anew in a process of its own.
"""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from assessments.bank.formats.document import Entry, Notes
from lms.web.intake import Kind, sniff

#: What of other systems' pictures can be drawn anew.
TAKEN = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.WEBP})
_SUFFIX = {Kind.PNG: "png", Kind.JPEG: "jpg", Kind.GIF: "gif", Kind.WEBP: "webp"}


def picture_of(entry: Entry) -> tuple[str, bytes] | None:
    """The picture of a question, under the name it has as a file."""
    name = entry.content.body.get("picture", "")
    data = entry.pictures.get(name)
    return (f"{name}.{_SUFFIX.get(sniff(data), 'bin')}", data) if data else None


def taken(data: bytes, alt: str, address: str, notes: Notes) -> tuple[dict[str, str], dict[str, bytes]]:
    """A picture as the body of a question names it, and its bytes under that name."""
    if sniff(data) not in TAKEN:
        notes.left_out(address, "not_a_picture")
        return {}, {}
    name = hashlib.sha256(data).hexdigest()
    return {"picture": name} | ({"alt": alt} if alt else {}), {name: data}


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, as the picture's own head says; None where it does not."""
    kind = sniff(data)
    if kind is Kind.PNG and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
    elif kind is Kind.GIF and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
    elif kind is Kind.JPEG:
        width, height = _jpeg(data)
    else:
        return None
    return (width, height) if 0 < width < 100_000 and 0 < height < 100_000 else None


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        mark, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + max(2, length)
    return 0, 0


def in_pixels(area: Mapping[str, Any], size: tuple[int, int]) -> tuple[str, list[int]]:
    """An area per mille as `circle` x y r, `rect` x0 y0 x1 y1 or `poly` x y x y … in the pixels of a picture.

    What is round per mille is round in the picture only where the picture is square; elsewhere it is a polygon.
    """
    ((shape, numbers),) = area.items()
    width, height = size
    if shape == "rect":
        return "rect", _pixels(numbers, size)
    if shape == "circle" and width == height:
        return "circle", [*_pixels(numbers[:2], size), max(1, round(numbers[2] * width / 1000))]
    if shape == "circle":
        corners = [corner for point in _around(*numbers) for corner in point]
        return "poly", _pixels(corners, size)
    return "poly", _pixels([number for point in numbers for number in point], size)


def _pixels(numbers: Sequence[float], size: tuple[int, int]) -> list[int]:
    return [round(number * size[at % 2] / 1000) for at, number in enumerate(numbers)]


_QUARTER = [(1000, 0), (924, 383), (707, 707), (383, 924)]
#: The corners of a polygon with sixteen sides, in thousandths of the radius.
_CORNERS = [
    *_QUARTER,
    *((-b, a) for a, b in _QUARTER),
    *((-a, -b) for a, b in _QUARTER),
    *((b, -a) for a, b in _QUARTER),
]


def _around(x: float, y: float, radius_x: float, radius_y: float = 0) -> list[tuple[float, float]]:
    """Sixteen points around a place."""
    radius_y = radius_y or radius_x
    return [(x + a * radius_x / 1000, y + b * radius_y / 1000) for a, b in _CORNERS]


def per_mille(shape: str, points: Sequence[float], size: tuple[int, int], notes: Notes) -> dict[str, Any] | None:
    """An area in pixels as one per mille; None where it is no area of a kind known here."""
    width, height = size
    scaled = [point * 1000 / size[at % 2] for at, point in enumerate(points)]
    if shape in ("rect", "rectangle") and len(points) == 4:
        x0, y0, x1, y1 = (_kept(number) for number in scaled)
        return {"rect": [min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]}
    if shape == "circle" and len(points) == 3 and width == height:
        return {"circle": [_kept(scaled[0]), _kept(scaled[1]), max(1, _kept(points[2] * 1000 / width))]}
    if shape in ("circle", "ellipse") and len(points) in (3, 4):
        notes.changed(shape, "round_as_polygon")
        radius_x, radius_y = points[2] * 1000 / width, points[-1] * 1000 / height
        return {"polygon": [[_kept(x), _kept(y)] for x, y in _around(scaled[0], scaled[1], radius_x, radius_y)]}
    if shape in ("poly", "polygon") and len(points) >= 6 and len(points) % 2 == 0:
        corners = [[_kept(x), _kept(y)] for x, y in zip(scaled[::2], scaled[1::2], strict=True)]
        return {"polygon": corners[:-1] if corners[0] == corners[-1] and len(corners) > 3 else corners}
    return None


def _kept(number: float) -> int:
    return min(1000, max(0, round(number)))
