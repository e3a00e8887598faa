"""What certification adds to the app."""

from flask import Flask

from assessments.certification import jobs
from assessments.certification.queries import policies
from assessments.certification.queries.ledger import sources
from assessments.results.events import ResultRecorded
from lms import events
from lms import jobs as work
from lms.content.events import ContentLoaded
from lms.ledger.queries import SOURCES


def wire(app: Flask) -> None:
    """Which policy applies, who keeps the ledger's words, what is heard of, the work, and the pages."""
    policies.configure(app.config["LMS"].policy)
    SOURCES.update(sources())
    events.subscribe(ResultRecorded, "certification.decide_again", jobs.result_recorded)
    events.subscribe(ContentLoaded, "certification.decide_everybody", jobs.content_loaded)
    work.register(jobs.DUE, jobs.decide_due, every=work.daily(17, 10))
    work.register(jobs.EVERYBODY, jobs.decide_everybody)
    work.register(jobs.ISSUE, jobs.issue)
