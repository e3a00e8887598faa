"""What questions add to the app: pages, a part of the page one reads, notices, the index, what waits for a day."""

from typing import Any

from flask import Flask

from courses.discussion import forms, jobs
from courses.discussion.events import QuestionChanged
from courses.discussion.policy import Discussion
from courses.discussion.queries import finding, telling
from courses.discussion.rules import overdue
from courses.discussion.views import minding, pages, reading, writing
from courses.enrolment.queries.beside import Beside, add_beside
from lms import clock
from lms.audit.queries import name_verbs
from lms.authz import Actor
from lms.db import act_as, db
from lms.events import subscribe
from lms.i18n import _l
from lms.jobs import hourly, register
from lms.notifications.services import notify
from lms.search.policy import Search
from lms.search.services import Source, add_source, renew
from lms.web import nav
from lms.web.markup import plain

__all__ = ["wire", "writing"]  # importing them has filled the pages

_INDEXER = Actor.job("search.questions", Search.INDEX)
_VERBS = {
    "accept": _l("said which answer helped"),
    "answer": _l("answered a question"),
    "ask": _l("asked a question"),
    "edit": _l("changed a question or an answer"),
    "follow": _l("followed a question, or no longer"),
    "hide": _l("hid a question or an answer"),
    "keep": _l("left a reported text where it is"),
    "rate": _l("said that something is useful, or took it back"),
    "remind": _l("said which questions wait"),
    "report": _l("reported a question or an answer"),
    "restore": _l("showed a question or an answer again"),
}


def _renew_index(event: dict[str, Any]) -> None:
    act_as(db.session, _INDEXER)
    renew(_INDEXER, finding.KIND, keys=[str(event["question_id"])])


def wire(app: Flask) -> None:
    """Everything that the rest of the app must know of questions."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(
        discussion_rights=Discussion,
        discussion_kinds=forms.KINDS,
        discussion_whys=forms.WHYS,
        discussion_written_as=forms.WRITTEN_AS,
        discussion_overdue=lambda entry: overdue(entry.created_at, entry.answers, clock.now()),
    )
    add_beside(Beside("questions", 10, Discussion.READ, "discussion/beside.html", reading.beside))
    notify(*telling.HEARD)
    add_source(
        Source(
            finding.KIND,
            _l("Questions and answers"),
            Discussion.READ,
            lambda: finding.documents(plain),
            lambda keys: finding.documents(plain, keys),
        )
    )
    subscribe(QuestionChanged, "search.questions", _renew_index)
    register(jobs.REMIND, jobs.remind, hourly(17))
    nav.register(
        nav.Item(
            "questions", _l("Questions on lessons"), "discussion.questions", "question", "account", 4, Discussion.READ
        )
    )
    nav.register(
        nav.Item(
            "question_desk", _l("Questions that wait"), "discussion.waiting", "question", "side", 31, Discussion.DESK,
            _l("Teaching"),
        )
    )  # fmt: skip
    nav.add_panel(nav.Panel("questions", 45, Discussion.DESK, minding.panel))
    name_verbs("discussion", _VERBS)
