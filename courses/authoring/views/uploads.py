"""Files: by a plain form, or piece by piece as tus 1.0.0 says (https://tus.io/protocols/resumable-upload)."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected

from courses.authoring import queries
from courses.authoring.models import CourseDraft, DraftFile, DraftLesson, Upload
from courses.authoring.policy import Authoring
from courses.authoring.rules import tus
from courses.authoring.services import files, uploads
from courses.authoring.views import pages
from courses.curricula.formats import package as formats
from lms.errors import Full, Invalid, Refused, Unavailable
from lms.i18n import _
from lms.media import largest
from lms.web.pages import actor

#: So much is held in memory and kept at a time.
PIECE = 4 << 20
#: tus: the piece is not what its checksum says
_OTHER_SUM = 460


@pages.page("/editor/drafts/<int:id>/files", needs=Authoring.WRITE, on=queries.draft, methods=("POST",))
def send_file(draft: CourseDraft) -> ResponseReturnValue:
    """A file in one go, without a script."""
    sent, lesson = request.files.get("file"), _lesson(draft, request.form.get("lesson", ""))
    try:
        if sent is None or not sent.filename:
            raise Invalid(_("Choose a file first."))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            sent.save(path)
            made = files.attach(actor(), draft, file=path, name=sent.filename, lesson=lesson)
        flash(_("%(file)s is in the draft.", file=made.name), "done")
    except Refused as refused:
        flash(str(refused), "attention")
    if lesson is not None:
        return redirect(url_for("authoring.lesson", id=lesson.id, _anchor="files"), 303)
    return redirect(url_for("authoring.draft", id=draft.id, _anchor="files"), 303)


def _lesson(draft: CourseDraft, text: str) -> DraftLesson | None:
    return next((one for one in draft.lessons if str(one.id) == text), None)


def _answer(status: int, words: str = "", **headers: object) -> Response:
    made = Response(words, status, mimetype="text/plain")
    made.headers["Tus-Resumable"] = tus.VERSION
    made.headers["Cache-Control"] = "no-store"
    made.headers.extend([(name.replace("_", "-"), str(value)) for name, value in headers.items()])
    return made


def _refused(wrong: Refused) -> Response:
    return _answer(wrong.status, str(wrong))


def _wrong_version() -> Response | None:
    if request.headers.get("Tus-Resumable") == tus.VERSION:
        return None
    return _answer(412, Tus_Version=tus.VERSION)


def _spoken(most: int) -> Response:
    return _answer(
        204,
        Tus_Version=tus.VERSION,
        Tus_Extension=tus.EXTENSIONS,
        Tus_Max_Size=most,
        Tus_Checksum_Algorithm=",".join(tus.ALGORITHMS),
    )


@pages.page("/editor/drafts/<int:id>/uploads", needs=Authoring.WRITE, on=queries.draft, methods=("OPTIONS", "POST"))
def announce(draft: CourseDraft) -> ResponseReturnValue:
    """What is spoken here; and a file that will come."""
    if request.method == "OPTIONS":
        return _spoken(largest())
    return _announced(
        lambda about, length: uploads.announce(
            actor(),
            draft,
            name=about.get("filename", "file"),
            length=length,
            lesson=_lesson(draft, about.get("lesson", "")),
        )
    )


@pages.page("/editor/packages/uploads", needs=Authoring.WRITE, methods=("OPTIONS", "POST"))
def announce_course() -> ResponseReturnValue:
    """What is spoken here; and a course that will come as one file."""
    if request.method == "OPTIONS":
        return _spoken(formats.most())
    name = "filename"
    return _announced(
        lambda about, length: uploads.announce_course(actor(), None, name=about.get(name, "course.zip"), length=length)
    )


def _announced(begin: Callable[[dict[str, str], int], Upload]) -> ResponseReturnValue:
    if (wrong := _wrong_version()) is not None:
        return wrong
    try:
        length = tus.number(request.headers.get("Upload-Length"))
        about = tus.metadata(request.headers.get("Upload-Metadata", ""))
    except tus.NotTus:
        return _answer(400, "Upload-Length, Upload-Metadata")
    try:
        made = begin(about, length)
    except Refused as wrong_file:
        return _refused(wrong_file)
    return _answer(201, Location=url_for("authoring.stand", id=made.id), Upload_Expires=_day(made))


def _day(upload: Upload) -> str:
    return upload.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")


def _mine(id: UUID) -> Upload | None:
    return queries.upload(id)


@pages.page("/editor/uploads/<uuid:id>", needs=Authoring.SEND, on=_mine, methods=("HEAD",))
def stand(upload: Upload) -> ResponseReturnValue:
    """How far the file has come."""
    return _wrong_version() or _answer(
        200, Upload_Offset=upload.offset, Upload_Length=upload.length, Upload_Expires=_day(upload)
    )


@pages.page("/editor/uploads/<uuid:id>", needs=Authoring.SEND, on=_mine, methods=("PATCH",))
def receive(upload: Upload) -> ResponseReturnValue:
    """A piece; whatever arrived before the line broke is kept."""
    try:
        offset, wanted = _asked()
    except _Unfit as unfit:
        return unfit.answer
    try:
        for piece in _pieces(checked=wanted is not None):
            if wanted is not None and not tus.matches(piece, wanted):
                return _answer(_OTHER_SUM, "checksum")
            made = uploads.receive(actor(), upload, offset=offset, piece=piece)
            offset += len(piece)
            if made is not None:
                return _answer(204, Upload_Offset=offset, Content_Location=_where(made))
    except (Full, Unavailable) as later:
        return _refused(later)  # what came is kept: it goes on when the store takes it again
    except Refused as refused:
        if "offset" not in refused.where:
            uploads.give_up(actor(), upload)
        return _refused(refused)
    return _answer(204, Upload_Offset=offset)


class _Unfit(Exception):
    """The request is none of the protocol's; what to answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def _asked() -> tuple[int, tuple[str, bytes] | None]:
    """Where a piece belongs, and the sum it has; raises _Unfit with the answer to what is none."""
    if (wrong := _wrong_version()) is not None:
        raise _Unfit(wrong)
    if request.mimetype != tus.PIECE:
        raise _Unfit(_answer(415, tus.PIECE))
    told = request.headers.get("Upload-Checksum")
    try:
        return tus.number(request.headers.get("Upload-Offset")), tus.checksum(told) if told else None
    except tus.NotTus:
        raise _Unfit(_answer(400, "Upload-Offset, Upload-Checksum")) from None


def _where(made: DraftFile | CourseDraft) -> str:
    """The page on which what came can be seen."""
    if isinstance(made, CourseDraft):
        flash(_("Taken in as a draft. Look it over, then send it for review."), "done")
        return url_for("authoring.draft", id=made.id)
    return url_for("authoring.draft", id=made.draft_id, _anchor="files")


def _pieces(*, checked: bool) -> Iterator[bytes]:
    """What comes, a piece at a time; one that has a sum is taken whole or not at all."""
    request.max_content_length = PIECE if checked else formats.most()
    while True:
        piece, whole = _read(PIECE)
        if piece and (whole or not checked):
            yield piece
        if len(piece) < PIECE:
            return


def _read(most: int) -> tuple[bytes, bool]:
    """Up to so many bytes, and whether the line held."""
    got = bytearray()
    while len(got) < most:
        try:
            some = request.stream.read(min(64 << 10, most - len(got)))
        except (ClientDisconnected, OSError):
            return bytes(got), False
        if not some:
            break
        got += some
    return bytes(got), True


@pages.page("/editor/uploads/<uuid:id>", needs=Authoring.SEND, on=_mine, methods=("DELETE",))
def give_up(upload: Upload) -> ResponseReturnValue:
    """Forget it."""
    if (wrong := _wrong_version()) is not None:
        return wrong
    uploads.give_up(actor(), upload)
    return _answer(204)
