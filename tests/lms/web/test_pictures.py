"""Pictures from outside are drawn anew by a child that can open nothing."""

import io
import zlib

import pytest
from PIL import Image

from lms.errors import Invalid
from lms.web import pictures
from lms.web.pictures import draw, received
from tests.factories.bank import image


def saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    held = io.BytesIO()
    picture.save(held, kind, **more)
    return held.getvalue()


def test_what_is_hidden_in_a_file_does_not_come_through() -> None:
    exif = Image.Exif()
    exif[0x010E] = "张某某 530302199001011234"
    exif[0x0112] = 6  # lies on its side
    sent = saved(Image.new("RGB", (60, 40), "white"), "JPEG", exif=exif) + b"<script>alert(1)</script>"
    made = draw(sent)
    assert (made.media_type, made.width, made.height) == ("image/jpeg", 40, 60)
    assert b"530302" not in made.data
    assert b"script" not in made.data
    with Image.open(io.BytesIO(made.data)) as shown:
        assert dict(shown.getexif()) == {}


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_the_same_bytes_give_the_same_picture_whatever_the_format(kind: str) -> None:
    sent = image(kind=kind)
    made = draw(sent)
    assert made == draw(sent)
    assert (made.media_type, made.width, made.height) == ("image/png", 600, 400)


def test_what_shines_through_lies_on_white_and_what_is_large_is_made_smaller() -> None:
    made = draw(saved(Image.new("RGBA", (3200, 1600), (255, 0, 0, 0)), "PNG"))
    assert (made.width, made.height) == (1600, 800)
    with Image.open(io.BytesIO(made.data)) as shown:
        assert shown.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def bomb() -> bytes:
    """A PNG of few bytes that says it is a hundred thousand pixels wide and high."""
    head = b"IHDR" + (100_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    chunk = (13).to_bytes(4, "big") + head + zlib.crc32(head).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\x00\x00\x00\x00IEND\xaeB`\x82"


@pytest.mark.parametrize("data", [bomb(), b"\x89PNG\r\n\x1a\n" + b"x" * 200, image()[:300], b"GIF89a"])
def test_bombs_and_broken_files_are_refused_with_words(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        draw(data)
    assert refused.value.where["field"] == "picture"


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"%PDF-1.7", b"", b"PK\x03\x04"])
def test_what_is_no_picture_never_reaches_the_child(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures.readers, "ask", lambda *_, **__: pytest.fail("asked"))
    with pytest.raises(Invalid):
        received(io.BytesIO(data), "x.png")
