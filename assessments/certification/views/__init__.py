"""The pages of certification; the modules beside this one fill them."""

from typing import Any

from assessments.certification.policy import Certificates
from assessments.certification.rules import words
from assessments.certification.rules.policy import Star, Title, leaves_of
from lms.web.pages import Pages, actor

pages = Pages("certification", "assessments.certification")


@pages.context_processor
def around() -> dict[str, Any]:
    """The words that the templates need. Who asks is looked up late: an error page may come before it is known."""
    return {"words": words, "meaning": _meaning, "may_decide_any": _may_decide_any}


def _may_decide_any() -> bool:
    return actor().may(Certificates.DECIDE)


def _meaning(star: Star) -> list[Title]:
    return [leaf.title for leaf in leaves_of(star.requires)]
