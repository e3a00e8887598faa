"""Pages of practical exams; the modules beside this one fill them."""

from lms.web.pages import Pages

pages = Pages("osce", "assessments.osce")


def bytes_of(text: str | None) -> bytes:
    """A hash as a form sends it back; nothing where it is none."""
    try:
        return bytes.fromhex(text or "")
    except ValueError:
        return b""
