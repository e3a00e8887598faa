"""The product's sign as a picture, drawn for the home screens of phones."""

from functools import cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

#: The sizes that phones ask for.
ICONS: Final = (192, 512)
_GROUND, _LINE, _STAR = "#0a5557", "#ffffff", "#f3c04f"
#: The sign on its grid of 32, as in img/icon.svg: the curve of a pulse that rises, and a star.
_PULSE = ((4.5, 23.5), (9.5, 23.5), (12.1, 18.3), (15.5, 25.5), (19.5, 13.2))
_POINTS = ((21.8, 4.6), (23.4, 8), (27.1, 8.5), (24.4, 11.1), (25.1, 14.8))
_MORE_POINTS = ((21.8, 13), (18.5, 14.8), (19.2, 11.1), (16.5, 8.5), (20.2, 8))
#: Drawn so many times larger and then made small, so that edges are smooth.
_FINE = 4


@cache
def icon(size: int, *, maskable: bool) -> bytes:
    """The sign as a PNG; maskable: on a full ground, small enough that no shape of a phone cuts it."""
    side = size * _FINE
    picture = Image.new("RGBA", (side, side), _GROUND if maskable else (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    if not maskable:
        pen.rounded_rectangle((0, 0, side - 1, side - 1), side / 4, _GROUND)
    part = 0.7 if maskable else 1.0
    edge = side * (1 - part) / 2
    unit = side * part / 32
    _pulse(pen, [(edge + x * unit, edge + y * unit) for x, y in _PULSE], 2.2 * unit)
    pen.polygon([(edge + x * unit, edge + y * unit) for x, y in (*_POINTS, *_MORE_POINTS)], _STAR)
    made = BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(made, "PNG", optimize=True)
    return made.getvalue()


def _pulse(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], width: float) -> None:
    pen.line(points, _LINE, round(width), joint="curve")
    for x, y in points:
        half = width / 2
        pen.ellipse((x - half, y - half, x + half, y + half), _LINE)
