"""Draws one untrusted picture anew in a process of its own; run by lms.web.pictures.

What comes out is only what is to be seen: no metadata, no second frame, nothing hidden behind the last byte.
"""

import base64
import io
import runpy
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

_confinement = runpy.run_path(str(Path(__file__).with_name("confinement.py")))
Refused: Any = _confinement["Refused"]
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MOST_PIXELS, LONGEST_SIDE, MOST_BYTES = 40_000_000, 1_600, 1_500_000


def drawn(data: bytes) -> dict[str, Any]:
    """The picture as a new file: PNG, or JPEG where it is a photograph or too large as PNG."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as sent:
            if sent.width * sent.height > MOST_PIXELS:
                raise Refused("too large")
            photograph = sent.format == "JPEG"
            picture = _flat(ImageOps.exif_transpose(sent))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refused("damaged") from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    made = b"" if photograph else _saved(picture, "PNG", optimize=True)
    kind = "image/png"
    if not 0 < len(made) <= MOST_BYTES:
        made, kind = _saved(picture, "JPEG", quality=85, optimize=True), "image/jpeg"
    if len(made) > MOST_BYTES:
        raise Refused("too large")
    return {
        "kind": kind,
        "width": picture.width,
        "height": picture.height,
        "data": base64.b64encode(made).decode("ascii"),
    }


def _flat(picture: Image.Image) -> Image.Image:
    """In plain colours; what shines through lies on white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    flat = picture.convert("L" if picture.mode in ("1", "L") else "RGB")
    flat.info = {}
    return flat


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    held = io.BytesIO()
    picture.save(held, kind, **how)
    return held.getvalue()


def load() -> None:
    """Pillow fetches parts of itself when it first needs them; afterwards no file can be opened any more."""
    for kind in FORMATS:
        for mode in ("RGB", "P", "RGBA") if kind != "JPEG" else ("RGB", "CMYK"):
            drawn(_saved(Image.new(mode, (2, 2)), kind))


if __name__ == "__main__":
    load()
    _confinement["answer"](drawn, 4 << 20)
