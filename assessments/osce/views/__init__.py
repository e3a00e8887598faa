"""Pages of practical exams; the modules beside this one fill them."""

from collections.abc import Callable

from lms.errors import Refused
from lms.web.forms import Form
from lms.web.pages import Pages

pages = Pages("osce", "assessments.osce")


def attempted(form: Form, act: Callable[[], object]) -> bool:
    """Do it; a refusal is put on the form and is False."""
    try:
        act()
    except Refused as refused:
        form.form_errors = [str(refused)]
        return False
    return True


def bytes_of(text: str | None) -> bytes:
    """A hash as a form sends it back; nothing where it is none."""
    try:
        return bytes.fromhex(text or "")
    except ValueError:
        return b""
