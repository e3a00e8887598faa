"""Questions and their versions. A version never changes: whoever edits makes the next one."""

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.rules import Kind, Level
from lms.db import Model, one_of, text_key, utc
from lms.techniques.models import Technique


class Question(Model):
    """One entry of a bank, under one code for ever; what it says stands in its versions."""

    __tablename__ = "question"
    __table_args__ = (sa.UniqueConstraint("code"), sa.CheckConstraint("code <> '' AND bank <> ''", name="named"))

    code: orm.Mapped[text_key]
    bank: orm.Mapped[str] = orm.mapped_column(sa.String(80), index=True)
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    created_at: orm.Mapped[utc]

    versions: orm.Mapped[list["QuestionVersion"]] = orm.relationship(
        back_populates="question", order_by="QuestionVersion.version.desc()"
    )


class QuestionVersion(Model):
    """What a question says, named by the hash of its content.

    The right keys and the explanation are not loaded with the row: only a query that asks for them by name
    (`undefer`) gets them, so that no page shows a key by accident.
    """

    __tablename__ = "question_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("question_id", "version"),
        sa.CheckConstraint(one_of("kind", Kind), name="kind_known"),
        sa.CheckConstraint(one_of("level", Level), name="level_known"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
        sa.CheckConstraint("cardinality(option_keys) BETWEEN 2 AND 26", name="two_to_26_options"),
        sa.CheckConstraint("jsonb_array_length(options) = cardinality(option_keys)", name="every_option_has_a_key"),
        sa.CheckConstraint("cardinality(right_keys) >= 1 AND right_keys <@ option_keys", name="right_keys_are_options"),
        sa.CheckConstraint("kind <> 'single' OR cardinality(right_keys) = 1", name="a_single_choice_has_one_right"),
        sa.CheckConstraint("stem <> '' AND topic <> ''", name="stem_and_topic_given"),
    )

    question_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("question.id"), index=True)
    version: orm.Mapped[int]
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    level: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    topic: orm.Mapped[str] = orm.mapped_column(sa.String(80), index=True)
    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    stem: orm.Mapped[str]
    #: [{"key": "A", "text": "…"}, …]
    options: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    option_keys: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    right_keys: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text), deferred=True, deferred_raiseload=True)
    explanation: orm.Mapped[str] = orm.mapped_column(deferred=True, deferred_raiseload=True)
    #: {"code", "title", "year", "where"} of the work the answer rests on
    source: orm.Mapped[dict[str, str]] = orm.mapped_column(pg.JSONB)
    passage: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    question: orm.Mapped[Question] = orm.relationship(back_populates="versions")
    technique: orm.Mapped[Technique] = orm.relationship()
