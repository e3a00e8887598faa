"""What exams add to the app: pages, ways in, and the work by the clock."""

from flask import Flask

from assessments.exams import forms, jobs
from assessments.exams.policy import Exams
from assessments.exams.rules import scoring
from assessments.exams.views import late, making, pages, running, sitting
from lms import jobs as work
from lms.i18n import _l
from lms.web import nav

__all__ = ["late", "making", "running", "sitting", "wire"]  # importing them has filled the pages


def wire(app: Flask) -> None:
    """Pages, navigation, jobs, and the words that templates use."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(
        exam_states=forms.STATES,
        exam_shapes=forms.SHAPES,
        exam_endings=forms.ENDINGS,
        exam_flags=forms.FLAGS,
        exam_categories=forms.CATEGORIES,
        percent=forms.percent,
        plain_number=scoring.plain,
        exam_number=forms.number,
        manage_right=Exams.MANAGE,
        approve_right=Exams.APPROVE,
        mark_right=Exams.MARK,
    )
    work.register(jobs.SWEEP, jobs.sweep, every=work.every_minute())
    nav.hold(nav.Held("exam-", ("outbox",), _l("Answers of an exam")))
    nav.add_panel(nav.Panel("exams-in-hand", 112, Exams.MANAGE, making.panel))
    nav.add_panel(nav.Panel("my-exams", 25, Exams.OWN, sitting.panel))
    nav.register(nav.Item("my-exams", _l("Exams"), "exams.mine", "exam", "bottom", 300, Exams.OWN))
    nav.register(
        nav.Item("exams", _l("Theory exams"), "exams.exams", "exam", "side", 310, Exams.READ, group=_l("Assessment"))
    )
