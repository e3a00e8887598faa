"""The bytes of a lesson's files, wherever they lie."""

from collections.abc import Iterable

from courses.curricula.models import LessonAttachment
from lms.media import media


def pieces(attachment: LessonAttachment, start: int, stop: int) -> Iterable[bytes]:
    """The bytes of a file from `start` up to before `stop`."""
    if attachment.stored is not None:
        return media().read(attachment.stored, start, stop)
    return ((attachment.content or b"")[start:stop],)
