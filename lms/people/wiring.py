"""What this feature adds to the app."""

from flask import Flask

from lms.authz import Actor, Open
from lms.i18n import _l
from lms.institutions.queries import annexes
from lms.people import cli, jobs
from lms.people.formats.words import CATEGORIES
from lms.people.policy import People
from lms.people.queries.directory import headcount, still_there
from lms.people.views import access, account, directory, own_data, pages, roster, second_factor, sessions, signing_in
from lms.web import nav

__all__ = ["access", "account", "cli", "own_data", "roster", "second_factor", "signing_in", "wire"]


def wire(app: Flask) -> None:
    """Sessions, so that the app knows who asks; the pages."""
    sessions.install(app)
    app.register_blueprint(pages)
    jobs.register()
    nav.introduce(_name)
    nav.register(nav.Item("account", _l("My account"), "people.account", "me", "account", 10, Open.SIGNED_IN))
    people = nav.Item(
        "people", _l("People"), "people.directory", "people", "side", 220, People.LIST, _l("Institutions and people")
    )
    nav.register(people)
    annexes.CATEGORIES.update(CATEGORIES)
    annexes.HEADCOUNTS["people"] = headcount
    annexes.HOLDS["people"] = still_there
    annexes.PARTS["people"] = directory.part_of_institution


def _name(_actor: Actor) -> str | None:
    asking = sessions.now()
    return asking.name if asking is not None else None
