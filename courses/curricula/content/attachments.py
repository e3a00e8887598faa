"""Files of a lesson out of a pack: pictures and papers go into the table, films and sounds into the store."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from courses.curricula.models import LessonAttachment
from courses.curricula.rules import lengths
from courses.curricula.rules.files import KINDS, is_played
from lms.media import largest, media

LARGEST = 5 << 20


def fault(path: Path, seconds: int | None) -> str | None:
    """What is wrong with a file that is to be attached; `seconds` is how long the lesson says it plays."""
    if not path.is_file():
        return f"there is no attachments/{path.name}"
    if path.suffix not in KINDS:
        return f"only {' '.join(KINDS)} can be attached"
    most = largest() if is_played(path.name) else LARGEST
    if path.stat().st_size > most:
        return f"larger than {most >> 20} MB"
    if path.suffix == ".vtt" and not captions(path.read_bytes()):
        return f"{path.name} is no WebVTT in UTF-8"
    return _wrong_length(path, seconds) if is_played(path.name) else None


def captions(data: bytes) -> bool:
    """Whether these bytes are what is said in a film, as WebVTT: UTF-8 that begins with its name."""
    try:
        return re.match(r"\ufeff?WEBVTT(\s|$)", data.decode()) is not None
    except UnicodeDecodeError:
        return False


def _wrong_length(path: Path, said: int | None) -> str | None:
    read = lengths.seconds(path)
    if read is None and said is None:
        return f"say under seconds how long {path.name} plays"
    if read is not None and said is not None and abs(read - said) > 1:
        return f"{path.name} plays {read} seconds, not {said}"
    return None


def faults_of_lengths(seconds: dict[str, int], attachments: Sequence[str]) -> Iterator[str]:
    """Lengths that are said of files that are not attached, or do not play."""
    for name in seconds:
        if name not in attachments or not is_played(name):
            yield f"seconds: {name} is no film or sound of this lesson"


def attached(path: Path, seconds: int | None) -> LessonAttachment:
    """The row of a file; a film or sound is kept in the store first."""
    made = LessonAttachment(name=path.name, media_type=KINDS[path.suffix], size=path.stat().st_size)
    if is_played(path.name):
        made.stored = media().keep(path).name
        made.seconds = lengths.seconds(path) or seconds
    else:
        made.content = path.read_bytes()
    return made


def sign(path: Path) -> str:
    """The SHA-256 of a file, read piece by piece."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
