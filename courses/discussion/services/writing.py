"""Asking, answering, and putting right what one wrote; every state of a text is kept."""

from sqlalchemy.dialects import postgresql as pg

from courses.discussion.events import QuestionAnswered, QuestionChanged
from courses.discussion.models import Entry, EntryFollow, EntryVersion
from courses.discussion.policy import Discussion
from courses.discussion.queries.threads import Place
from courses.discussion.rules import LONGEST_BODY, LONGEST_TITLE, WrittenAs, beyond_doubt, parts
from courses.discussion.services.counting import count_answers, locked
from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell
from lms.texts import can_be_kept


class Recognisable(Invalid):
    """A text by which a patient might be known; its writer may say that nobody is."""


@service(needs=Discussion.ASK)
def ask(actor: Actor, place: Place, *, title: str, body: str, sure: bool = False) -> Entry:
    """Ask a question about a lesson, and follow it; with `sure` its writer says that no patient can be known by it."""
    title, body = _kept(title, "title", LONGEST_TITLE, needed=True), _kept(body, "body", LONGEST_BODY)
    _unnamed(title, body, sure)
    me = db.session.get_one(Person, actor.person_id)
    row = Entry(
        person_id=me.id,
        institution_id=me.institution_id,
        course_id=place.course_id,
        lesson_code=place.lesson.code,
        title=title,
        body=body,
        written_as=_quality(actor, me.institution.path),
    )
    _write(row)
    follow_quietly(row.id, me)
    publish(QuestionChanged(row.id))
    tell(question=row.id, lesson=place.lesson.code, sure=sure)
    return row


@service(needs=Discussion.ANSWER)
def answer(actor: Actor, question: Entry, *, body: str, sure: bool = False) -> Entry:
    """Answer a question, and follow it from now on."""
    body = _kept(body, "body", LONGEST_BODY, needed=True)
    _unnamed("", body, sure)
    question = locked(question)
    if question.question_id is not None or question.hidden:
        raise Conflict(_("This question is hidden. It cannot be answered."))
    row = Entry(
        person_id=actor.person_id,
        institution_id=question.institution_id,
        course_id=question.course_id,
        lesson_code=question.lesson_code,
        question_id=question.id,
        body=body,
        written_as=_quality(actor, question.institution.path),
    )
    _write(row)
    count_answers(question)
    follow_quietly(question.id, db.session.get_one(Person, actor.person_id))
    publish(QuestionAnswered(question.id, row.id))
    publish(QuestionChanged(question.id))
    tell(question=question.id, answer=row.id, sure=sure)
    return row


@service(needs=Discussion.EDIT)
def edit(actor: Actor, entry: Entry, *, title: str, body: str, number: int, sure: bool = False) -> Entry:
    """Write an entry anew; `number` is the version one had before one's eyes, so that nothing newer is overwritten."""
    title = _kept(title, "title", LONGEST_TITLE, needed=True) if entry.question_id is None else ""
    body = _kept(body, "body", LONGEST_BODY, needed=entry.question_id is not None)
    _unnamed(title, body, sure)
    entry = locked(entry)
    if entry.number != number:
        raise Conflict(_("This was changed meanwhile, perhaps in another window. Look at it as it reads now."))
    if (entry.title, entry.body) == (title, body):
        return entry
    entry.title, entry.body, entry.number, entry.edited_at = title, body, number + 1, clock.now()
    _write(entry)
    publish(QuestionChanged(entry.thread_id))
    tell(entry=entry.id, number=entry.number, sure=sure)
    return entry


def follow_quietly(question_id: int, who: Person) -> None:
    """Who writes on a question is told of what comes after."""
    row = {"question_id": question_id, "person_id": who.id, "institution_id": who.institution_id}
    db.session.execute(pg.insert(EntryFollow).values(row).on_conflict_do_nothing(), execution_options=Everything)


def _write(entry: Entry) -> None:
    """Keep an entry as it reads now, and this state of it for good."""
    db.session.add(entry)
    db.session.flush()
    db.session.add(
        EntryVersion(
            person_id=entry.person_id,
            institution_id=entry.institution_id,
            entry_id=entry.id,
            number=entry.number,
            title=entry.title,
            body=entry.body,
        )
    )
    db.session.flush()


def _quality(actor: Actor, path: str) -> WrittenAs:
    """In what quality somebody writes at a place: roles over it count, roles elsewhere do not."""
    roles = {grant.role for grant in actor.grants if grant.covers(path)}
    if Role.MENTOR in roles:
        return WrittenAs.MENTOR
    return WrittenAs.EDITOR if Role.COURSE_EDITOR in roles else WrittenAs.LEARNER


def _kept(text: str | None, field: str, longest: int, *, needed: bool = False) -> str:
    clean = (text or "").replace("\r\n", "\n").strip()
    if needed and not clean:
        raise Invalid(_("This must not be empty."), field=field)
    if len(clean) > longest or not can_be_kept(clean):
        raise Invalid(_("This text is too long or holds signs that cannot be kept."), field=field)
    return clean


def _unnamed(title: str, body: str, sure: bool) -> None:
    """Refuse what tells who a patient is; all but an identity number may be kept when its writer is sure."""
    if beyond_doubt(title) or beyond_doubt(body):
        raise Recognisable(_("An identity number stands in this. Take it out; nobody needs it to answer."), sure=False)
    if not sure and any(part.kind for text in (title, body) for part in parts(text)):
        raise Recognisable(_("A patient might be known by the marked words. Change them, or say that nobody is."))
