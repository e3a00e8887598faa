"""What must be known of the bank to judge a file, in few statements however long it is; and whole questions."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import (
    Picture,
    Question,
    QuestionImport,
    QuestionVersion,
    SharedStem,
    SharedStemVersion,
)
from assessments.bank.queries.finding import Sought, listing
from assessments.bank.queries.standing import latest_ids
from assessments.bank.rules.content import Content
from lms.db import db
from lms.i18n import pick
from lms.techniques.models import Technique


@dataclass(frozen=True)
class Stands:
    """How a question stands in the bank now."""

    bank: str
    use: str
    retired: bool
    place: int | None
    digest: bytes


@dataclass(frozen=True)
class Known:
    """The bank as far as a file speaks of it: by code, and sources in full."""

    questions: Mapping[str, Stands]
    techniques: Collection[str]
    sources: Mapping[str, Mapping[str, str]]
    pictures: Collection[str]
    #: what each case says now, as its hash, and the codes of the questions under it
    series: Mapping[str, tuple[bytes, Collection[str]]]


def known(codes: Collection[str], pictures: Collection[str], series: Collection[str] = ()) -> Known:
    """What the bank knows of these codes, pictures and cases, and all techniques and sources there are."""
    techniques = set(db.session.scalars(sa.select(Technique.code).where(~Technique.retired)))
    there = set(db.session.scalars(sa.select(Picture.digest).where(Picture.digest.in_(pictures))))
    under = {code: (said.content_hash, _under(said)) for code, said in cases(series).items()}
    return Known(_questions(codes), techniques, sources(), there, under)


def _under(said: SharedStemVersion) -> set[str]:
    """The codes of the questions that stand under a case now."""
    row = QuestionVersion
    query = sa.select(Question.code).join(row, row.question_id == Question.id)
    return set(db.session.scalars(query.where(row.id.in_(latest_ids()), row.shared_stem_version_id == said.id)))


def _questions(codes: Collection[str]) -> dict[str, Stands]:
    row = QuestionVersion
    query = (
        sa.select(Question.code, Question.bank, Question.use, Question.retired, row.series_place, row.content_hash)
        .join(row, row.question_id == Question.id)
        .where(row.id.in_(latest_ids()), Question.code.in_(codes))
    )
    rows = db.session.execute(query)
    return {code: Stands(bank, use, retired, place, digest) for code, bank, use, retired, place, digest in rows}


def sources() -> dict[str, dict[str, str]]:
    """Every work that a question or a technique rests on, by its code."""
    code = QuestionVersion.source["code"].astext
    mine = sa.select(QuestionVersion.source).ext(pg.distinct_on(code)).order_by(code, QuestionVersion.id.desc())
    found = {one["code"]: one for listed in db.session.scalars(sa.select(Technique.sources)) for one in listed}
    return found | {one["code"]: one for one in db.session.scalars(mine)}


def techniques() -> list[tuple[str, str]]:
    """The code and title of all techniques in use, to choose from."""
    query = sa.select(Technique.code, Technique.title, Technique.title_en).where(~Technique.retired)
    return [(code, pick(zh, en)) for code, zh, en in db.session.execute(query.order_by(Technique.title))]


def whole(sought: Sought, most: int | None = None) -> list[QuestionVersion]:
    """The newest versions looked for, or the first of them, with keys and cases; only for who may read keys."""
    row = QuestionVersion
    case = orm.joinedload(row.shared_stem).joinedload(SharedStemVersion.shared_stem)
    query = listing(sought).options(orm.undefer(row.key), orm.undefer(row.explanation), case).limit(most)
    return list(db.session.scalars(query).unique())


def content_of(version: QuestionVersion) -> Content:
    """What one of these versions says, without a further statement."""
    return Content(
        kind=version.kind,
        level=version.level,
        topic=version.topic,
        technique=version.technique.code,
        stem=version.stem,
        options=tuple((option["key"], option["text"]) for option in version.options),
        key=version.key,
        explanation=version.explanation,
        source=version.source["code"],
        passage=version.passage,
        body=version.body,
    )


def pictures(digests: Iterable[str]) -> dict[str, bytes]:
    """The bytes of these pictures."""
    query = sa.select(Picture.digest, Picture.data).where(Picture.digest.in_(list(digests)))
    return {digest: data for digest, data in db.session.execute(query)}  # noqa: C416 - rows, not pairs


def cases(codes: Collection[str]) -> dict[str, SharedStemVersion]:
    """The newest version of each of these cases."""
    row = SharedStemVersion
    query = (
        sa.select(row)
        .ext(pg.distinct_on(row.shared_stem_id))
        .join(SharedStem, SharedStem.id == row.shared_stem_id)
        .where(SharedStem.code.in_(codes))
        .options(orm.joinedload(row.shared_stem))
        .order_by(row.shared_stem_id, row.version.desc())
    )
    return {one.shared_stem.code: one for one in db.session.scalars(query)}


def sent_files(limit: int = 50) -> list[QuestionImport]:
    """The files that the actor can see, newest first."""
    return list(db.session.scalars(sa.select(QuestionImport).order_by(QuestionImport.id.desc()).limit(limit)))
