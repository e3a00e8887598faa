"""Selects over the bank."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import Picture, Question, QuestionVersion
from assessments.bank.rules.kinds import Use
from lms.db import db
from lms.i18n import pick
from lms.techniques.models import Technique


@dataclass(frozen=True)
class Sought:
    """What somebody looks for in the bank; empty words do not narrow."""

    words: str = ""
    bank: str = ""
    topic: str = ""
    kind: str = ""
    level: str = ""
    technique: str = ""
    sort: str = "code"


def newest_ids() -> sa.Select[int]:
    """The ids of the newest version of every question."""
    query = sa.select(QuestionVersion.id).ext(pg.distinct_on(QuestionVersion.question_id))
    return query.order_by(QuestionVersion.question_id, QuestionVersion.version.desc())


_SORTS: dict[str, Any] = {
    "code": Question.code,
    "topic": QuestionVersion.topic,
    "kind": QuestionVersion.kind,
    "level": QuestionVersion.level,
    "version": QuestionVersion.version,
    "made_at": QuestionVersion.made_at,
}


def listing(sought: Sought) -> sa.Select[QuestionVersion]:
    """The newest version of each question that is looked for, without its key."""
    query = (
        sa.select(QuestionVersion)
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(Technique, Technique.id == QuestionVersion.technique_id)
        .where(QuestionVersion.id.in_(newest_ids()), ~Question.retired)
        .options(orm.contains_eager(QuestionVersion.question), orm.contains_eager(QuestionVersion.technique))
    )
    if sought.words:
        like = f"%{sought.words.replace('%', chr(92) + '%').replace('_', chr(92) + '_')}%"
        query = query.where(sa.or_(QuestionVersion.stem.ilike(like), Question.code.ilike(like)))
    narrow = {
        Question.bank: sought.bank,
        QuestionVersion.topic: sought.topic,
        QuestionVersion.kind: sought.kind,
        QuestionVersion.level: sought.level,
        Technique.code: sought.technique,
    }
    query = query.where(*(column == value for column, value in narrow.items() if value))
    column = _SORTS.get(sought.sort.removeprefix("-"), Question.code)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, Question.code)


@dataclass(frozen=True)
class Offer:
    """What the bank can be narrowed by."""

    banks: list[tuple[str, str]]
    topics: list[tuple[str, str]]
    techniques: list[tuple[str, str]]


def offer() -> Offer:
    """The banks, topics and techniques there are."""
    topics = sa.select(QuestionVersion.topic).where(QuestionVersion.id.in_(newest_ids())).distinct()
    techniques = (
        sa.select(Technique.code, Technique.title, Technique.title_en)
        .where(Technique.id.in_(sa.select(QuestionVersion.technique_id)))
        .order_by(Technique.title)
    )
    banks = sa.select(Question.bank).distinct().order_by(Question.bank)
    return Offer(
        [(bank, bank) for bank in db.session.scalars(banks)],
        [(topic, topic) for topic in sorted(db.session.scalars(topics))],
        [(code, pick(zh, en)) for code, zh, en in db.session.execute(techniques)],
    )


def version(number: int) -> QuestionVersion | None:
    """One version, with its question and all the others, without any key."""
    return db.session.get(
        QuestionVersion,
        number,
        options=[
            orm.joinedload(QuestionVersion.technique),
            orm.joinedload(QuestionVersion.question).selectinload(Question.versions),
        ],
    )


def key_of(version_id: int) -> tuple[Any, str]:
    """The key and the explanation of one version; ask for them only where `Bank.READ_KEY` was checked."""
    query = sa.select(QuestionVersion.key, QuestionVersion.explanation).where(QuestionVersion.id == version_id)
    key, explanation = db.session.execute(query).one()
    return key, explanation


def picture(digest: str) -> Picture | None:
    """A picture with its bytes, by their hash."""
    query = sa.select(Picture).where(Picture.digest == digest).options(orm.undefer(Picture.data))
    return db.session.scalar(query)


def of_bank(bank: str) -> list[QuestionVersion]:
    """The newest versions of one bank with their keys: what a paper is made of, and nothing meant for practice."""
    query = listing(Sought(bank=bank)).where(Question.use == Use.EXAM).options(orm.undefer(QuestionVersion.key))
    return list(db.session.scalars(query))


def topics_of(bank: str) -> list[tuple[str, int]]:
    """The topics of one bank, in the order of their first question, and how many questions each has."""
    topics: dict[str, int] = {}
    for found in db.session.scalars(listing(Sought(bank=bank))):
        topics[found.topic] = topics.get(found.topic, 0) + 1
    return list(topics.items())
