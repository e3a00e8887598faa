"""What this feature adds to the app."""

from flask import Flask

from lms.i18n import _l
from lms.institutions import cli
from lms.institutions.policy import Consortia, Institutions
from lms.institutions.views import consortia, pages, tree
from lms.web import nav

__all__ = ["cli", "consortia", "tree", "wire"]


def wire(app: Flask) -> None:
    """The tree and the consortia, in the navigation of those who oversee people."""
    app.register_blueprint(pages)
    group = _l("Institutions and people")
    nav.register(
        nav.Item(
            "institutions",
            _l("Institutions"),
            "institutions.tree",
            "institution",
            "side",
            200,
            Institutions.READ,
            group,
        )
    )
    nav.register(
        nav.Item("consortia", _l("Consortia"), "institutions.consortia", "mentor", "side", 210, Consortia.READ, group)
    )
