"""Writing a course: begun, saved part by part as it is typed, thrown away. Nobody saves over another unawares."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from courses.authoring import formats
from courses.authoring.models import CourseDraft, DraftFile, DraftLesson
from courses.authoring.policy import Authoring
from courses.authoring.rules import entries
from courses.authoring.rules.standing import State
from courses.authoring.services.holding import add, become, fill, hold, may_become, touched
from courses.curricula.formats.parts import named, part_of
from courses.curricula.models import CourseVersion
from courses.curricula.queries import course_by_code
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.service import service, tell

MOST_LESSONS = 40


@service(needs=Authoring.WRITE)
def begin(actor: Actor, on: None, *, code: str, zh: str, en: str) -> CourseDraft:
    """A new course with one empty lesson; its code is its own for ever."""
    if course_by_code(code) is not None:
        raise Conflict(_("There is a course %(code)s already. Choose another code.", code=code), field="code")
    draft = add(CourseDraft(code=code, about={"code": code, "title": {"zh": zh, "en": en}, "hours_kind": "theory"}))
    draft.lessons.append(DraftLesson(position=1, entry=_first(draft, ())))
    db.session.flush()
    return draft


@service(needs=Authoring.WRITE)
def go_on(actor: Actor, version: CourseVersion) -> CourseDraft:
    """The next version of a course, beginning with what this one says."""
    said = formats.of_version(version, lambda _one: named())
    draft = add(CourseDraft(code=version.course.code, base_id=version.id, about=dict(said.course)))
    draft.works = [{**one, "year": str(one["year"])} for one in said.sources]
    fill(draft, said.lessons.values())
    files = {one.name: one for lesson in version.lessons for one in lesson.attachments}
    for one in files.values():
        content = None if one.stored else part_of(one).content
        draft.files.append(
            DraftFile(name=one.name, media_type=one.media_type, size=one.size, stored=one.stored, content=content)
        )
    db.session.flush()
    return draft


@service(needs=Authoring.WRITE, later=True)
def save_about(
    actor: Actor, draft: CourseDraft, *, base: int, about: Mapping[str, Any], works: Sequence[Mapping[str, str]]
) -> int:
    """Keep what describes the course, as far as it is written; the revision it has now."""
    hold(draft)
    entry = {**draft.about, **about, "code": draft.code}
    if (entry, list(works)) == (draft.about, draft.works):
        return draft.revision
    _same(draft.revision, base)
    draft.about, draft.works = entry, [dict(one) for one in works]
    draft.revision += 1
    touched(draft)
    tell(course=draft.code, revision=draft.revision)
    return draft.revision


@service(needs=Authoring.WRITE, later=True)
def save_lesson(actor: Actor, lesson: DraftLesson, *, base: int, changes: Mapping[str, Any]) -> int:
    """Keep what was typed into a lesson, right or not yet; the revision it has now.

    `base` is the revision the page had: whoever typed into an older one is told, and nothing is written over.
    """
    hold(lesson.draft)
    db.session.refresh(lesson)
    entry = {**lesson.entry, **changes}
    kept = entry.get("attachments", [])
    entry["seconds"] = {name: at for name, at in (entry.get("seconds") or {}).items() if name in kept}
    if entry == lesson.entry:
        return lesson.revision
    _same(lesson.revision, base)
    lesson.entry = entry
    lesson.revision += 1
    lesson.updated_by_id, lesson.updated_at = actor.person_id, sa.func.clock_timestamp()
    touched(lesson.draft)
    tell(course=lesson.draft.code, lesson=str(entry.get("code")), revision=lesson.revision)
    return lesson.revision


def _same(now: int, base: int) -> None:
    if now != base:
        words = _("Somebody else has saved this meanwhile. What you typed is still on this page.")
        raise Conflict(words, revision=now)


@service(needs=Authoring.WRITE)
def add_lesson(actor: Actor, draft: CourseDraft) -> DraftLesson:
    """One more lesson, at the end."""
    hold(draft)
    if len(draft.lessons) >= MOST_LESSONS:
        raise Invalid(_("A course has at most %(most)s lessons. Make two of it.", most=MOST_LESSONS))
    made = DraftLesson(
        position=len(draft.lessons) + 1, entry=_first(draft, [one.entry["code"] for one in draft.lessons])
    )
    draft.lessons.append(made)
    touched(draft)
    tell(course=draft.code)
    return made


def _first(draft: CourseDraft, taken: Sequence[str]) -> dict[str, Any]:
    """What a new lesson begins with; its code is its own in every version to come."""
    return {"code": entries.free(draft.code[:70], taken), "title": {"zh": "", "en": ""}, "minutes": 10, "body": ""}


@service(needs=Authoring.WRITE)
def move_lesson(actor: Actor, lesson: DraftLesson, *, by: int) -> None:
    """A lesson some places further down, or up."""
    draft = hold(lesson.draft)
    order = entries.moved([one.id for one in draft.lessons], lesson.id, by)
    for one in draft.lessons:
        one.position = order.index(one.id) + 1
    touched(draft)
    tell(course=draft.code)


@service(needs=Authoring.WRITE)
def remove_lesson(actor: Actor, lesson: DraftLesson) -> None:
    """Take a lesson out of the draft; a published version keeps it."""
    draft = hold(lesson.draft)
    tell(course=draft.code, lesson=str(lesson.entry.get("code")))
    draft.lessons.remove(lesson)
    for number, one in enumerate(draft.lessons, 1):
        one.position = number
    touched(draft)


@service(needs=Authoring.WRITE)
def remove_file(actor: Actor, file: DraftFile) -> None:
    """Take a file out of the draft and out of every lesson that shows it."""
    draft = hold(file.draft)
    for lesson in draft.lessons:
        if file.name in lesson.entry.get("attachments", []):
            entry = dict(lesson.entry)
            entry["attachments"] = [name for name in entry["attachments"] if name != file.name]
            entry["seconds"] = {name: at for name, at in (entry.get("seconds") or {}).items() if name != file.name}
            lesson.entry, lesson.revision = entry, lesson.revision + 1
    draft.files.remove(file)
    touched(draft)
    tell(course=draft.code, file=file.name)


@service(needs=Authoring.WRITE)
def discard(actor: Actor, draft: CourseDraft) -> None:
    """Throw a draft away; versions of the course stay as they are."""
    may_become(draft, State.DISCARDED)
    become(draft, State.DISCARDED)
    tell(course=draft.code)
