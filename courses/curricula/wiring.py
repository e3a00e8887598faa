"""What this feature adds to the app."""

from typing import Any

from flask import Flask

from courses.curricula import queries
from courses.curricula.events import CoursePublished, CourseRetired
from courses.curricula.policy import Courses, Curricula
from courses.curricula.queries import kinds
from courses.curricula.queries.kinds import RequirementKind, add_kind
from courses.curricula.views import drafting, pages, tiers
from lms.audit.queries import name_verbs
from lms.authz import Actor
from lms.db import act_as, db
from lms.events import subscribe
from lms.i18n import _l
from lms.search.policy import Search
from lms.search.services import Source, add_source, reindex
from lms.techniques.queries import RELATED, Relation
from lms.web import nav
from lms.web.markup import headings, plain

__all__ = ["drafting", "tiers", "wire"]  # importing it has filled the pages
_VERBS = {
    "add_rule": _l("made a rule for giving a curriculum"),
    "begin_draft": _l("began a draft of a curriculum"),
    "bring_back": _l("brought a retired course back"),
    "change_rule": _l("changed a rule for giving a curriculum"),
    "drop_draft": _l("threw a draft of a curriculum away"),
    "finish_draft": _l("made a draft a version of a curriculum"),
    "let_hold": _l("let a version of a curriculum hold"),
    "retire": _l("retired a course"),
    "retire_rule": _l("retired or brought back a rule for giving a curriculum"),
    "write_draft": _l("wrote in a draft of a curriculum"),
    "write_source": _l("changed what a draft of a curriculum rests on"),
}
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
    nav.register(
        nav.Item("curricula", _l("Curricula"), "curricula.curricula", "flag", "side", 29, Curricula.EDIT, group)
    )
    add_source(Source("course", _l("Course"), Courses.READ, lambda: queries.documents(plain)))
    add_source(Source("lesson", _l("Lesson"), Courses.READ, lambda: queries.lesson_documents(plain, headings)))
    RELATED["courses"] = Relation(_l("Courses that teach this"), queries.teaching)
    subscribe(CoursePublished, "search.courses", _renew_index)
    subscribe(CourseRetired, "search.retired_courses", _renew_index)
    add_kind(RequirementKind("hours", _l("Hours"), "clock", _l("hours"), kinds.hours))
    add_kind(RequirementKind("technique", _l("Technique"), "stethoscope", _l("level"), kinds.techniques))
    name_verbs("curricula", _VERBS)
