"""What exams add to the app: pages, ways in, and the work by the clock."""

from flask import Flask

from assessments.bank.queries import tell_exposure
from assessments.certification.queries.proposals import APPEALING
from assessments.exams import jobs
from assessments.exams.forms import exams as forms
from assessments.exams.forms import results as marks
from assessments.exams.forms import standards as cuts
from assessments.exams.policy import Exams
from assessments.exams.queries import appeals as waiting
from assessments.exams.queries import exposure, pools, telling, topics
from assessments.exams.rules import scoring
from assessments.exams.services import preparing
from assessments.exams.views import (
    analysis,
    appeals,
    board,
    late,
    making,
    pages,
    papers,
    regrading,
    results,
    rooms,
    running,
    sitting,
    standards,
)
from assessments.results.queries import BY_TOPIC
from lms import jobs as work
from lms.i18n import _l
from lms.notifications.services import notify
from lms.people.formats.words import CATEGORIES
from lms.people.queries.own_data import WITHHELD
from lms.web import nav

#: Importing these has filled the pages.
__all__ = [
    "analysis",
    "board",
    "late",
    "making",
    "papers",
    "regrading",
    "results",
    "rooms",
    "running",
    "sitting",
    "standards",
    "wire",
]


def wire(app: Flask) -> None:
    """Pages, navigation, jobs, and the words that templates use."""
    app.register_blueprint(pages)
    WITHHELD["exam_score"] = _l("Marks are handed out as results, once they are released.")
    notify(*telling.HEARD)
    tell_exposure("exams", exposure.asked)
    app.jinja_env.globals.update(
        exam_states=forms.STATES,
        exam_shapes=forms.SHAPES,
        exam_endings=forms.ENDINGS,
        exam_flags=forms.FLAGS,
        exam_categories=CATEGORIES,
        exam_methods=cuts.METHODS,
        percent=forms.percent,
        plain_number=scoring.plain,
        exam_number=forms.number,
        window_words=forms.between,
        pool_kinds=pools.KINDS,
        pool_levels=pools.LEVELS,
        cell_named=pools.named,
        manage_right=Exams.MANAGE,
        approve_right=Exams.APPROVE,
        mark_right=Exams.MARK,
        exam_rulings=marks.RULED,
        exam_outcomes=marks.OUTCOMES,
        exam_outcome_shapes=marks.OUTCOME_SHAPES,
        exam_changes=marks.CHANGES,
        exam_change_shapes=marks.CHANGE_SHAPES,
        exam_key_help=marks.KEY_HELP,
    )
    work.register(jobs.SWEEP, jobs.sweep, every=work.every_minute())
    work.register(preparing.PREPARE, jobs.prepare)
    BY_TOPIC["exams"] = topics.shares
    APPEALING["exams"] = waiting.appealing
    nav.hold(nav.Held("exam-", ("outbox",), _l("Answers of an exam")))
    nav.add_panel(nav.Panel("exams-in-hand", 112, Exams.MANAGE, making.panel))
    nav.add_panel(nav.Panel("appeals", 113, Exams.APPEALS, appeals.panel))
    nav.add_panel(nav.Panel("my-exams", 25, Exams.OWN, sitting.panel))
    nav.register(nav.Item("my-exams", _l("Exams"), "exams.mine", "exam", "bottom", 300, Exams.OWN))
    nav.register(
        nav.Item("exams", _l("Theory exams"), "exams.exams", "exam", "side", 310, Exams.READ, group=_l("Assessment"))
    )
    nav.register(
        nav.Item("appeals", _l("Appeals"), "exams.appeals", "flag", "side", 312, Exams.APPEALS, group=_l("Assessment"))
    )
