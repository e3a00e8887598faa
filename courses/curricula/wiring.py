"""What this feature adds to the app."""

from typing import Any

from flask import Flask

from courses.curricula import queries
from courses.curricula.events import CoursePublished
from courses.curricula.policy import Courses
from courses.curricula.views import pages
from lms.authz import Actor
from lms.db import act_as, db
from lms.events import subscribe
from lms.i18n import _l
from lms.search.policy import Search
from lms.search.services import Source, add_source, reindex
from lms.techniques.queries import RELATED, Relation
from lms.web import nav
from lms.web.markup import headings, plain

_INDEXER = Actor.job("search.courses", Search.INDEX)


def _renew_index(_event: dict[str, Any]) -> None:
    act_as(db.session, _INDEXER)
    for kind in ("course", "lesson"):
        reindex(_INDEXER, kind)


def wire(app: Flask) -> None:
    """The desk, what can be searched, and what a technique's page says of courses."""
    app.register_blueprint(pages)
    group = _l("Teaching")
    nav.register(
        nav.Item("course_desk", _l("Courses and versions"), "curricula.desk", "learn", "side", 30, Courses.EDIT, group)
    )
    add_source(Source("course", _l("Course"), Courses.READ, lambda: queries.documents(plain)))
    add_source(Source("lesson", _l("Lesson"), Courses.READ, lambda: queries.lesson_documents(plain, headings)))
    RELATED["courses"] = Relation(_l("Courses that teach this"), queries.teaching)
    subscribe(CoursePublished, "search.courses", _renew_index)
