"""What the bank adds to the app: its pages and the way to them."""

from flask import Flask

from assessments.bank import cli, forms, jobs
from assessments.bank.policy import Bank
from assessments.bank.rules import answers, words
from assessments.bank.views import editing, exchange, finding, pages, tracing
from lms.audit.queries import name_verbs
from lms.i18n import _l
from lms.web import nav

__all__ = ["cli", "editing", "exchange", "finding", "tracing", "wire"]  # importing it has filled the pages

VERBS = {
    "write": _l("wrote a question"),
    "revise": _l("wrote the next version of a question"),
    "write_again": _l("wrote an older version again"),
    "keep_picture": _l("put a picture into the bank"),
    "review": _l("reviewed a question"),
    "give_back": _l("sent a question back"),
    "make_ready": _l("made a question ready"),
    "retire": _l("retired a question"),
    "bring_back": _l("brought a question back"),
    "doubt": _l("sent back all that rests on a source"),
    "write_case": _l("wrote a case"),
    "revise_case": _l("wrote the next version of a case"),
    "review_series": _l("reviewed a series"),
    "ready_series": _l("made a series ready"),
    "send": _l("sent a file of questions"),
    "recheck": _l("had a file of questions checked again"),
    "check": _l("checked a file of questions"),
    "request_import": _l("asked for questions to be brought in"),
    "apply": _l("brought questions in"),
    "expire": _l("threw away old files of questions"),
    "export": _l("took questions out as a file"),
    "unseen": _l("looked at what files do not carry"),
}


def wire(app: Flask) -> None:
    """Pages and navigation; content and tables are found by name."""
    app.register_blueprint(pages)
    jobs.register()
    app.jinja_env.globals.update(
        question_kinds=forms.KINDS,
        question_hints=forms.HINTS,
        question_levels=forms.LEVELS,
        question_uses=forms.USES,
        question_statuses=words.STATUS,
        question_shapes=words.SHAPES,
        question_origins=words.ORIGINS,
        answer_pairs=answers.pairs,
        answer_spot=answers.spot,
        edit_questions_right=Bank.EDIT,
        read_keys_right=Bank.READ_KEY,
    )
    name_verbs("bank", VERBS)
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
