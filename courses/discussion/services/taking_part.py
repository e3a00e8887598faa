"""What readers do with a question: say what helped, follow it, find words useful."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.discussion.events import AnswerAccepted, QuestionChanged
from courses.discussion.models import Entry, EntryFollow, EntryUseful
from courses.discussion.policy import Discussion
from courses.discussion.services.counting import count_useful, locked
from courses.discussion.services.writing import follow_quietly
from lms.authz import Actor, only
from lms.db import Everything, db
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell


@service(needs=Discussion.ACCEPT)
def accept(actor: Actor, question: Entry, *, answer_id: int | None) -> None:
    """Say which answer helped, another one instead, or take it back (None)."""
    question = locked(question)
    if answer_id is not None:
        query = sa.select(Entry).where(Entry.id == answer_id, Entry.question_id == question.id)
        if only(db.session.scalar(query)).hidden:
            raise Conflict(_("This answer is hidden."))
    if question.question_id is not None or question.accepted_id == answer_id:
        return
    question.accepted_id = answer_id
    db.session.flush()
    if answer_id is not None:
        publish(AnswerAccepted(question.id, answer_id))
    publish(QuestionChanged(question.id))
    tell(question=question.id, answer=answer_id)


@service(needs=Discussion.FOLLOW)
def follow(actor: Actor, question: Entry, *, on: bool) -> None:
    """Be told of answers to a question, or no longer."""
    if on:
        follow_quietly(question.thread_id, db.session.get_one(Person, actor.person_id))
        return
    mine = EntryFollow.question_id == question.thread_id, EntryFollow.person_id == actor.person_id
    db.session.execute(sa.delete(EntryFollow).where(*mine))


@service(needs=Discussion.RATE)
def rate(actor: Actor, entry: Entry, *, on: bool) -> None:
    """Say that an entry is useful, or take it back; not of one's own."""
    entry = locked(entry)
    if entry.person_id == actor.person_id:
        raise Conflict(_("These are your own words. Others say whether they are useful."))
    if on:
        me = db.session.get_one(Person, actor.person_id)
        row = {"entry_id": entry.id, "person_id": me.id, "institution_id": me.institution_id}
        db.session.execute(pg.insert(EntryUseful).values(row).on_conflict_do_nothing(), execution_options=Everything)
    else:
        mine = EntryUseful.entry_id == entry.id, EntryUseful.person_id == actor.person_id
        db.session.execute(sa.delete(EntryUseful).where(*mine))
    count_useful(entry)
