"""Templates of practical exams: the list, and one with the stations that fit its posts."""

from flask import render_template
from flask.typing import ResponseReturnValue

from assessments.stations import queries
from assessments.stations.models import BlueprintVersion
from assessments.stations.policy import Stations
from assessments.stations.rules.fitting import posts_of
from assessments.stations.views import pages


@pages.page("/blueprints", needs=Stations.READ)
def blueprints() -> ResponseReturnValue:
    """All templates of practical exams."""
    return render_template("stations/blueprints.html", found=queries.blueprints())


@pages.page("/blueprints/<code>", needs=Stations.READ, on=queries.blueprint)
def blueprint(shown: BlueprintVersion) -> ResponseReturnValue:
    """One template: its posts in order, and what can fill each."""
    offer = queries.fitting(shown.body)
    return render_template("stations/blueprint.html", shown=shown, posts=posts_of(shown.body), offer=offer)
