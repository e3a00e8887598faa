"""What this feature adds to the app."""

from flask import Flask

from lms.audit.queries import name_verbs
from lms.i18n import _l


def wire(_app: Flask) -> None:
    """What its verbs are called."""
    name_verbs("results", {"bring_in": _l("took over a history of results")})
