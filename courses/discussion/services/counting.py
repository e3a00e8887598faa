"""What verbs share: a talk held still, and its figures counted anew."""

import sqlalchemy as sa

from courses.discussion.models import Entry, EntryUseful
from lms.db import Everything, db


def locked(entry: Entry) -> Entry:
    """The entry as it is now, held until the verb ends; what belongs to one question is changed one after the other."""
    if entry.question_id is not None:
        hold = sa.select(Entry.id).where(Entry.id == entry.question_id).with_for_update()
        db.session.execute(hold, execution_options=Everything)
    db.session.refresh(entry, with_for_update=True)
    return entry


def count_answers(question: Entry) -> None:
    """How many answers are shown."""
    shown = sa.select(sa.func.count()).where(Entry.question_id == question.id, Entry.hidden_at.is_(None))
    question.answers = db.session.scalar(shown, execution_options=Everything) or 0
    db.session.flush()


def count_useful(entry: Entry) -> None:
    """How many found it useful: of all people, whose own rows nobody else sees."""
    said = sa.select(sa.func.count()).where(EntryUseful.entry_id == entry.id)
    entry.useful = db.session.scalar(said, execution_options=Everything) or 0
    db.session.flush()
