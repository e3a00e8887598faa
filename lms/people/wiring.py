"""What this feature adds to the app."""

from flask import Flask

from lms.authz import Actor, Open
from lms.i18n import _l
from lms.people import cli, jobs
from lms.people.views import access, account, pages, second_factor, sessions, signing_in
from lms.web import nav

__all__ = ["access", "account", "cli", "second_factor", "signing_in", "wire"]


def wire(app: Flask) -> None:
    """Sessions, so that the app knows who asks; the pages."""
    sessions.install(app)
    app.register_blueprint(pages)
    jobs.register()
    nav.introduce(_name)
    nav.register(nav.Item("account", _l("My account"), "people.account", "me", "account", 10, Open.SIGNED_IN))


def _name(_actor: Actor) -> str | None:
    asking = sessions.now()
    return asking.name if asking is not None else None
