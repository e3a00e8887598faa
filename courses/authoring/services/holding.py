"""What the verbs over drafts share: a lock, who wrote, from one state into the next, what a draft says."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from courses.authoring import formats, queries
from courses.authoring.models import CourseDraft, DraftLesson
from courses.authoring.rules.standing import State, may_follow
from courses.curricula.formats.package import Package
from courses.curricula.formats.parts import named, part_of
from lms.db import db
from lms.errors import Conflict
from lms.i18n import _
from lms.service import tell


def fill(draft: CourseDraft, lessons: Iterable[Mapping[str, Any]]) -> None:
    """Give a draft these lessons, in this order."""
    draft.lessons = [DraftLesson(position=n, entry=dict(entry)) for n, entry in enumerate(lessons, 1)]


def add(draft: CourseDraft) -> CourseDraft:
    """A draft of one's own; refuses where somebody works on this course already."""
    if queries.open_for(draft.code) is not None:
        raise _worked_on(draft.code)
    by = db.actor.person_id
    draft.updated_by_id, draft.writer_ids = by, [by] if by else []
    db.session.add(draft)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:
        raise _worked_on(draft.code) from None
    tell(course=draft.code)
    return draft


def _worked_on(code: str) -> Conflict:
    return Conflict(_("Somebody works on a draft of %(code)s already. Go on with that one.", code=code), field="code")


def hold(draft: CourseDraft) -> CourseDraft:
    """Lock a draft that is being written; refuses any other."""
    db.session.refresh(draft, with_for_update=True)
    if draft.state != State.WRITING:
        raise Conflict(_("This draft is not being written any more. Take it back first."))
    return draft


def touched(draft: CourseDraft) -> None:
    """Who wrote in a draft, and when: they cannot review it."""
    by = db.actor.person_id
    if by is not None and by not in draft.writer_ids:
        draft.writer_ids = [*draft.writer_ids, by]
    draft.updated_by_id, draft.updated_at = by, sa.func.clock_timestamp()
    db.session.flush()


def may_become(draft: CourseDraft, after: State) -> None:
    """Lock a draft; refuses what cannot follow on how it stands now."""
    db.session.refresh(draft, with_for_update=True)
    if not may_follow(draft.state, after):
        raise Conflict(_("This draft has moved on meanwhile. Look at how it stands now."))


def become(draft: CourseDraft, after: State, **columns: Any) -> None:
    """Bring a draft into another state, with all that this state asks for."""
    for name, value in columns.items():
        setattr(draft, name, value)
    draft.state = after
    draft.updated_at = sa.func.clock_timestamp()
    db.session.flush()


def package_of(draft: CourseDraft, *, with_files: bool = True) -> Package:
    """What a draft says, as it stands; nothing is checked."""
    files = {one.name: part_of(one) if with_files else named() for one in draft.files}
    lessons = {f"{n:02d}-{one.entry.get('code')}.md": one.entry for n, one in enumerate(draft.lessons, 1)}
    works = [{**one, "year": int(one["year"]) if one["year"].isdecimal() else one["year"]} for one in draft.works]
    about = {**draft.about, "sources": [one["code"] for one in draft.works]}
    return Package(about, lessons, works, files)


def flaws(draft: CourseDraft) -> list[formats.Flaw]:
    """What is still wrong with a draft."""
    return formats.flaws(package_of(draft, with_files=False), known())


def known() -> formats.Known:
    """Techniques and courses that a course may name here."""
    techniques, courses = queries.techniques(), queries.courses()
    return formats.Known(frozenset(one[0] for one in techniques), frozenset(one[0] for one in courses))
