"""What simulated cases add to the app: pages, ways in, a panel, hours, evidence, what can be searched."""

from flask import Flask

from assessments.simulation import forms, queries, rules, services, views
from assessments.simulation.events import CaseHandedIn
from assessments.simulation.policy import Cases
from lms.audit.queries import name_verbs
from lms.events import subscribe
from lms.i18n import _l
from lms.search.services import Source, add_source
from lms.techniques.queries import RELATED, Relation
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages and the words that templates use; who hears of an ended consultation."""
    app.register_blueprint(views.pages)
    app.jinja_env.globals.update(
        case_sections=forms.SECTIONS,
        case_tabs=forms.SHORT,
        case_verdicts=forms.VERDICTS,
        case_shapes=forms.SHAPES,
        case_states=forms.STATES,
        case_uncredited=forms.UNCREDITED,
        case_revocable=rules.REVOCABLE,
        case_rights=Cases,
    )
    _ways()
    nav.hold(nav.Held("cases-", ("outbox",), _l("Steps of a simulated case")))
    subscribe(CaseHandedIn, "hours.enter_case", services.enter_hours)
    subscribe(CaseHandedIn, "results.record_case", services.record_result)
    add_source(Source("case", _l("Simulated case"), Cases.PLAY, queries.documents))
    RELATED["cases"] = Relation(_l("Cases that train this"), queries.training)
    name_verbs(
        "simulation",
        {
            "begin": _l("began a simulated case"),
            "act": _l("went on in a simulated case"),
            "hand_in": _l("ended a simulated case"),
        },
    )


def _ways() -> None:
    nav.register(nav.Item("cases", _l("Cases"), "simulation.cases", "case", "bottom", 20, Cases.PLAY))
    nav.register(
        nav.Item("case-bank", _l("Case bank"), "simulation.bank", "case", "side", 325, Cases.BANK, _l("Assessment"))
    )
    nav.register(
        nav.Item(
            "apprentice-cases",
            _l("Cases of my apprentices"),
            "simulation.apprentices",
            "case",
            "side",
            230,
            Cases.APPRENTICES,
        )
    )
    nav.add_panel(nav.Panel("cases", 22, Cases.PLAY, views.panel))
