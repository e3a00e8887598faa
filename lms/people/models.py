"""Persons, their posts and roles, and how they sign in."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms import ids
from lms.authz import DISJOINT, Role
from lms.db import InScope, Model, Personal, Sealed, day, one_of, utc
from lms.people.rules.accounts import PATTERN
from lms.people.rules.sessions import Ended


class Category(StrEnum):
    """Professional category: what a person is licensed to be."""

    GENERAL_PRACTITIONER = "general_practitioner"
    VILLAGE_DOCTOR = "village_doctor"
    NURSE = "nurse"
    SPECIALIST = "specialist"
    ADMINISTRATOR = "administrator"


class Person(InScope, Model):
    """One person, one account. `institution` is where the main post is."""

    __tablename__ = "person"
    __table_args__ = (
        sa.CheckConstraint(one_of("category", Category), name="category_known"),
        sa.CheckConstraint("name <> ''", name="named"),
        sa.CheckConstraint(f"account ~ '{PATTERN}'", name="account_well_formed"),
    )

    account: orm.Mapped[str] = orm.mapped_column(sa.String(64), unique=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80), index=True)
    sort_key: orm.Mapped[str] = orm.mapped_column(sa.String(200), server_default="", index=True)
    category: orm.Mapped[str] = orm.mapped_column(sa.String(30), index=True)
    identity_number: orm.Mapped[str | None] = orm.mapped_column(Sealed)
    identity_hash: orm.Mapped[bytes | None] = orm.mapped_column(unique=True)
    licence_number: orm.Mapped[str | None] = orm.mapped_column(Sealed)
    licence_hash: orm.Mapped[bytes | None] = orm.mapped_column(unique=True)
    phone: orm.Mapped[str | None] = orm.mapped_column(Sealed)
    email: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
    practising_since: orm.Mapped[date | None]
    password_hash: orm.Mapped[str | None]
    password_changed_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    must_change_password: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    active: orm.Mapped[bool] = orm.mapped_column(server_default=sa.true())
    deactivated_on: orm.Mapped[date | None]
    deactivated_why: orm.Mapped[str | None] = orm.mapped_column(sa.String(200))
    ledger_subject: orm.Mapped[UUID] = orm.mapped_column(default=ids.uuid7, unique=True)
    created_at: orm.Mapped[utc]

    posts: orm.Mapped[list["Post"]] = orm.relationship(back_populates="person")
    roles: orm.Mapped[list["RoleGrant"]] = orm.relationship(back_populates="person", foreign_keys="RoleGrant.person_id")

    @property
    def person_id(self) -> int:
        """So that relations can ask a person the same question as a person's row."""
        return self.id

    @property
    def erased(self) -> bool:
        """Whether only the number of this person is left."""
        return self.account == f"erased-{self.id}"

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Oneself."""
        return [cls.id == person_id]


class Post(InScope, Model):
    """Where a person works, from–until; one main post at a time."""

    __tablename__ = "post"
    __table_args__ = (
        sa.CheckConstraint("ends_on IS NULL OR ends_on > begins_on", name="ends_after_beginning"),
        pg.ExcludeConstraint(
            ("person_id", "="),
            (sa.text("daterange(begins_on, ends_on, '[)')"), "&&"),
            where=sa.text("main"),
            name="one_main_post_at_a_time",
        ),
    )

    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(80), server_default="")
    main: orm.Mapped[bool] = orm.mapped_column(server_default=sa.true())
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date | None]

    person: orm.Mapped[Person] = orm.relationship(back_populates="posts")

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own posts."""
        return [cls.person_id == person_id]


_DISJOINT = ", ".join(f"'{role}'" for role in sorted(DISJOINT))


class RoleGrant(InScope, Model):
    """A role over the subtree of an institution, from–until; what a right comes from."""

    __tablename__ = "role_grant"
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.CheckConstraint(one_of("role", Role), name="role_known"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="ends_after_beginning"),
        pg.ExcludeConstraint(
            ("person_id", "="),
            ("role", "="),
            ("institution_id", "="),
            (sa.text("daterange(begins_on, ends_on, '[)')"), "&&"),
            name="granted_once_at_a_time",
        ),
        # system administrator, certificate officer and auditor exclude one another
        pg.ExcludeConstraint(
            ("person_id", "="),
            ("role", "<>"),
            (sa.text("daterange(begins_on, ends_on, '[)')"), "&&"),
            where=sa.text(f"role IN ({_DISJOINT})"),
            name="watchers_and_watched_are_different_people",
        ),
    )

    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    role: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date | None]
    granted_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))

    person: orm.Mapped[Person] = orm.relationship(back_populates="roles", foreign_keys=[person_id])

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own roles."""
        return [cls.person_id == person_id]


class SignIn(Personal, Model):
    """One browser in which a person is signed in; the browser holds the token, we its hash."""

    __tablename__ = "sign_in"
    __table_args__ = (
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_with_a_reason"),
        sa.CheckConstraint(one_of("ended_why", Ended), name="ended_why_known"),
        sa.CheckConstraint("(challenge IS NULL) = (challenge_until IS NULL)", name="challenge_ends"),
    )

    token_hash: orm.Mapped[bytes] = orm.mapped_column(unique=True)
    created_at: orm.Mapped[utc]
    last_seen_at: orm.Mapped[utc]
    second_factor_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    browser: orm.Mapped[str] = orm.mapped_column(sa.String(60), server_default="")
    network: orm.Mapped[str] = orm.mapped_column(sa.String(50), server_default="")
    challenge: orm.Mapped[bytes | None]
    challenge_until: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    ended_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    ended_why: orm.Mapped[str | None] = orm.mapped_column(sa.String(30))


class CodeGenerator(Personal, Model):
    """The app on a person's phone that makes one-time codes (TOTP); no code works twice."""

    __tablename__ = "code_generator"
    __signer__ = ("SELECT",)
    __table_args__ = (sa.UniqueConstraint("person_id"),)

    secret: orm.Mapped[str] = orm.mapped_column(Sealed)
    created_at: orm.Mapped[utc]
    confirmed_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    last_step: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, server_default="0")


class RecoveryCode(Personal, Model):
    """One way back in for who has lost the phone; each works once."""

    __tablename__ = "recovery_code"
    __table_args__ = (sa.UniqueConstraint("person_id", "code_hash"),)

    code_hash: orm.Mapped[bytes]
    created_at: orm.Mapped[utc]
    used_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))


class Passkey(Personal, Model):
    """A key that a person's device holds and proves without showing it (WebAuthn)."""

    __tablename__ = "passkey"
    __signer__ = ("SELECT",)
    __table_args__ = (sa.CheckConstraint("label <> ''", name="labelled"),)

    credential_id: orm.Mapped[bytes] = orm.mapped_column(unique=True)
    public_key: orm.Mapped[bytes]
    sign_count: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    label: orm.Mapped[str] = orm.mapped_column(sa.String(60))
    created_at: orm.Mapped[utc]
    last_used_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))


class PasswordReset(Personal, Model):
    """A link by which a forgotten password may be replaced, once, for half an hour."""

    __tablename__ = "password_reset"
    __table_args__ = (sa.CheckConstraint("expires_at > created_at", name="expires_later"),)

    token_hash: orm.Mapped[bytes] = orm.mapped_column(unique=True)
    created_at: orm.Mapped[utc]
    expires_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    used_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))


class RosterImport(InScope, Model):
    """A roster somebody sent: kept sealed until it is applied, or for a day."""

    __tablename__ = "roster_import"
    __table_args__ = (
        sa.CheckConstraint("state IN ('sent', 'checked', 'applied', 'expired')", name="state_known"),
        sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_at_a_time"),
    )

    sent_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    file_name: orm.Mapped[str] = orm.mapped_column(sa.String(100))
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    sha256: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    content: orm.Mapped[bytes | None]
    sent_at: orm.Mapped[utc]
    expires_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True), index=True)
    state: orm.Mapped[str] = orm.mapped_column(sa.String(10), server_default="sent")
    check_job: orm.Mapped[UUID | None]
    apply_job: orm.Mapped[UUID | None]
    #: What it would do, row by row (sealed JSON, packed), by outcome, and as a hash.
    plan: orm.Mapped[bytes | None]
    counts: orm.Mapped[dict[str, int] | None] = orm.mapped_column(pg.JSONB)
    ignored: orm.Mapped[list[str]] = orm.mapped_column(pg.JSONB, server_default="[]")
    plan_hash: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    applied_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """What one sent oneself."""
        return [cls.sent_by_id == person_id]


class PersonExport(Personal, Model):
    """Everything that is kept about a person, asked for by them: made by a job, sealed, and gone after a week."""

    __tablename__ = "person_export"
    __table_args__ = (sa.CheckConstraint("expires_at > asked_at", name="expires_later"),)

    asked_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_at: orm.Mapped[utc]
    expires_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True), index=True)
    job: orm.Mapped[UUID | None]
    content: orm.Mapped[bytes | None]
    size: orm.Mapped[int] = orm.mapped_column(server_default="0")
    sha256: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))


class Erasure(Personal, Model):
    """The wish to erase a person: one asks, another confirms, a time is waited, a job does it. It stays afterwards."""

    __tablename__ = "erasure"
    __table_args__ = (
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("asked_by_id <> person_id AND confirmed_by_id <> person_id", name="not_ones_own"),
        sa.CheckConstraint("confirmed_by_id <> asked_by_id", name="the_second_is_not_the_first"),
        sa.CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed_by_somebody"),
        sa.CheckConstraint("(withdrawn_by_id IS NULL) = (withdrawn_at IS NULL)", name="withdrawn_by_somebody"),
        sa.CheckConstraint(
            "done_at IS NULL OR (confirmed_at IS NOT NULL AND withdrawn_at IS NULL)", name="done_as_confirmed"
        ),
        sa.Index("uq_erasure_open", "person_id", unique=True, postgresql_where=sa.text("withdrawn_at IS NULL")),
    )

    asked_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_at: orm.Mapped[utc]
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(500))
    #: The first day on which it is done.
    due_on: orm.Mapped[day]
    confirmed_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    confirmed_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    withdrawn_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    withdrawn_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    done_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    person: orm.Mapped[Person] = orm.relationship(foreign_keys="Erasure.person_id", viewonly=True)
    asked_by: orm.Mapped[Person] = orm.relationship(foreign_keys=[asked_by_id], viewonly=True)
    confirmed_by: orm.Mapped[Person | None] = orm.relationship(foreign_keys=[confirmed_by_id], viewonly=True)

    @property
    def state(self) -> str:
        """Where it stands: asked, waiting, done or withdrawn."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.done_at is not None:
            return "done"
        return "asked" if self.confirmed_at is None else "waiting"
