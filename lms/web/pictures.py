"""Pictures from outside, drawn anew in a child process that can open nothing."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lms.errors import Invalid
from lms.i18n import _
from lms.web import readers
from lms.web.intake import Kind, take

_CHILD = Path(__file__).with_name("picture_child.py")
KINDS = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.WEBP})
MOST = 10 << 20


@dataclass(frozen=True)
class Drawn:
    """A picture that was drawn anew, under the hash of its bytes."""

    digest: str
    media_type: str
    width: int
    height: int
    data: bytes


def draw(data: bytes) -> Drawn:
    """This picture drawn anew; the same bytes give the same picture. They must have come through the intake."""
    told = readers.ask(_CHILD, data=data)
    if told.get("refused") == "too large":
        raise Invalid(_("The picture is too large. Make it smaller and send it again."), field="picture")
    if "refused" in told:
        raise Invalid(_("The picture is damaged. Save it again as PNG or JPEG."), field="picture")
    made = base64.b64decode(told["data"])
    return Drawn(hashlib.sha256(made).hexdigest(), told["kind"], told["width"], told["height"], made)


def received(file: IO[bytes], name: str) -> Drawn:
    """A picture that somebody sent, drawn anew."""
    return draw(take(file, name, kinds=KINDS, most=MOST).data)
