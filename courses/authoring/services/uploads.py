"""Files that come piece by piece: announced, received where they stopped, put together, given up.

The pieces lie in the store of large files; a film goes from there into its place without ever being whole in memory.
"""

import tempfile
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from courses.authoring import queries
from courses.authoring.models import CourseDraft, DraftFile, DraftLesson, Upload
from courses.authoring.policy import Authoring
from courses.authoring.rules import contents
from courses.authoring.services import packages
from courses.authoring.services.files import attach, attach_kept, ending_of, most_of, storing
from courses.authoring.services.holding import hold
from courses.curricula.formats import package as formats
from courses.curricula.rules.files import PLAYED
from lms import clock, ids
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid, TooLarge, TooMany
from lms.i18n import _
from lms.media import largest, media
from lms.people.models import Person
from lms.service import service, tell
from lms.web.intake import short_name

MOST_AT_ONCE = 8
KEPT_FOR = timedelta(days=2)


@service(needs=Authoring.WRITE)
def announce(actor: Actor, draft: CourseDraft, *, name: str, length: int, lesson: DraftLesson | None = None) -> Upload:
    """Say that a file of this length will come; its address stays good for two days."""
    hold(draft)
    made = _announced(actor, name, length, largest())
    made.draft_id = draft.id
    made.lesson_id = lesson.id if lesson is not None and lesson.draft_id == draft.id else None
    db.session.flush()
    tell(course=draft.code, length=length)
    return made


@service(needs=Authoring.WRITE)
def announce_course(actor: Actor, on: None, *, name: str, length: int) -> Upload:
    """Say that a course will come as one file; when it is there it becomes a draft."""
    made = _announced(actor, name, length, formats.most())
    db.session.flush()
    tell(length=length)
    return made


def _announced(actor: Actor, name: str, length: int, most: int) -> Upload:
    if length < 1:
        raise Invalid(_("The file is empty."), field="file")
    if length > most:
        raise _too_large(length, most)
    person = db.session.get_one(Person, actor.person_id)
    mine = sa.select(sa.func.count()).select_from(Upload).where(Upload.person_id == person.id)
    if db.session.scalars(mine).one() >= MOST_AT_ONCE:
        raise TooMany(_("Finish or give up the files that are under way first."))
    with storing():
        media().make_room(length)
    made = Upload(id=ids.uuid7(), person_id=person.id, institution_id=person.institution_id, name=short_name(name))
    made.length, made.expires_at = length, clock.now() + KEPT_FOR
    db.session.add(made)
    return made


def _too_large(length: int, most: int) -> TooLarge:
    words = _("The file has %(size)s MB; at most %(most)s MB are taken.", size=-(-length >> 20), most=most >> 20)
    return TooLarge(words)


@service(needs=Authoring.SEND, later=True)
def receive(actor: Actor, upload: Upload, *, offset: int, piece: bytes) -> DraftFile | CourseDraft | None:
    """Keep a piece; what became of the file when this was its last. A piece for another place than the end is refused.

    Where the store has no room for the whole, the last piece has not come either: it is sent again when there is room.
    """
    db.session.refresh(upload, with_for_update=True)
    if offset != upload.offset:
        raise Conflict(_("The file has come to another place than this piece belongs to."), offset=upload.offset)
    if offset + len(piece) > upload.length:
        raise TooLarge(_("More came than was announced."))
    if offset == 0 and len(piece) >= min(contents.HEAD, upload.length):
        _check(upload, piece[: contents.HEAD])
    if piece:
        # The row is locked: nobody else writes at this place, and what a lost transaction left there is replaced.
        with storing():
            media().take_in(str(upload.id), offset, piece)
        upload.offset = offset + len(piece)
        upload.expires_at = clock.now() + KEPT_FOR
    if upload.offset < upload.length:
        return None
    db.session.flush()
    return put_together(actor, upload)


def _check(upload: Upload, head: bytes) -> None:
    """Refuse at the first piece what would be refused when all has come."""
    if upload.draft_id is None:
        if not formats.is_one(head):
            raise Invalid(_("This is no course package of a version that is known here."), field="file")
        return
    most = most_of(ending_of(head))
    if upload.length > most:
        raise _too_large(upload.length, most)


@service(needs=Authoring.SEND)
def put_together(actor: Actor, upload: Upload) -> DraftFile | CourseDraft:
    """Make the file of a draft, or a draft, out of all pieces; nothing of the upload is left then."""
    db.session.refresh(upload, with_for_update=True)
    if upload.offset != upload.length:
        raise Conflict(_("The file has not come whole yet."), offset=upload.offset)
    made = _course(actor, upload) if upload.draft is None else _file(actor, upload, upload.draft)
    place = str(upload.id)
    db.session.delete(upload)
    db.session.flush()
    media().forget(place)
    return made


def _file(actor: Actor, upload: Upload, draft: CourseDraft) -> DraftFile:
    store, place = media(), str(upload.id)
    lesson = db.session.get(DraftLesson, upload.lesson_id) if upload.lesson_id else None
    pieces = store.taken_in(place, upload.length)
    suffix = ending_of(next(pieces)[: contents.HEAD])
    pieces = store.taken_in(place, upload.length)
    if suffix in PLAYED:
        with storing():
            kept = store.keep_stream(place, pieces)
        return attach_kept(draft, kept, suffix, name=upload.name, lesson=lesson)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(b"".join(pieces))
        return attach(actor, draft, file=path, name=upload.name, lesson=lesson)


def _course(actor: Actor, upload: Upload) -> CourseDraft:
    store = media()
    # beside the films, where there is room: a folder for temporary files is often in memory
    with tempfile.TemporaryFile(dir=store.folder) as file:
        with storing():
            file.writelines(store.taken_in(str(upload.id), upload.length))
            file.flush()
        return packages.take_in(actor, None, file=file)


@service(needs=Authoring.SEND)
def give_up(actor: Actor, upload: Upload) -> None:
    """Forget an upload and all that came of it."""
    place = str(upload.id)
    db.session.delete(upload)
    db.session.flush()
    media().forget(place)


@service(needs=Authoring.SWEEP)
def sweep(actor: Actor, on: None) -> int:
    """Forget uploads that nobody went on with, and pieces that belong to none; how many uploads these were."""
    places = media().places()  # before the rows: an upload that begins meanwhile has a row
    stale = sa.delete(Upload).where(Upload.expires_at < clock.now())
    gone: int = db.session.execute(stale, execution_options=Everything).rowcount  # type: ignore[attr-defined]
    for place in places - {str(one) for one in queries.uploads()}:
        media().forget(place)
    tell(forgotten=gone)
    return gone
