"""Looking after talks: reports, hiding and showing again, and saying what nobody has answered."""

import sqlalchemy as sa

from courses.discussion.events import EntryReported, EntryRuled, QuestionChanged, QuestionWaits
from courses.discussion.models import Entry, EntryReport, EntryRuling
from courses.discussion.policy import Discussion
from courses.discussion.queries.desk import open_reports
from courses.discussion.rules import DAY, LONGEST_REASON, Ruling, Why
from courses.discussion.services.counting import count_answers, locked
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell

#: So many questions are spoken of in one go; the next run goes on.
AT_ONCE = 500


@service(needs=Discussion.REPORT)
def report(actor: Actor, entry: Entry, *, why: Why, note: str = "") -> EntryReport | None:
    """Say that a text should not stand where it stands; once for each until it is decided."""
    if entry.hidden:
        raise Conflict(_("This is hidden already."))
    known = open_reports().where(EntryReport.entry_id == entry.id, EntryReport.person_id == actor.person_id)
    # whoever reports does not see what was decided about another's words: whether it was is asked over the fence
    if db.session.scalar(known, execution_options=Everything) is not None:
        return None
    me = db.session.get_one(Person, actor.person_id)
    row = EntryReport(
        person_id=me.id, institution_id=entry.institution_id, entry_id=entry.id, why=why, note=_said(note, needed=False)
    )
    db.session.add(row)
    db.session.flush()
    publish(EntryReported(entry.id, row.id))
    tell(entry=entry.id, why=why)
    return row


@service(needs=Discussion.MODERATE)
def hide(actor: Actor, entry: Entry, *, reason: str) -> None:
    """Take a text out of sight; its writer reads why. A hidden answer is no longer the one that helped."""
    entry = locked(entry)
    if entry.hidden:
        return
    entry.hidden_at = clock.now()
    _rule(actor, entry, Ruling.HIDDEN, _said(reason))


@service(needs=Discussion.MODERATE)
def restore(actor: Actor, entry: Entry, *, reason: str) -> None:
    """Show a hidden text again."""
    entry = locked(entry)
    if not entry.hidden:
        return
    entry.hidden_at = None
    _rule(actor, entry, Ruling.RESTORED, _said(reason))


@service(needs=Discussion.MODERATE)
def keep(actor: Actor, entry: Entry, *, reason: str) -> None:
    """Leave a reported text where it is: the reports are settled."""
    _rule(actor, locked(entry), Ruling.KEPT, _said(reason))


def _rule(actor: Actor, entry: Entry, ruling: Ruling, reason: str) -> None:
    row = EntryRuling(
        person_id=entry.person_id,
        institution_id=entry.institution_id,
        entry_id=entry.id,
        ruling=ruling,
        reason=reason,
        by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    if entry.question_id is not None:
        question = db.session.get_one(Entry, entry.question_id)
        count_answers(question)
        if entry.hidden and question.accepted_id == entry.id:
            question.accepted_id = None
    publish(EntryRuled(entry.id, row.id))
    publish(QuestionChanged(entry.thread_id))
    tell(entry=entry.id, reason=reason)


def _said(text: str, *, needed: bool = True) -> str:
    clean = text.strip()
    if needed and not clean:
        raise Invalid(_("Say why; whoever wrote it reads it."), field="reason")
    if len(clean) > LONGEST_REASON or "\x00" in clean:
        raise Invalid(_("This text is too long or holds signs that cannot be kept."), field="reason")
    return clean


@service(needs=Discussion.REMIND)
def remind(actor: Actor, on: None) -> int:
    """Say of every question that has waited for a day that it waits, once; how many there were."""
    waits = (
        sa.select(Entry)
        .where(Entry.question_id.is_(None), Entry.answers == 0, Entry.hidden_at.is_(None), Entry.reminded_at.is_(None))
        .where(Entry.created_at <= clock.now() - DAY)
    )
    rows = db.session.scalars(waits.order_by(Entry.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for question in rows:
        question.reminded_at = clock.now()
        publish(QuestionWaits(question.id))
    tell(questions=len(rows))
    return len(rows)
