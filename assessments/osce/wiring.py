"""What practical exams add to the app: pages, ways in, panels of the home page."""

from flask import Flask

from assessments.osce import forms
from assessments.osce.policy import Osce
from assessments.osce.views import deciding, marking, own, pages, planning
from lms.i18n import _l
from lms.web import nav

__all__ = ["deciding", "planning", "wire"]  # importing them has filled the pages


def wire(app: Flask) -> None:
    """Pages, navigation, panels, and the words that templates use."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(
        osce_states=forms.STATES,
        osce_shapes=forms.SHAPES,
        osce_cells=forms.CELLS,
        osce_cell_shapes=forms.CELL_SHAPES,
        osce_decided=forms.DECIDED,
        osce_why=forms.WHY,
        osce_groups=forms.GROUPS,
        osce_categories=forms.CATEGORIES,
        osce_rights=Osce,
    )
    nav.register(
        nav.Item(
            "osce", _l("Practical exams"), "osce.circuits", "stethoscope", "side", 320, Osce.READ, _l("Assessment")
        )
    )
    nav.register(nav.Item("osce-mine", _l("My stations"), "osce.duties", "stethoscope", "side", 330, Osce.EXAMINE))
    nav.hold(nav.Held("osce-", ("sheets", "drafts"), _l("Sheets of a practical station")))
    nav.add_panel(nav.Panel("osce-today", 120, Osce.EXAMINE, marking.panel))
    nav.add_panel(nav.Panel("osce-own", 620, Osce.OWN, own.panel))
