"""Questions on lessons and their answers: as they read now, every version of them, and what others did about them.

A question stands at a lesson of a course under the lesson's code, whatever the version: a new version keeps the talk.
A whole talk belongs to the institution of whoever asked, so that one side answers for it. It is read by all
(`Entry.within_reach`); versions, reports and rulings only by the writer and by those who look after the talk.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import Course
from courses.discussion.rules import Ruling, Why, WrittenAs
from lms import clock
from lms.authz import Role
from lms.db import Model, Personal, one_of, utc
from lms.institutions.models import Institution
from lms.people.models import RoleGrant


def looked_after_by(institution_id: Any, person_id: int) -> sa.ColumnElement[bool]:
    """The institution lies where a person is course editor today; made of tables, so that the fence may use it."""
    grant, today = RoleGrant.__table__.c, clock.today()
    root, here = Institution.__table__.alias("root").c, Institution.__table__.alias("here").c
    return sa.exists().where(
        grant.person_id == person_id,
        grant.role == Role.COURSE_EDITOR,
        grant.begins_on <= today,
        sa.or_(grant.ends_on.is_(None), grant.ends_on > today),
        root.id == grant.institution_id,
        here.id == institution_id,
        root.path.bool_op("@>")(here.path),
    )


class Entry(Personal, Model):
    """A question, or an answer to one, as it reads now; `person` wrote it."""

    __tablename__ = "discussion_entry"
    __table_args__ = (
        sa.UniqueConstraint("id", "question_id"),
        sa.ForeignKeyConstraint(
            ["accepted_id", "id"],
            ["discussion_entry.id", "discussion_entry.question_id"],
            name="fk_discussion_entry_accepted_answers_this_question",
        ),
        sa.CheckConstraint(one_of("written_as", WrittenAs), name="written_as_known"),
        sa.CheckConstraint("(question_id IS NULL) = (title <> '')", name="questions_have_titles"),
        sa.CheckConstraint("question_id IS NULL OR body <> ''", name="answers_say_something"),
        sa.CheckConstraint("question_id IS NULL OR accepted_id IS NULL", name="only_questions_accept"),
        sa.CheckConstraint("useful >= 0 AND answers >= 0 AND number > 0", name="counts_not_negative"),
        sa.Index(None, "course_id", "lesson_code", postgresql_where=sa.text("question_id IS NULL")),
        sa.Index(
            "ix_discussion_entry_waiting",
            "created_at",
            postgresql_where=sa.text("question_id IS NULL AND answers = 0 AND hidden_at IS NULL"),
        ),
    )

    course_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("course.id"), index=True)
    lesson_code: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    #: of an answer: what it answers
    question_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("discussion_entry.id"), index=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(80), server_default="")
    body: orm.Mapped[str]
    #: of its version
    number: orm.Mapped[int] = orm.mapped_column(server_default="1")
    written_as: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: how many found it useful; counted anew with each who says so
    useful: orm.Mapped[int] = orm.mapped_column(server_default="0")
    #: of a question: how many answers are shown, which one helped, when it was said that it waits
    answers: orm.Mapped[int] = orm.mapped_column(server_default="0")
    accepted_id: orm.Mapped[int | None]
    reminded_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    hidden_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    created_at: orm.Mapped[utc]
    edited_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    course: orm.Mapped[Course] = orm.relationship(viewonly=True)

    @property
    def hidden(self) -> bool:
        """Whether only its writer and those who look after the talk read it."""
        return self.hidden_at is not None

    @property
    def thread_id(self) -> int:
        """The question whose page it stands on."""
        return self.question_id or self.id

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """What is shown is read by everybody, of whatever county, as lessons are; hidden words by who wrote them."""
        return [cls.hidden_at.is_(None), cls.person_id == person_id, looked_after_by(cls.institution_id, person_id)]


class _Watched(Personal):
    """A row about somebody's words; besides them, those who look after the talk read it."""

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own, and those of talks that one looks after."""
        return [*super().within_reach(person_id), looked_after_by(cls.institution_id, person_id)]


class EntryVersion(_Watched, Model):
    """One state of an entry, as it was written."""

    __tablename__ = "discussion_version"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "number"),
        sa.CheckConstraint("number > 0", name="number_from_one"),
    )

    entry_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("discussion_entry.id"))
    number: orm.Mapped[int]
    title: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    body: orm.Mapped[str]
    at: orm.Mapped[utc]


class EntryFollow(Personal, Model):
    """That somebody is told of answers to a question."""

    __tablename__ = "discussion_follow"
    __table_args__ = (sa.UniqueConstraint("question_id", "person_id"),)

    question_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("discussion_entry.id"))
    at: orm.Mapped[utc]


class EntryUseful(Personal, Model):
    """That somebody found an entry useful."""

    __tablename__ = "discussion_useful"
    __table_args__ = (sa.UniqueConstraint("entry_id", "person_id"),)

    entry_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("discussion_entry.id"))
    at: orm.Mapped[utc]


class EntryReport(_Watched, Model):
    """That somebody (`person`) thinks an entry should not stand there; open until a ruling that is newer."""

    __tablename__ = "discussion_report"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint(one_of("why", Why), name="why_known"),)

    entry_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("discussion_entry.id"), index=True)
    why: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    note: orm.Mapped[str] = orm.mapped_column(server_default="")
    at: orm.Mapped[utc]

    entry: orm.Mapped[Entry] = orm.relationship(viewonly=True)


class EntryRuling(_Watched, Model):
    """What was decided about an entry of `person`, by whom, and why; the newest one counts."""

    __tablename__ = "discussion_ruling"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("ruling", Ruling), name="ruling_known"),
        sa.CheckConstraint("reason <> ''", name="says_why"),
    )

    entry_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("discussion_entry.id"), index=True)
    ruling: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    reason: orm.Mapped[str]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    at: orm.Mapped[utc]
