"""Whom to tell of questions: who follows them, who may answer them, who looks after them."""

from collections.abc import Collection, Iterator
from typing import Any, Final

import sqlalchemy as sa

from courses.discussion import events
from courses.discussion.models import Entry, EntryFollow, EntryRuling
from courses.discussion.policy import Discussion
from courses.discussion.rules import Ruling
from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.i18n import _, _l
from lms.institutions.models import Institution
from lms.notifications.rules.kinds import Facts, Group, Heard, How, Kind, Payload, Told
from lms.people.models import Person, RoleGrant


def _title(facts: Facts) -> str:
    return str(facts["title"])


ANSWERED = Kind(
    "discussion.answered",
    Group.LEARNING,
    _l("Answers to questions that I follow"),
    lambda facts: _("There is a new answer: %(title)s", title=facts["title"]),
    "discussion.question",
    ("id",),
    needs=Discussion.READ,
)
ACCEPTED = Kind(
    "discussion.accepted",
    Group.LEARNING,
    _l("My answer helped"),
    lambda facts: _("Your answer helped: %(title)s", title=facts["title"]),
    "discussion.question",
    ("id",),
    mail=How.OFF,
    needs=Discussion.READ,
)
WAITS = Kind(
    "discussion.waits",
    Group.LEARNING,
    _l("Questions that nobody has answered for a day"),
    lambda _facts: _("A question has waited for a day"),
    "discussion.question",
    ("id",),
    _title,
    mail=How.DAILY,
    needs=Discussion.DESK,
)
REPORTED = Kind(
    "discussion.reported",
    Group.LEARNING,
    _l("Reported questions and answers"),
    lambda _facts: _("A question or an answer was reported"),
    "discussion.question",
    ("id",),
    _title,
    needs=Discussion.DESK,
)
RULED = Kind(
    "discussion.ruled",
    Group.LEARNING,
    _l("My words were hidden or shown again"),
    lambda facts: (
        _("Something that you wrote was hidden") if facts["hidden"] else _("Something that you wrote is shown again")
    ),
    "discussion.question",
    ("id",),
    lambda _facts: _("Open it to read why."),
    needs=Discussion.READ,
)


def _entry(number: int) -> Entry:
    return db.session.get_one(Entry, number, execution_options=Everything)


def _facts(question: Entry) -> dict[str, Any]:
    return {"id": question.id, "title": question.title}


def answered(payload: Payload) -> Iterator[Told]:
    """Everybody who follows the question, but whoever wrote the answer."""
    question, answer = _entry(payload["question_id"]), _entry(payload["answer_id"])
    query = sa.select(EntryFollow.person_id).where(EntryFollow.question_id == question.id)
    for person in db.session.scalars(query.order_by(EntryFollow.id), execution_options=Everything):
        if person != answer.person_id and not answer.hidden:
            yield Told(person, f"answer:{answer.id}", _facts(question))


def accepted(payload: Payload) -> Iterator[Told]:
    """Whoever wrote the answer, unless they asked themselves."""
    question, answer = _entry(payload["question_id"]), _entry(payload["answer_id"])
    if answer.person_id != question.person_id:
        yield Told(answer.person_id, f"answer:{answer.id}", _facts(question))


def waits(payload: Payload) -> Iterator[Told]:
    """Mentors and editors over the place of whoever asked, while nobody has answered."""
    question = _entry(payload["question_id"])
    if question.answers or question.hidden:
        return
    for person in _over(question, {Role.MENTOR, Role.COURSE_EDITOR}):
        yield Told(person, f"question:{question.id}", _facts(question))


def reported(payload: Payload) -> Iterator[Told]:
    """Editors over the place of whoever asked; managers where there is none. Once until it is decided."""
    entry = _entry(payload["entry_id"])
    question = _entry(entry.thread_id)
    ruled = sa.select(sa.func.count()).where(EntryRuling.entry_id == entry.id)
    round_ = db.session.scalar(ruled, execution_options=Everything)
    keepers = _over(entry, {Role.COURSE_EDITOR}) or _over(entry, {Role.INSTITUTION_MANAGER})
    for person in keepers:
        yield Told(person, f"entry:{entry.id}:{round_}", _facts(question))


def ruled(payload: Payload) -> Iterator[Told]:
    """Whoever wrote it, when it was hidden or shown again."""
    entry = _entry(payload["entry_id"])
    ruling = db.session.get_one(EntryRuling, payload["ruling_id"], execution_options=Everything)
    if ruling.ruling != Ruling.KEPT and ruling.by_id != entry.person_id:
        facts = _facts(_entry(entry.thread_id)) | {"hidden": ruling.ruling == Ruling.HIDDEN}
        yield Told(entry.person_id, f"ruling:{ruling.id}", facts)


def _over(entry: Entry, roles: Collection[Role]) -> list[int]:
    """Those who hold one of these roles over the place of a talk today."""
    today, root, here = clock.today(), Institution.__table__.alias("root"), Institution.__table__.alias("here")
    query = (
        sa.select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .join(root, root.c.id == RoleGrant.institution_id)
        .join(here, sa.and_(here.c.id == entry.institution_id, root.c.path.bool_op("@>")(here.c.path)))
        .where(RoleGrant.role.in_(list(roles)), Person.active, RoleGrant.begins_on <= today)
        .where(sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > today))
        .distinct()
        .order_by(RoleGrant.person_id)
    )
    return list(db.session.scalars(query, execution_options=Everything))


HEARD: Final = (
    Heard(events.QuestionAnswered, ANSWERED, answered),
    Heard(events.AnswerAccepted, ACCEPTED, accepted),
    Heard(events.QuestionWaits, WAITS, waits),
    Heard(events.EntryReported, REPORTED, reported),
    Heard(events.EntryRuled, RULED, ruled),
)
