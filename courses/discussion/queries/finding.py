"""Questions for the index, and those that are like one that is being written."""

from collections.abc import Callable, Collection, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import Course, Lesson
from courses.discussion.models import Entry
from courses.discussion.queries.threads import lesson_title
from lms.authz import Actor
from lms.db import db
from lms.search import queries, rules
from lms.search.services import Document

KIND = "question"
#: So many questions like one's own are shown, told by its most telling tokens.
LIKE, TELLING = 5, 10


def documents(plain: Callable[[str], str], keys: Collection[str] | None = None) -> Iterator[Document]:
    """Questions that are shown, with what was answered; only some of them where `keys` names them."""
    answer = orm.aliased(Entry)
    query = (
        sa.select(Entry, Course.code, lesson_title(Lesson.title), answer.body)
        .join(Course, Course.id == Entry.course_id)
        .outerjoin(answer, sa.and_(answer.question_id == Entry.id, answer.hidden_at.is_(None)))
        .where(Entry.question_id.is_(None), Entry.hidden_at.is_(None))
        .order_by(Entry.id, answer.id)
    )
    if keys is not None:
        query = query.where(Entry.id.in_([int(key) for key in keys]))
    for _number, rows in groupby(db.session.execute(query), key=lambda row: row[0].id):
        yield _document(list(rows), plain)


def _document(rows: list[Any], plain: Callable[[str], str]) -> Document:
    question, _code, lesson, _first = rows[0]
    said = [question.body, *(row[3] for row in rows if row[3])]
    return Document(
        key=str(question.id),
        title=question.title,
        title_en=question.title,
        heading="",
        body=plain("\n\n".join(said)),
        endpoint="discussion.question",
        arguments={"id": question.id},
        context=lesson or "",
    )


def like(actor: Actor, title: str) -> list[Entry]:
    """Questions that are like what somebody is about to ask, the most alike first."""
    tokens = rules.likeness(title)
    weights = queries.rarity(tokens, KIND) if tokens else {}
    if not weights:
        return []
    telling = dict(sorted(weights.items(), key=lambda one: -one[1])[:TELLING])
    near = queries.nearest(telling, KIND, queries.audiences(actor), least=min(2, len(tokens)))
    found = db.session.scalars(near.limit(LIKE)).all()
    order = {int(one.key): place for place, one in enumerate(found)}
    shown = sa.select(Entry).where(Entry.id.in_(order), Entry.hidden_at.is_(None))
    return sorted(db.session.scalars(shown), key=lambda one: order[one.id])
