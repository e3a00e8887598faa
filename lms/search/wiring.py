"""What this feature adds to the app."""

from flask import Flask

from lms.i18n import _l
from lms.search.policy import Search
from lms.search.views import pages
from lms.web import nav


def wire(app: Flask) -> None:
    """The page, and the way to it behind one's own name."""
    app.register_blueprint(pages)
    nav.register(nav.Item("search", _l("Search"), "search.ask", "search", "account", 5, Search.ASK))
