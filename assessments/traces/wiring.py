"""What measured skills add to the app: pages, ways in, a part of a pair's page, and evidence once supervised."""

from flask import Flask

from assessments.traces import cli, queries, services, views  # noqa: F401 - cli registers its commands
from assessments.traces.events import TraceMeasured, TraceWithdrawn
from assessments.traces.policy import Traces
from courses.mentoring.queries import Part, hang_on_pair
from lms.audit.queries import name_verbs
from lms.events import subscribe
from lms.i18n import _l
from lms.techniques.queries import RELATED, Relation
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages, navigation, parts of others' pages, subscribers, and the words of the verbs."""
    app.register_blueprint(views.pages)
    app.jinja_env.globals.update(trace_rights=Traces)
    group = _l("Assessment")
    nav.register(nav.Item("traces", _l("Measured skills"), "traces.desk", "chart", "side", 347, Traces.BROWSE, group))
    nav.register(nav.Item("my-traces", _l("My measured skills"), "traces.mine", "chart", "account", 18, Traces.OWN))
    hang_on_pair(Part("traces", 30, "traces/of_pair.html", queries.of_pairs))
    RELATED["traces"] = Relation(_l("Measure it on the manikin"), queries.measuring)
    subscribe(TraceMeasured, "results.record_trace", services.record_result)
    subscribe(TraceWithdrawn, "results.take_trace_back", services.take_back)
    name_verbs(
        "traces",
        {
            "practise": _l("sent a trace of own practice"),
            "measure": _l("sent a doctor's trace"),
            "withdraw": _l("took a trace back"),
        },
    )
