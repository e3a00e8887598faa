"""Questions and their versions. A version never changes: whoever edits makes the next one."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.bank.rules.content import Content, plain_key
from assessments.bank.rules.kinds import CHOICES, ONE_RIGHT, WITH_OPTIONS, Kind, Level, Use
from assessments.bank.rules.standing import Origin, Status
from lms.db import InScope, Model, one_of, text_key, utc
from lms.people.models import Person
from lms.techniques.models import Technique


def _these(kinds: frozenset[Kind]) -> str:
    return "kind IN ({})".format(", ".join(f"'{kind}'" for kind in sorted(kinds)))


#: What a key must hold, kind by kind: a placeholder cannot be written down.
_KEY_FITS = f"""CASE
 WHEN {_these(CHOICES)} THEN
  jsonb_typeof(key) = 'array' AND key <> '[]'::jsonb AND to_jsonb(option_keys) @> key
 WHEN kind = 'matching' THEN jsonb_typeof(key -> 'pairs') = 'object' AND key -> 'pairs' <> '{{}}'::jsonb
 WHEN kind = 'ordering' THEN to_jsonb(option_keys) @> (key -> 'order') AND (key -> 'order') @> to_jsonb(option_keys)
 WHEN kind = 'short' THEN jsonb_typeof(key -> 'accepted') = 'object' AND key -> 'accepted' <> '{{}}'::jsonb
 WHEN kind = 'numeric' THEN jsonb_typeof(key -> 'value') = 'string'
 ELSE jsonb_typeof(key -> 'areas') = 'array' AND key -> 'areas' <> '[]'::jsonb END IS TRUE"""


class Question(Model):
    """One entry of a bank, under one code for ever; what it says stands in its versions."""

    __tablename__ = "question"
    __table_args__ = (
        sa.UniqueConstraint("code"),
        sa.CheckConstraint("code <> '' AND bank <> ''", name="named"),
        sa.CheckConstraint(one_of("use", Use), name="use_known"),
    )

    code: orm.Mapped[text_key]
    bank: orm.Mapped[str] = orm.mapped_column(sa.String(80), index=True)
    use: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=Use.EXAM)
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    created_at: orm.Mapped[utc]

    versions: orm.Mapped[list["QuestionVersion"]] = orm.relationship(
        back_populates="question", order_by="QuestionVersion.version.desc()"
    )


class SharedStem(Model):
    """The case that a series of questions (A3/A4) stands under, by one code for ever."""

    __tablename__ = "shared_stem"
    __table_args__ = (sa.UniqueConstraint("code"), sa.CheckConstraint("code <> ''", name="named"))

    code: orm.Mapped[text_key]
    created_at: orm.Mapped[utc]


class SharedStemVersion(Model):
    """What such a case says, named by the hash of its text; never changed."""

    __tablename__ = "shared_stem_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("shared_stem_id", "version"),
        sa.CheckConstraint("text <> ''", name="text_given"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
    )

    shared_stem_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("shared_stem.id"))
    version: orm.Mapped[int]
    text: orm.Mapped[str]
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    shared_stem: orm.Mapped[SharedStem] = orm.relationship()


class Picture(Model):
    """A picture that questions show, as it was made anew from what somebody sent, under the hash of its bytes.

    It lies in the database and in no folder beside it: it comes and goes with the version that shows it, in the same
    transaction and the same backup. What it shows in words stands in the question.
    """

    __tablename__ = "question_picture"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("digest"),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_is_sha256"),
        sa.CheckConstraint("media_type IN ('image/png', 'image/jpeg')", name="media_type_known"),
        sa.CheckConstraint("octet_length(data) BETWEEN 1 AND 2097152", name="not_too_large"),
        sa.CheckConstraint("width BETWEEN 1 AND 2000 AND height BETWEEN 1 AND 2000", name="of_a_size"),
    )

    digest: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    media_type: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    width: orm.Mapped[int]
    height: orm.Mapped[int]
    data: orm.Mapped[bytes] = orm.mapped_column(deferred=True)
    made_at: orm.Mapped[utc]


class QuestionVersion(Model):
    """What a question says, named by the hash of its content.

    The key and the explanation are not loaded with the row: only a query that asks for them by name
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
        sa.CheckConstraint(
            f"CASE WHEN {_these(WITH_OPTIONS)} THEN cardinality(option_keys) BETWEEN 2 AND 26"
            " ELSE cardinality(option_keys) = 0 END",
            name="two_to_26_options",
        ),
        sa.CheckConstraint("jsonb_array_length(options) = cardinality(option_keys)", name="every_option_has_a_key"),
        sa.CheckConstraint(_KEY_FITS, name="key_fits"),
        sa.CheckConstraint(
            f"CASE WHEN {_these(ONE_RIGHT)} THEN jsonb_array_length(key) = 1 ELSE true END", name="one_right_option"
        ),
        sa.CheckConstraint("(shared_stem_version_id IS NULL) = (series_place IS NULL)", name="a_place_in_every_series"),
        sa.CheckConstraint("stem <> '' AND topic <> ''", name="stem_and_topic_given"),
        sa.CheckConstraint(one_of("origin", Origin), name="origin_known"),
        sa.CheckConstraint("origin <> 'written' OR made_by_id IS NOT NULL", name="written_by_somebody"),
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
    #: what not all have: prompts, a picture's digest with its words (`alt`), units (see `rules.content.Content`)
    body: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB, server_default="{}")
    #: the right options of a choice, or an object whose shape its kind says
    key: orm.Mapped[Any] = orm.mapped_column(pg.JSONB, deferred=True, deferred_raiseload=True)
    explanation: orm.Mapped[str] = orm.mapped_column(deferred=True, deferred_raiseload=True)
    #: {"code", "title", "year", "where"} of the work the answer rests on
    source: orm.Mapped[dict[str, str]] = orm.mapped_column(pg.JSONB)
    passage: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    shared_stem_version_id: orm.Mapped[int | None] = orm.mapped_column(
        sa.ForeignKey("shared_stem_version.id"), index=True
    )
    #: 1, 2, 3 … among the questions under one shared stem
    series_place: orm.Mapped[int | None]
    content_hash: orm.Mapped[bytes]
    origin: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=Origin.PACK)
    #: its author, whose own review does not count; nobody where it came with a pack
    made_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey(Person.id))
    made_at: orm.Mapped[utc]

    question: orm.Mapped[Question] = orm.relationship(back_populates="versions")
    technique: orm.Mapped[Technique] = orm.relationship()
    #: one more statement for a whole list, and none where nothing in it stands in a series
    shared_stem: orm.Mapped[SharedStemVersion | None] = orm.relationship(lazy="selectin")

    @classmethod
    def saying(cls, content: Content, **more: Any) -> "QuestionVersion":
        """A version that says just this, named by its hash; `more` is what is not content."""
        return cls(
            kind=content.kind,
            level=content.level,
            topic=content.topic,
            stem=content.stem,
            options=[{"key": key, "text": text} for key, text in content.options],
            option_keys=list(content.keys),
            body=dict(content.body),
            key=plain_key(content.key),
            explanation=content.explanation,
            passage=content.passage,
            content_hash=content.digest(),
            **more,
        )


class QuestionStatus(Model):
    """Somebody said how far a version has come; the newest word counts, and none is ever taken back."""

    __tablename__ = "question_status"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("status", Status), name="status_known"),
        sa.Index("ix_question_status_newest", "question_version_id", "id"),
    )

    question_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("question_version.id"))
    status: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    note: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey(Person.id))
    at: orm.Mapped[utc]


class QuestionImport(InScope, Model):
    """A file of questions that somebody sent: kept sealed until it is applied, or for a day."""

    __tablename__ = "question_import"
    __table_args__ = (
        sa.CheckConstraint("state IN ('sent', 'checked', 'applied', 'expired')", name="state_known"),
        sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_at_a_time"),
    )

    sent_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey(Person.id), index=True)
    file_name: orm.Mapped[str] = orm.mapped_column(sa.String(100))
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    format: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: what holds for questions that do not say it themselves
    defaults: orm.Mapped[dict[str, str]] = orm.mapped_column(pg.JSONB)
    sha256: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    content: orm.Mapped[bytes | None]
    sent_at: orm.Mapped[utc]
    expires_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True), index=True)
    state: orm.Mapped[str] = orm.mapped_column(sa.String(10), server_default="sent")
    check_job: orm.Mapped[UUID | None]
    apply_job: orm.Mapped[UUID | None]
    #: what it would do, item by item (sealed JSON, packed), by outcome, and as a hash
    plan: orm.Mapped[bytes | None]
    counts: orm.Mapped[dict[str, int] | None] = orm.mapped_column(pg.JSONB)
    plan_hash: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    applied_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """What one sent oneself."""
        return [cls.sent_by_id == person_id]
