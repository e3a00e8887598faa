"""Questions out of a content pack: questions/<bank>.yaml."""

from collections.abc import Iterable
from typing import Annotated

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.models import Question, QuestionVersion
from assessments.bank.rules.content import Content, plain_key
from assessments.bank.rules.content import Fault as Wrong
from assessments.bank.rules.kinds import Kind as Asked
from assessments.bank.rules.kinds import Level
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, names
from lms.db import db
from lms.techniques.content import TechniqueRef
from lms.techniques.models import Technique

WORDS = {
    Wrong.NO_KEY: "no option is right",
    Wrong.NOT_AN_OPTION: "a right key is not among the options",
    Wrong.NOT_ONE: "a single choice has exactly one right option",
    Wrong.EVERYTHING_RIGHT: "every option is right",
    Wrong.OPTIONS_REPEAT: "two options are the same",
}


class OptionEntry(Strict):
    """One answer to choose."""

    key: str = Field(pattern="^[A-Z]$")
    text: str = Field(min_length=1, max_length=400)
    right: bool


class QuestionEntry(Strict):
    """One question."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("question")]
    type: Asked
    level: Level
    topic: str = Field(min_length=1, max_length=80)
    technique: TechniqueRef
    stem: str = Field(min_length=1, max_length=2000)
    options: list[OptionEntry] = Field(min_length=4, max_length=8)
    explanation: str = Field(min_length=1)
    source: SourceRef
    where: str = Field(min_length=1, max_length=200)

    @property
    def content(self) -> Content:
        """The question as the bank keeps it."""
        return Content(
            kind=self.type.value,
            level=self.level.value,
            topic=self.topic,
            technique=self.technique,
            stem=self.stem,
            options=tuple((option.key, option.text) for option in self.options),
            key=tuple(option.key for option in self.options if option.right),
            explanation=self.explanation,
            source=self.source,
            passage=self.where,
        )


class BankFile(Strict):
    """One bank."""

    bank: str = Field(pattern=CODE, max_length=80)
    questions: list[QuestionEntry] = Field(min_length=1)


def check(_pack: Pack, files: list[File[BankFile]]) -> Iterable[Fault]:
    """What the schema cannot say: the key fits the options and the type."""
    for file in files:
        for number, entry in enumerate(file.value.questions):
            wrong = entry.content.fault()
            if wrong is None and entry.type is Asked.MULTIPLE and len(entry.content.key) < 2:
                yield file.fault(f"{entry.code}: a multiple choice has two or more right options", "questions", number)
            if wrong is not None:
                yield file.fault(f"{entry.code}: {WORDS[wrong]}", "questions", number, "options")


def load(pack: Pack, files: list[File[BankFile]]) -> Tally:
    """Bring the bank to what the pack says: other content is a new version, nothing is changed or removed."""
    tally = Tally()
    known = {question.code: question for question in db.session.scalars(sa.select(Question))}
    hashes = {question_id: digest for question_id, digest, _ in db.session.execute(_newest())}
    versions = {question_id: version for question_id, _, version in db.session.execute(_newest())}
    techniques = {code: number for number, code in db.session.execute(sa.select(Technique.id, Technique.code))}
    for file in files:
        for entry in file.value.questions:
            question = known.get(entry.code)
            created = question is None
            if question is None:
                question = Question(code=entry.code, bank=file.value.bank)
                db.session.add(question)
                db.session.flush()
            changed = hashes.get(question.id) != entry.content.digest()
            if changed:
                version = versions.get(question.id, 0) + 1
                db.session.add(_version(pack, entry, question.id, version, techniques[entry.technique]))
            tally.note(created=created, changed=changed)
    db.session.flush()
    return tally


def _newest() -> sa.Select[int, bytes, int]:
    row = QuestionVersion
    query = sa.select(row.question_id, row.content_hash, row.version).ext(pg.distinct_on(row.question_id))
    return query.order_by(row.question_id, row.version.desc())


def _version(pack: Pack, entry: QuestionEntry, question_id: int, version: int, technique_id: int) -> QuestionVersion:
    content = entry.content
    return QuestionVersion(
        question_id=question_id,
        version=version,
        kind=content.kind,
        level=content.level,
        topic=content.topic,
        technique_id=technique_id,
        stem=content.stem,
        options=[{"key": key, "text": text} for key, text in content.options],
        option_keys=list(content.keys),
        key=plain_key(content.key),
        explanation=content.explanation,
        source=pack.source(entry.source),
        passage=content.passage,
        content_hash=content.digest(),
    )


KINDS = (Kind("question", "questions/*.yaml", BankFile, load, check),)
