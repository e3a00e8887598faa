"""What this feature adds to the app."""

from flask import Flask

from lms.i18n import _l
from lms.search.services import Source, add_source
from lms.techniques import queries
from lms.techniques.policy import Techniques
from lms.techniques.views import pages
from lms.web import nav
from lms.web.markup import plain


def wire(app: Flask) -> None:
    """Pages, the way to them, and what can be searched."""
    app.register_blueprint(pages)
    nav.register(
        nav.Item("techniques", _l("Techniques"), "techniques.catalogue", "stethoscope", "account", 10, Techniques.READ)
    )
    label = _l("Technique")
    add_source(Source("technique", label, Techniques.READ, lambda: queries.documents(plain)))
