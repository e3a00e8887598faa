"""What the bank adds to the app: its pages and the way to them."""

from flask import Flask

from assessments.bank import cli, forms, jobs
from assessments.bank.policy import Bank
from assessments.bank.rules import answers
from assessments.bank.views import exchange, finding, pages
from lms.i18n import _l
from lms.web import nav

__all__ = ["cli", "exchange", "finding", "wire"]  # importing it has filled the pages


def wire(app: Flask) -> None:
    """Pages and navigation; content and tables are found by name."""
    app.register_blueprint(pages)
    jobs.register()
    app.jinja_env.globals.update(
        question_kinds=forms.KINDS, question_levels=forms.LEVELS, answer_pairs=answers.pairs, answer_spot=answers.spot
    )
    nav.register(
        nav.Item(
            name="bank",
            label=_l("Question bank"),
            endpoint="bank.questions",
            icon="file",
            place="side",
            order=320,
            needs=Bank.READ,
            group=_l("Assessment"),
        )
    )
