"""What this feature adds to the app."""

from flask import Flask

from assessments.proficiency import jobs, views
from assessments.proficiency.policy import Proficiency
from assessments.results.events import HistoryBroughtIn, ResultRecorded, ResultsRecorded
from lms import events
from lms import jobs as work
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.web import nav


def wire(app: Flask) -> None:
    """What is heard of, the work, what verbs are called, and the panel of the home page."""
    app.register_blueprint(views.pages)
    events.subscribe(ResultRecorded, "proficiency.refresh", jobs.result_recorded)
    events.subscribe(ResultsRecorded, "proficiency.refresh_many", jobs.results_recorded)
    events.subscribe(HistoryBroughtIn, "proficiency.refresh_place", jobs.history_brought_in)
    work.register(jobs.PLACE, jobs.refresh_place)
    work.register(jobs.OVERTAKEN, jobs.refresh_overtaken, every=work.daily(16, 20))
    name_verbs("proficiency", {"refresh": _l("concluded where people stand")})
    nav.add_panel(nav.Panel("fading", 40, Proficiency.OWN, views.panel))
