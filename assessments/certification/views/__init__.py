"""The pages of certification; the modules beside this one fill them."""

from typing import Any

from assessments.certification.policy import Certificates
from assessments.certification.rules import words
from assessments.certification.rules.policy import Star, Title, leaves_of
from lms.web.pages import Pages, actor

pages = Pages("certification", "assessments.certification")


@pages.context_processor
def around() -> dict[str, Any]:
    """The words that the templates need."""
    return {"words": words, "meaning": _meaning, "may_decide_any": actor().may(Certificates.DECIDE)}


def _meaning(star: Star) -> list[Title]:
    return [leaf.title for leaf in leaves_of(star.requires)]
