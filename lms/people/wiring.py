"""What this feature adds to the app."""

from flask import Flask

from lms.authz import Actor
from lms.people import cli, jobs
from lms.people.views import pages, sessions, signing_in
from lms.web import nav

__all__ = ["cli", "signing_in", "wire"]


def wire(app: Flask) -> None:
    """Sessions, so that the app knows who asks; the pages."""
    sessions.install(app)
    app.register_blueprint(pages)
    jobs.register()
    nav.introduce(_name)


def _name(_actor: Actor) -> str | None:
    asking = sessions.now()
    return asking.name if asking is not None else None
