"""Files into a draft: what they are is read from their bytes, pictures are drawn anew, films go into the store."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from courses.authoring.models import CourseDraft, DraftFile, DraftLesson
from courses.authoring.policy import Authoring
from courses.authoring.rules import contents
from courses.authoring.services.holding import hold, touched
from courses.curricula.content import attachments
from courses.curricula.formats.parts import Part
from courses.curricula.rules import lengths
from courses.curricula.rules.files import KINDS, PLAYED
from lms import ids
from lms.authz import Actor
from lms.db import db
from lms.errors import Full, Invalid, TooLarge
from lms.i18n import _
from lms.media import Kept, largest, media
from lms.service import service, tell
from lms.web import markup_files
from lms.web.intake import Kind
from lms.web.pictures import draw

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
MOST, MOST_FILES = 5 << 20, 100
#: Of a photograph as a telephone takes it; drawn anew it becomes small.
MOST_PICTURE = 10 << 20


@service(needs=Authoring.WRITE)
def attach(actor: Actor, draft: CourseDraft, *, file: Path, name: str, lesson: DraftLesson | None = None) -> DraftFile:
    """Put a file into a draft, and onto the lesson that is to show it."""
    hold(draft)
    with file.open("rb") as opened:
        suffix = ending_of(opened.read(contents.HEAD))
    suffix = _mended(file, suffix)
    called = contents.called(name, suffix, frozenset(one.name for one in draft.files))
    if suffix in PLAYED:
        with storing():
            kept = media().keep(file)
        return put_in(draft, _played(called, kept), lesson)
    return put_in(draft, _shown(called, file.read_bytes()), lesson)


def attach_kept(draft: CourseDraft, kept: Kept, suffix: str, *, name: str, lesson: DraftLesson | None) -> DraftFile:
    """The same of a film or sound that lies in the store already."""
    hold(draft)
    called = contents.called(name, suffix, frozenset(one.name for one in draft.files))
    return put_in(draft, _played(called, kept), lesson)


def put_in(draft: CourseDraft, made: DraftFile, lesson: DraftLesson | None) -> DraftFile:
    """A file into a draft that is held, and onto the lesson that is to show it."""
    if len(draft.files) >= MOST_FILES:
        raise Invalid(_("A course has at most %(most)s files.", most=MOST_FILES), field="file")
    draft.files.append(made)
    if lesson is not None and lesson.draft_id == draft.id:
        _show(lesson, made.name, _seconds(made))
    touched(draft)
    tell(course=draft.code, file=made.name, size=made.size)
    return made


def _seconds(made: DraftFile) -> int | None:
    if made.stored is None:
        return None
    with media().open(made.stored) as opened:
        return lengths.seconds_in(opened, Path(made.name).suffix)


def ending_of(head: bytes) -> str:
    """The ending a file deserves by its first bytes; refuses what a lesson cannot show."""
    found = contents.ending(head)
    if found is None:
        words = _("A lesson shows pictures (PNG, JPEG, SVG), PDF, sound (MP3, M4A, OGG, WAV) and film (MP4, WebM).")
        raise Invalid(words, field="file")
    return found


def most_of(suffix: str) -> int:
    """How large a file of this ending may be when it is sent."""
    return largest() if suffix in PLAYED else MOST_PICTURE if suffix in contents.PICTURES else MOST


def _mended(file: Path, suffix: str) -> str:
    """The file as it may be given out, in its place; the ending it has then."""
    if file.stat().st_size > most_of(suffix):
        raise TooLarge(_("The file is larger than %(size)s MB.", size=most_of(suffix) >> 20))
    if suffix in contents.PICTURES:
        drawn = draw(file.read_bytes())
        file.write_bytes(drawn.data)
        suffix = ".png" if drawn.media_type == "image/png" else ".jpg"
    elif suffix == ".svg":
        harmless(file.read_bytes())
    elif suffix == ".vtt" and not attachments.captions(file.read_bytes()):
        raise Invalid(_("These are no captions: save them as WebVTT in UTF-8."), field="file")
    if suffix not in PLAYED and file.stat().st_size > MOST:
        raise TooLarge(_("The file is larger than %(size)s MB.", size=MOST >> 20))
    return suffix


@contextmanager
def storing() -> Iterator[None]:
    """Say in words for people that the store has no room."""
    try:
        yield
    except (Full, OSError) as full:
        if isinstance(full, OSError) and full.errno not in _NO_ROOM:
            raise
        words = _("There is no room left where films lie. What came is kept: ask for room, then send the file again.")
        raise Full(words) from full


def harmless(data: bytes) -> None:
    """Refuse a drawing that runs something or asks other places."""
    root = markup_files.read(data, Kind.XML).trees[""]
    for node in root.walk():
        calls = [value for name, value in node.attributes.items() if name.lower() == "href"]
        runs = any(name.lower().startswith("on") for name in node.attributes)
        if runs or node.name.lower() in ("script", "foreignobject") or any(not one.startswith("#") for one in calls):
            raise Invalid(_("The drawing runs a script or asks other places. Save it as a plain SVG."), field="file")
    if root.name != "svg":
        raise Invalid(_("The file is damaged and cannot be read."), field="file")


def row_of(name: str, part: Part) -> DraftFile:
    """A file that comes with a package, byte for byte; refused where it is not what its name says."""
    suffix = Path(name).suffix
    if suffix not in KINDS or contents.ending(_head(part)) != suffix:
        raise Invalid(_("%(file)s is not what its name says, or cannot be shown.", file=name), field="file")
    if part.size > (largest() if suffix in PLAYED else MOST):
        raise TooLarge(_("%(file)s is too large for a lesson.", file=name))
    if suffix in PLAYED:
        return _played(name, Kept(part.sha256, part.size))
    if suffix in contents.PICTURES:
        draw(part.content)
    elif suffix == ".svg":
        harmless(part.content)
    return _shown(name, part.content)


def bring(part: Part) -> None:
    """A film that came with a package into the store."""
    if media().size(part.sha256) != part.size:
        place = ids.token()
        with storing():
            media().keep_stream(place, part.read())
        media().forget(place)


def _head(part: Part) -> bytes:
    head = b""
    for piece in part.read():
        head += piece
        if len(head) >= contents.HEAD:
            break
    return head[: contents.HEAD]


def _played(name: str, kept: Kept) -> DraftFile:
    return DraftFile(name=name, media_type=KINDS[Path(name).suffix], size=kept.size, stored=kept.name)


def _shown(name: str, content: bytes) -> DraftFile:
    return DraftFile(name=name, media_type=KINDS[Path(name).suffix], size=len(content), content=content)


def _show(lesson: DraftLesson, name: str, seconds: int | None) -> None:
    db.session.refresh(lesson)
    entry = dict(lesson.entry)
    entry["attachments"] = [*entry.get("attachments", []), name]
    if seconds is not None:
        entry["seconds"] = {**(entry.get("seconds") or {}), name: seconds}
    lesson.entry = entry
    lesson.revision += 1
