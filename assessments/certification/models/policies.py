"""A policy on its way: a draft that officers edit, what it would move, and the two approvals that put it in force."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.certification.models.stars import InLedger, PolicyVersion
from lms.db import InScope, Model, day, one_of, utc


class DraftEnd(StrEnum):
    """Why a draft is edited no more."""

    DISCARDED = "discarded"
    PROPOSED = "proposed"


class PolicyDraft(InScope, Model):
    """The next version of a policy while officers work on it; the place is the top of the tree, whose policy it is."""

    __tablename__ = "policy_draft"
    __table_args__ = (
        sa.CheckConstraint(one_of("ended", DraftEnd), name="end_known"),
        sa.CheckConstraint("revision > 0", name="revision_positive"),
        sa.CheckConstraint("(started_by_id IS NULL) = (pack_hash IS NOT NULL)", name="begun_by_officer_or_pack"),
        sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="ended_at_a_time"),
    )

    base_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_version.id"), index=True)
    #: As the policy will be kept, without code and version; it may be unfinished.
    content: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: Counts the edits, so that two officers do not overwrite each other's unseen.
    revision: orm.Mapped[int] = orm.mapped_column(server_default="1")
    #: Why the policy changes; goes to the officers who approve, and into the ledger.
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(2000), server_default="")
    #: What a content pack brought, by its hash, so that it is brought once; empty where an officer began it.
    pack_hash: orm.Mapped[bytes | None] = orm.mapped_column(unique=True)
    #: Nobody: a content pack brought it.
    started_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    edited_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    started_at: orm.Mapped[utc]
    edited_at: orm.Mapped[utc]
    ended: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    ended_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    base: orm.Mapped[PolicyVersion] = orm.relationship()


class PolicyPreview(InScope, Model):
    """What a draft would do to everybody on the evidence of one day; counted by a job."""

    __tablename__ = "policy_preview"
    __table_args__ = (
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
        sa.CheckConstraint("persons >= 0 AND up >= 0 AND down >= 0", name="counts_not_negative"),
    )

    draft_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_draft.id"), index=True)
    #: The version it is compared with: the one in force that day.
    base_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_version.id"), index=True)
    content: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    on_day: orm.Mapped[day]
    persons: orm.Mapped[int] = orm.mapped_column(server_default="0")
    up: orm.Mapped[int] = orm.mapped_column(server_default="0")
    down: orm.Mapped[int] = orm.mapped_column(server_default="0")
    #: How many go from which star to which: rows of [before, after, persons].
    ways: orm.Mapped[list[list[int]]] = orm.mapped_column(pg.JSONB, server_default=sa.text("'[]'::jsonb"))
    asked_at: orm.Mapped[utc]
    done_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))

    draft: orm.Mapped[PolicyDraft] = orm.relationship()


class PolicyMove(InScope, Model):
    """One person who would hold another star under a draft; counted anew whenever somebody asks.

    It is no row of that person's: what nobody has approved is nobody's star.
    """

    __tablename__ = "policy_move"
    __table_args__ = (
        sa.UniqueConstraint("preview_id", "person_id"),
        sa.CheckConstraint("before BETWEEN 0 AND 5 AND after BETWEEN 0 AND 5", name="stars_between_none_and_five"),
        sa.CheckConstraint("before <> after", name="moves"),
    )

    preview_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_preview.id"))
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    before: orm.Mapped[int]
    after: orm.Mapped[int]


class PolicyProposal(InLedger, InScope, Model):
    """A whole version, word for word, laid before two officers; its hash is what they approve."""

    __tablename__ = "policy_proposal"
    __append_only__ = True
    __database_fills__ = ("proposed_at",)
    __table_args__ = (
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
        sa.CheckConstraint("version > 0", name="version_positive"),
    )

    draft_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_draft.id"), index=True)
    base_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_version.id"), index=True)
    preview_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_preview.id"), index=True)
    code: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    version: orm.Mapped[int]
    valid_from: orm.Mapped[date]
    content: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes] = orm.mapped_column(index=True)
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(2000))
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    proposed_at: orm.Mapped[utc]

    base: orm.Mapped[PolicyVersion] = orm.relationship()
    draft: orm.Mapped[PolicyDraft] = orm.relationship()
    preview: orm.Mapped[PolicyPreview] = orm.relationship()
    approvals: orm.Mapped[list["PolicyApproval"]] = orm.relationship(order_by="PolicyApproval.place", viewonly=True)
    closing: orm.Mapped["PolicyClosing | None"] = orm.relationship(viewonly=True)


class PolicyApproval(InLedger, InScope, Model):
    """One officer's approval of a version's hash; the second, of another officer, puts it into the book."""

    __tablename__ = "policy_approval"
    __append_only__ = True
    __database_fills__ = ("approved_at",)
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "place"),
        sa.UniqueConstraint("proposal_id", "approver_id"),
        sa.CheckConstraint("place IN (1, 2)", name="first_or_second"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
    )

    proposal_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_proposal.id"))
    place: orm.Mapped[int]
    approver_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    content_hash: orm.Mapped[bytes]
    act_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("officer_act.id"), index=True)
    approved_at: orm.Mapped[utc]


class PolicyClosing(InLedger, InScope, Model):
    """That an officer said no to a proposed version, and why; its draft can be taken up again."""

    __tablename__ = "policy_closing"
    __append_only__ = True
    __database_fills__ = ("at",)

    proposal_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("policy_proposal.id"), unique=True)
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(2000))
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]
