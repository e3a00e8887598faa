"""What practice evaluation adds to the app: pages, ways in, panels of the home page."""

from flask import Flask

from assessments.certification.queries.proposals import APPEALING
from assessments.practice import forms
from assessments.practice.policy import Practice
from assessments.practice.queries import telling
from assessments.practice.queries.results import appealing
from assessments.practice.views import appeals, evaluations, indicators, pages  # noqa: F401 - indicators fills pages
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.notifications.services import notify
from lms.people.queries.own_data import WITHHELD
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages, navigation, panels, and the words that templates use."""
    app.register_blueprint(pages)
    WITHHELD.update(
        dict.fromkeys(
            ("evaluation_record", "evaluation_result"), _l("Marks are handed out as results, once they are released.")
        )
    )
    notify(*telling.HEARD)
    app.jinja_env.globals.update(
        practice_states=forms.STATES,
        practice_shapes=forms.SHAPES,
        practice_decided=forms.DECIDED,
        practice_rights=Practice,
        practice_outcomes=forms.OUTCOMES,
        practice_outcome_shapes=forms.OUTCOME_SHAPES,
        figure_rows=forms.ROWS,
        figure_shapes=forms.ROW_SHAPES,
    )
    APPEALING["practice"] = appealing
    name_verbs(
        "practice",
        {
            "send": _l("sent a table of figures"),
            "apply": _l("imported figures"),
            "appeal": _l("appealed against a practice evaluation"),
            "answer": _l("answered an appeal against a practice evaluation"),
        },
    )
    _show()


def _show() -> None:
    """Where it is found: on the desk's side, and on the home page."""
    group = _l("Assessment")
    nav.register(
        nav.Item(
            "practice", _l("Practice evaluation"), "practice.evaluations", "file", "side", 340, Practice.READ, group
        )
    )
    nav.register(
        nav.Item("assessing", _l("My evaluations"), "practice.assessing", "file", "side", 350, Practice.ASSESS_LIST)
    )
    nav.register(
        nav.Item("figures", _l("Practice figures"), "practice.figures", "chart", "side", 341, Practice.FIGURES, group)
    )
    nav.register(
        nav.Item(
            "practice-appeals",
            _l("Appeals against practice evaluations"),
            "practice.appeals",
            "flag",
            "side",
            342,
            Practice.APPEALS,
            group,
        )
    )
    nav.add_panel(nav.Panel("practice-appeals", 131, Practice.APPEALS, appeals.panel))
    nav.add_panel(nav.Panel("practice-waiting", 130, Practice.ASSESS_LIST, evaluations.panel))
    nav.add_panel(nav.Panel("practice-own", 630, Practice.OWN, evaluations.own_panel))
