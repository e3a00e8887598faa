"""What practice evaluation adds to the app: pages, ways in, panels of the home page."""

from flask import Flask

from assessments.practice import forms, views
from assessments.practice.policy import Practice
from lms.i18n import _l
from lms.web import nav


def wire(app: Flask) -> None:
    """Pages, navigation, panels, and the words that templates use."""
    app.register_blueprint(views.pages)
    app.jinja_env.globals.update(
        practice_states=forms.STATES,
        practice_shapes=forms.SHAPES,
        practice_decided=forms.DECIDED,
        practice_rights=Practice,
    )
    group = _l("Assessment")
    nav.register(
        nav.Item(
            "practice", _l("Practice evaluation"), "practice.evaluations", "file", "side", 340, Practice.READ, group
        )
    )
    nav.register(
        nav.Item("assessing", _l("My evaluations"), "practice.assessing", "file", "side", 350, Practice.ASSESS_LIST)
    )
    nav.add_panel(nav.Panel("practice-waiting", 130, Practice.ASSESS_LIST, views.panel))
    nav.add_panel(nav.Panel("practice-own", 630, Practice.OWN, views.own_panel))
