"""The pages of certification; the modules beside this one fill them."""

from typing import Any

from flask import current_app

from assessments.certification.policy import Certificates, Stars
from assessments.certification.rules import words
from assessments.certification.rules.policy import Star, Title, leaves_of
from lms.people.queries.access import factor_kinds
from lms.people.rules import keys
from lms.web.pages import Pages, actor

pages = Pages("certification", "assessments.certification")


@pages.context_processor
def around() -> dict[str, Any]:
    """The words that the templates need. Who asks is looked up late: an error page may come before it is known."""
    return {
        "words": words,
        "meaning": _meaning,
        "may_decide_any": _may_decide_any,
        "may_touch": _may_touch,
        "may_look": _may_look,
    }


def _may_decide_any() -> bool:
    return actor().may(Certificates.DECIDE)


def _may_look() -> bool:
    return actor().may(Stars.LOOK)


def _may_touch() -> bool:
    """Whether whoever asks has a passkey, and this installation has a name that keys can belong to."""
    who, settings = actor().person_id, current_app.config["LMS"]
    named = keys.site(settings.public_url, "") is not None
    return who is not None and named and "passkey" in factor_kinds(who)


def _meaning(star: Star) -> list[Title]:
    return [leaf.title for leaf in leaves_of(star.requires)]
