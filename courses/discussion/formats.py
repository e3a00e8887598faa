"""What the page that asks sends while one types, and what it gets."""

from typing import Any

from courses.discussion.rules import LONGEST_BODY, LONGEST_TITLE, Part, parts
from lms.errors import Invalid
from lms.i18n import _


def read(sent: Any) -> tuple[str, str]:
    """Title and text as far as they are typed; raises Invalid where it is something else."""
    if not isinstance(sent, dict) or not all(isinstance(sent.get(name), str) for name in ("title", "body")):
        raise Invalid(_("This is not what the page sends."))
    return sent["title"][: 2 * LONGEST_TITLE], sent["body"][: 2 * LONGEST_BODY]


def marked(*texts: str) -> list[list[dict[str, Any]]]:
    """Texts cut at what tells who a patient is; only texts in which something does."""
    cut = (parts(text) for text in texts)
    return [[_part(one) for one in found] for found in cut if any(one.kind for one in found)]


def _part(part: Part) -> dict[str, Any]:
    return {"text": part.text, "kind": part.kind}
