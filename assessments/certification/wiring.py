"""What certification adds to the app."""

from flask import Flask

from assessments.certification import cli, jobs
from assessments.certification.policy import Certificates, Stars
from assessments.certification.queries import policies
from assessments.certification.queries.ledger import sources
from assessments.certification.views import desk, doubting, own, pages, public
from assessments.results.events import HistoryBroughtIn, ResultRecorded
from lms import events
from lms import jobs as work
from lms.content.events import ContentLoaded
from lms.i18n import _l
from lms.ledger.queries import SOURCES
from lms.web import nav

__all__ = ["cli", "desk", "doubting", "public", "wire"]  # importing them has filled the pages and the commands


def wire(app: Flask) -> None:
    """Which policy applies, who keeps the ledger's words, what is heard of, the work, and the pages."""
    policies.configure(app.config["LMS"].policy)
    SOURCES.update(sources())
    events.subscribe(ResultRecorded, "certification.decide_again", jobs.result_recorded)
    events.subscribe(HistoryBroughtIn, "certification.decide_place", jobs.history_brought_in)
    events.subscribe(ContentLoaded, "certification.decide_everybody", jobs.content_loaded)
    work.register(jobs.DUE, jobs.decide_due, every=work.daily(17, 10))
    work.register(jobs.EVERYBODY, jobs.decide_everybody)
    work.register(jobs.PLACE, jobs.decide_place)
    work.register(jobs.ISSUE, jobs.issue)
    work.register(jobs.LEFT, jobs.issue_left, every=work.hourly(25))
    app.register_blueprint(pages)
    _ways_in()


def _ways_in() -> None:
    nav.register(nav.Item("stars", _l("My stars"), "certification.stars", "star", "account", 15, Stars.OWN))
    mine = _l("My certificates")
    nav.register(
        nav.Item("my-certificates", mine, "certification.mine", "certificate", "account", 16, Certificates.OWN)
    )
    label, group = _l("Certificates"), _l("Certification")
    nav.register(
        nav.Item("certificates", label, "certification.desk", "certificate", "side", 400, Certificates.BROWSE, group)
    )
    nav.add_panel(nav.Panel("stars", 10, Stars.OWN, own.panel))
    nav.add_panel(nav.Panel("certificates", 110, Certificates.DECIDE, desk.panel))
    nav.add_about(nav.About("stars", _l("Stars"), "certification.stars_of", "star", 20, Stars.READ))
