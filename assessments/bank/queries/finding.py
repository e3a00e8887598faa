"""Finding questions: the list with all that narrows it, one version, its key, a picture."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.bank.models import Picture, Question, QuestionVersion, SharedStemVersion
from assessments.bank.queries.standing import latest_ids, status_of
from assessments.bank.rules.standing import Status
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
    status: str = ""
    use: str = ""
    source: str = ""
    sort: str = "code"


_SORTS: dict[str, Any] = {
    "code": Question.code,
    "topic": QuestionVersion.topic,
    "kind": QuestionVersion.kind,
    "level": QuestionVersion.level,
    "version": QuestionVersion.version,
    "made_at": QuestionVersion.made_at,
    "status": status_of(QuestionVersion),
}


def listing(sought: Sought) -> sa.Select[QuestionVersion, str]:
    """The newest version of each question that is looked for, without its key, and where it stands.

    What is retired is there only for who looks for it.
    """
    standing = status_of(QuestionVersion)
    query = (
        sa.select(QuestionVersion, standing.label("status"))
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(Technique, Technique.id == QuestionVersion.technique_id)
        .where(QuestionVersion.id.in_(latest_ids()))
        .options(orm.contains_eager(QuestionVersion.question), orm.contains_eager(QuestionVersion.technique))
    )
    query = query.where(*_words(sought.words))
    query = query.where(Question.retired if sought.status == Status.RETIRED else ~Question.retired)
    narrow = {
        Question.bank: sought.bank,
        Question.use: sought.use,
        QuestionVersion.topic: sought.topic,
        QuestionVersion.kind: sought.kind,
        QuestionVersion.level: sought.level,
        QuestionVersion.source["code"].astext: sought.source,
        Technique.code: sought.technique,
        standing: "" if sought.status == Status.RETIRED else sought.status,
    }
    query = query.where(*(column == value for column, value in narrow.items() if value))
    column = _SORTS.get(sought.sort.removeprefix("-"), Question.code)
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, Question.code)


def _words(text: str) -> list[sa.ColumnElement[bool]]:
    """Each word must stand somewhere in the question, whatever its case: stem, options, prompts, case, topic, code."""
    case = sa.select(SharedStemVersion.text).where(SharedStemVersion.id == QuestionVersion.shared_stem_version_id)
    body = sa.cast(QuestionVersion.body, sa.Text)
    places = (
        QuestionVersion.stem,
        Question.code,
        QuestionVersion.topic,
        QuestionVersion.passage,
        QuestionVersion.source["title"].astext,
        Technique.title,
        Technique.title_en,
        sa.cast(QuestionVersion.options, sa.Text),
        body,
        case.scalar_subquery(),
    )
    return [sa.or_(*(place.icontains(word, autoescape=True) for place in places)) for word in text.split()[:8]]


@dataclass(frozen=True)
class Offer:
    """What the bank can be narrowed by."""

    banks: list[tuple[str, str]]
    topics: list[tuple[str, str]]
    techniques: list[tuple[str, str]]
    sources: list[tuple[str, str]]


def offer() -> Offer:
    """The banks, topics, techniques and sources there are."""
    topics = sa.select(QuestionVersion.topic).where(QuestionVersion.id.in_(latest_ids())).distinct()
    code, title = QuestionVersion.source["code"].astext, QuestionVersion.source["title"].astext
    sources = sa.select(code, sa.func.max(title)).where(QuestionVersion.id.in_(latest_ids())).group_by(code)
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
        sorted(((code, title) for code, title in db.session.execute(sources)), key=lambda one: one[1]),
    )


def version(number: int) -> QuestionVersion | None:
    """One version, with its question and all the others, without any key."""
    if number >= 1 << 63:
        return None
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
