"""What workplace assessment adds: pages, ways in, panels, a part of the mentor's list, evidence, the night's work."""

from collections.abc import Iterator

from flask import Flask

from assessments.stations import queries as stations
from assessments.workplace import forms, jobs, services
from assessments.workplace.events import WorkplaceAssessed
from assessments.workplace.policy import Workplace
from assessments.workplace.queries import assessments as written
from assessments.workplace.queries import people, telling, years
from assessments.workplace.rules.sameness import Same
from assessments.workplace.rules.year import Breadth
from assessments.workplace.services.assessing import CALLED
from assessments.workplace.views import assessing, assessments, desk, own, pages
from courses.mentoring.queries import Part, hang_in_list
from lms import jobs as work
from lms.audit.queries import name_verbs
from lms.events import subscribe
from lms.i18n import _l
from lms.notifications.services import notify
from lms.search.services import Document, Source, add_source
from lms.techniques.views import LEVELS
from lms.web import nav

__all__ = ["assessments", "desk", "wire"]  # views register themselves


def wire(app: Flask) -> None:
    """Pages, navigation, panels, evidence, the night, and the words that templates use."""
    app.register_blueprint(pages)
    notify(*telling.HEARD)
    app.jinja_env.globals.update(
        workplace_answered=forms.ANSWERED,
        workplace_breadth=Breadth,
        workplace_called=CALLED,
        workplace_difficulties=forms.DIFFICULTIES,
        workplace_explained=forms.KINDS_EXPLAINED,
        workplace_kinds=forms.KINDS,
        workplace_levels=LEVELS,
        workplace_rights=Workplace,
        workplace_same=Same,
        workplace_settings=forms.SETTINGS,
        workplace_shapes=forms.SHAPES,
        workplace_states=forms.STATES,
        workplace_turned=forms.TURNED,
    )
    _ways_in()
    nav.hold(nav.Held("workplace-drafts-", ("drafts",), _l("Workplace assessments")))
    hang_in_list(Part("workplace", 15, "workplace/in_list.html", years.for_list))
    add_source(Source("workplace_form", _l("Form of workplace assessment"), Workplace.OWN, _documents))
    stations.USED["workplace"] = (_l("Workplace assessments"), written.with_form)
    subscribe(WorkplaceAssessed, "results.record_workplace_assessment", services.record_result)
    work.register(jobs.EXPIRE, jobs.expire, every=jobs.nightly)
    name_verbs(
        "workplace",
        {
            "request": _l("asked for a workplace assessment"),
            "take_back": _l("withdrew a request for assessment"),
            "decline": _l("declined a request for assessment"),
            "delegate": _l("handed a request for assessment on"),
            "expire": _l("put requests away that nobody answered"),
            "assess": _l("assessed a doctor at work"),
            "correct": _l("corrected a workplace assessment"),
            "acknowledge": _l("answered a workplace assessment"),
            "reflect": _l("thought a workplace assessment over"),
            "withdraw": _l("withdrew a workplace assessment"),
        },
    )


def _ways_in() -> None:
    group = _l("Assessment")
    nav.register(
        nav.Item("workplace", _l("Workplace assessment"), "workplace.desk", "stethoscope", "side", 342,
                 Workplace.BROWSE, group)
    )  # fmt: skip
    nav.register(
        nav.Item("workplace-assessing", _l("Watch and assess"), "workplace.assessing", "stethoscope", "side", 343,
                 Workplace.ASSESS_LIST)
    )  # fmt: skip
    nav.register(
        nav.Item("my-workplace", _l("My workplace assessments"), "workplace.mine", "stethoscope", "account", 16,
                 Workplace.OWN)
    )  # fmt: skip
    nav.add_panel(nav.Panel("workplace-waiting", 33, Workplace.ASSESS_LIST, assessing.panel))
    nav.add_panel(nav.Panel("workplace-own", 55, Workplace.OWN, own.panel))


def _documents() -> Iterator[Document]:
    """The forms, so that whoever looks one up comes to where it can be asked for."""
    for one in people.forms():
        station = one.station
        body = " ".join(item["text"] for item in one.body["items"])
        arguments = {"form": station.code}
        yield Document(station.code, station.title, station.title_en, "", body, "workplace.ask", arguments)
