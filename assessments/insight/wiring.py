"""What this feature adds to the app: pages, plotly's script for them, the nightly making of figures."""

from importlib.util import find_spec
from pathlib import Path

from flask import Flask

from assessments.insight import jobs
from assessments.insight.policy import Insight
from assessments.insight.views import pages
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.web import nav
from lms.web.pages import Pages


def wire(app: Flask) -> None:
    """Pages, the way to them, and what runs at night."""
    app.register_blueprint(pages)
    app.register_blueprint(Pages("plotly", __name__, static_folder=plotly_folder(), template_folder=None))
    jobs.register()
    name_verbs(
        "insight",
        {"request_refresh": _l("asked for the figures to be made anew"), "refresh": _l("made the figures anew")},
    )
    nav.register(nav.Item("insight", _l("Figures"), "insight.begin", "chart", "side", 25, Insight.READ))


def plotly_folder() -> Path:
    """Where the plotly package keeps its script; the package itself is not loaded for it."""
    found = find_spec("plotly")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the plotly package is missing")
    return Path(found.submodule_search_locations[0]) / "package_data"
