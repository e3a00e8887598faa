"""What this feature adds to the app."""

from flask import Flask

from courses.hours import cli
from courses.hours.policy import Hours
from courses.hours.views import pages
from lms.audit.queries import name_verbs
from lms.authz import Open
from lms.i18n import _l
from lms.web import nav

__all__ = ["cli", "wire"]  # importing it has made the commands


def wire(app: Flask) -> None:
    """Pages and the ways to them."""
    app.register_blueprint(pages)
    nav.register(nav.Item("hours", _l("My hours"), "hours.mine", "clock", "account", 20, Open.SIGNED_IN))
    nav.add_about(nav.About("hours", _l("Hours"), "hours.statement", "clock", 10, Hours.READ))
    words = {
        "bring_in": _l("took over a history of hours"),
        "enter": _l("entered hours by hand"),
        "set_credits": _l("set how hours become credits"),
    }
    name_verbs("hours", words)
    group = _l("Settings")
    nav.register(
        nav.Item("hours_target", _l("Hours a year"), "hours.target", "clock", "side", 80, Hours.SET_TARGET, group)
    )
    nav.register(
        nav.Item("hours_credits", _l("Credits"), "hours.credits", "certificate", "side", 83, Hours.SET_CREDITS, group)
    )
