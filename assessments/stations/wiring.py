"""What stations add to the app: the pages of editors and officers, and what can be searched."""

from flask import Flask

from assessments.stations import content, forms, models, queries
from assessments.stations.policy import Stations
from assessments.stations.views import blueprints, editing, finding, pages
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.search.services import Source, add_source
from lms.web import nav

__all__ = ["blueprints", "content", "editing", "finding", "models", "wire"]  # importing them has filled the pages

VERBS = {
    "write": _l("wrote a station"),
    "revise": _l("wrote the next version of a station"),
    "approve": _l("approved a station"),
    "give_back": _l("sent a station back"),
    "withdraw": _l("withdrew a station"),
}


def wire(app: Flask) -> None:
    """Pages, navigation, search, and the words that templates use."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(
        station_kinds=forms.KINDS,
        station_skills=forms.SKILLS,
        station_statuses=forms.STATUSES,
        station_shapes=forms.SHAPES,
        station_parts=forms.PARTS,
        station_changes=forms.CHANGES,
        station_rights=Stations,
        blueprint_ways=queries.WAYS,
    )
    name_verbs("stations", VERBS)
    nav.register(
        nav.Item("stations", _l("Stations"), "stations.stations", "copy", "side", 318, Stations.READ, _l("Assessment"))
    )
    add_source(Source("station", _l("Station"), Stations.READ, queries.documents))
