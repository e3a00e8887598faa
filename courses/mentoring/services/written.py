"""What people wrote, as it can be kept."""

from lms.errors import Invalid
from lms.i18n import _
from lms.people.services.patients import unnamed
from lms.texts import can_be_kept


def kept(text: str | None, field: str, longest: int, *, needed: bool = False) -> str:
    """The text without outer blanks; raises Invalid where it is missing, too long or cannot be stored."""
    clean = (text or "").strip()
    if needed and not clean:
        raise Invalid(_("This must not be empty."), field=field)
    if len(clean) > longest or not can_be_kept(clean):
        raise Invalid(_("This text is too long or holds signs that cannot be kept."), field=field)
    return clean


def told(text: str | None, field: str, longest: int, *, needed: bool = False) -> str:
    """The same of what was done with patients: raises Invalid also where it tells who one of them is."""
    return unnamed(kept(text, field, longest, needed=needed), field)
