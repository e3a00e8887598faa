"""What this feature adds to the app: pages, the nightly making of figures."""

from flask import Flask

from assessments.insight import jobs
from assessments.insight.policy import Insight
from assessments.insight.views import pages
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages, the way to them, and what runs at night."""
    app.register_blueprint(pages)
    jobs.register()
    name_verbs(
        "insight",
        {"request_refresh": _l("asked for the figures to be made anew"), "refresh": _l("made the figures anew")},
    )
    nav.register(nav.Item("insight", _l("Figures"), "insight.begin", "chart", "side", 25, Insight.READ))
