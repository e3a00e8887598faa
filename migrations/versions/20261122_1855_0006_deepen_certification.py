"""Certification in depth: policies drafted and approved, renewals, suspensions, credentials, heads signed, notifications."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Do it."""
    op.create_table(
        "follows_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("octet_length(content_hash) = 32", name=op.f("ck_follows_policy_content_hash_is_sha256")),
        sa.CheckConstraint("version > 0", name=op.f("ck_follows_policy_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows_policy")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_follows_policy_code_version")),
    )
    op.create_table(
        "ledger_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed_table", sa.String(length=63), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(root) = 32", name=op.f("ck_ledger_batch_root_is_a_hash")),
        sa.CheckConstraint("rows > 0", name=op.f("ck_ledger_batch_rows_positive")),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entry.index"], name=op.f("fk_ledger_batch_ledger_index_ledger_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_batch")),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_ledger_batch_ledger_index")),
    )
    op.create_index(op.f("ix_ledger_batch_sealed_table_last"), "ledger_batch", ["sealed_table", "last"], unique=False)
    op.create_table(
        "ledger_head_signature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("key_id ~ '^[0-9a-f]{16}$'", name=op.f("ck_ledger_head_signature_key_named")),
        sa.CheckConstraint("octet_length(signature) = 64", name=op.f("ck_ledger_head_signature_signature_is_ed25519")),
        sa.ForeignKeyConstraint(["size"], ["ledger_head.size"], name=op.f("fk_ledger_head_signature_size_ledger_head")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_head_signature")),
    )
    op.create_table(
        "result_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opening", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entry.index"], name=op.f("fk_result_batch_ledger_index_ledger_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_batch")),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_result_batch_ledger_index")),
    )
    op.create_index(
        "uq_result_batch_opening", "result_batch", ["opening"], unique=True, postgresql_where=sa.text("opening")
    )
    op.create_table(
        "status_list",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("bits_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('revocation', 'suspension', 'refresh')", name=op.f("ck_status_list_purpose_known")
        ),
        sa.CheckConstraint("number >= 0", name=op.f("ck_status_list_number_from_zero")),
        sa.CheckConstraint("octet_length(bits_hash) = 32", name=op.f("ck_status_list_bits_hash_is_sha256")),
        sa.ForeignKeyConstraint(["key_id"], ["signer_key.key_id"], name=op.f("fk_status_list_key_id_signer_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_list")),
    )
    op.create_index(op.f("ix_status_list_key_id"), "status_list", ["key_id"], unique=False)
    op.create_index(op.f("ix_status_list_number_purpose_id"), "status_list", ["number", "purpose", "id"], unique=False)
    op.create_table(
        "erasure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_erasure_reason_given")),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_erasure_confirmed_by_somebody")
        ),
        sa.CheckConstraint(
            "(withdrawn_by_id IS NULL) = (withdrawn_at IS NULL)", name=op.f("ck_erasure_withdrawn_by_somebody")
        ),
        sa.CheckConstraint(
            "asked_by_id <> person_id AND confirmed_by_id <> person_id", name=op.f("ck_erasure_not_ones_own")
        ),
        sa.CheckConstraint("confirmed_by_id <> asked_by_id", name=op.f("ck_erasure_the_second_is_not_the_first")),
        sa.CheckConstraint(
            "done_at IS NULL OR (confirmed_at IS NOT NULL AND withdrawn_at IS NULL)",
            name=op.f("ck_erasure_done_as_confirmed"),
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_erasure_asked_by_id_person")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_erasure_confirmed_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_erasure_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id_person")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_erasure_withdrawn_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_asked_by_id"), "erasure", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_erasure_confirmed_by_id"), "erasure", ["confirmed_by_id"], unique=False)
    op.create_index(op.f("ix_erasure_institution_id"), "erasure", ["institution_id"], unique=False)
    op.create_index(op.f("ix_erasure_person_id"), "erasure", ["person_id"], unique=False)
    op.create_index(op.f("ix_erasure_withdrawn_by_id"), "erasure", ["withdrawn_by_id"], unique=False)
    op.create_index(
        "uq_erasure_open", "erasure", ["person_id"], unique=True, postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.create_table(
        "ledger_row",
        sa.Column("sealed_table", sa.String(length=63), nullable=False),
        sa.Column("row_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_ledger_row_digest_is_a_hash")),
        sa.CheckConstraint("octet_length(salt) = 32", name=op.f("ck_ledger_row_salt_is_long")),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["ledger_batch.id"],
            name=op.f("fk_ledger_row_batch_id_ledger_batch"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("sealed_table", "row_id", name=op.f("pk_ledger_row")),
    )
    op.create_index(op.f("ix_ledger_row_batch_id"), "ledger_row", ["batch_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("matter", sa.String(length=120), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(facts) = 'object'", name=op.f("ck_notification_facts_are_named")),
        sa.CheckConstraint("matter <> ''", name=op.f("ck_notification_about_something")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_notification_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("person_id", "kind", "matter", name=op.f("uq_notification_person_id_kind_matter")),
    )
    op.create_index(op.f("ix_notification_institution_id"), "notification", ["institution_id"], unique=False)
    op.create_index(op.f("ix_notification_person_id"), "notification", ["person_id"], unique=False)
    op.create_index(op.f("ix_notification_person_id_id"), "notification", ["person_id", "id"], unique=False)
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "notification_choice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('mail', 'sms')", name=op.f("ck_notification_choice_channel_known")),
        sa.CheckConstraint("how IN ('now', 'daily', 'off')", name=op.f("ck_notification_choice_how_known")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_notification_choice_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_choice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_choice")),
        sa.UniqueConstraint("person_id", "kind", "channel", name=op.f("uq_notification_choice_person_id_kind_channel")),
    )
    op.create_index(
        op.f("ix_notification_choice_institution_id"), "notification_choice", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_notification_choice_person_id"), "notification_choice", ["person_id"], unique=False)
    op.create_table(
        "notification_preference",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("digest_at", sa.Time(), nullable=False),
        sa.Column("language", sa.String(length=20), server_default="zh_Hans_CN", nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("language IN ('zh_Hans_CN', 'en')", name=op.f("ck_notification_preference_language_known")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_notification_preference_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_preference_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_preference")),
        sa.UniqueConstraint("person_id", name=op.f("uq_notification_preference_person_id")),
    )
    op.create_index(
        op.f("ix_notification_preference_institution_id"), "notification_preference", ["institution_id"], unique=False
    )
    op.create_index(
        op.f("ix_notification_preference_person_id"), "notification_preference", ["person_id"], unique=False
    )
    op.create_table(
        "person_export",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job", sa.Uuid(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("expires_at > asked_at", name=op.f("ck_person_export_expires_later")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_person_export_asked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_person_export_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_export_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_export")),
    )
    op.create_index(op.f("ix_person_export_asked_by_id"), "person_export", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_person_export_expires_at"), "person_export", ["expires_at"], unique=False)
    op.create_index(op.f("ix_person_export_institution_id"), "person_export", ["institution_id"], unique=False)
    op.create_index(op.f("ix_person_export_person_id"), "person_export", ["person_id"], unique=False)
    op.create_table(
        "policy_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("base_id", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("reason", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("pack_hash", sa.LargeBinary(), nullable=True),
        sa.Column("started_by_id", sa.BigInteger(), nullable=True),
        sa.Column("edited_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("edited_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ended", sa.String(length=20), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ended IN ('discarded', 'proposed')", name=op.f("ck_policy_draft_end_known")),
        sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name=op.f("ck_policy_draft_ended_at_a_time")),
        sa.CheckConstraint(
            "(started_by_id IS NULL) = (pack_hash IS NOT NULL)", name=op.f("ck_policy_draft_begun_by_officer_or_pack")
        ),
        sa.CheckConstraint("revision > 0", name=op.f("ck_policy_draft_revision_positive")),
        sa.ForeignKeyConstraint(
            ["base_id"], ["policy_version.id"], name=op.f("fk_policy_draft_base_id_policy_version")
        ),
        sa.ForeignKeyConstraint(["edited_by_id"], ["person.id"], name=op.f("fk_policy_draft_edited_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_policy_draft_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_policy_draft_started_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_draft")),
        sa.UniqueConstraint("pack_hash", name=op.f("uq_policy_draft_pack_hash")),
    )
    op.create_index(op.f("ix_policy_draft_base_id"), "policy_draft", ["base_id"], unique=False)
    op.create_index(op.f("ix_policy_draft_edited_by_id"), "policy_draft", ["edited_by_id"], unique=False)
    op.create_index(op.f("ix_policy_draft_institution_id"), "policy_draft", ["institution_id"], unique=False)
    op.create_index(op.f("ix_policy_draft_started_by_id"), "policy_draft", ["started_by_id"], unique=False)
    op.create_table(
        "subsidy_month",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("yuan", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("settled_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "settled_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("extract(day from month) = 1", name=op.f("ck_subsidy_month_month_begins")),
        sa.CheckConstraint("octet_length(content_hash) = 32", name=op.f("ck_subsidy_month_content_hash_is_sha256")),
        sa.CheckConstraint("persons >= 0 AND yuan >= 0", name=op.f("ck_subsidy_month_not_negative")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_subsidy_month_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["follows_policy.id"], name=op.f("fk_subsidy_month_policy_id_follows_policy")
        ),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name=op.f("fk_subsidy_month_settled_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_month")),
        sa.UniqueConstraint("institution_id", "month", name=op.f("uq_subsidy_month_institution_id_month")),
    )
    op.create_index(op.f("ix_subsidy_month_institution_id"), "subsidy_month", ["institution_id"], unique=False)
    op.create_table(
        "notification_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notification_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="waiting", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("letter", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(length=120), server_default="", nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'sending') = (claimed_at IS NOT NULL)",
            name=op.f("ck_notification_delivery_claimed_while_sending"),
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notification_delivery_sent_at_a_time")
        ),
        sa.CheckConstraint("channel IN ('mail', 'sms')", name=op.f("ck_notification_delivery_channel_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'unclear', 'dropped')",
            name=op.f("ck_notification_delivery_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('failed', 'unclear', 'dropped') OR why <> ''", name=op.f("ck_notification_delivery_says_why")
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_notification_delivery_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_notification_delivery_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_notification_delivery_notification_id_notification")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_delivery_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_delivery")),
        sa.UniqueConstraint(
            "notification_id", "channel", name=op.f("uq_notification_delivery_notification_id_channel")
        ),
    )
    op.create_index(
        op.f("ix_notification_delivery_institution_id"), "notification_delivery", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_notification_delivery_letter"), "notification_delivery", ["letter"], unique=False)
    op.create_index(op.f("ix_notification_delivery_person_id"), "notification_delivery", ["person_id"], unique=False)
    op.create_index(
        "ix_notification_delivery_sending",
        "notification_delivery",
        ["claimed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_notification_delivery_waiting",
        "notification_delivery",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "policy_preview",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("base_id", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("persons", sa.Integer(), server_default="0", nullable=False),
        sa.Column("up", sa.Integer(), server_default="0", nullable=False),
        sa.Column("down", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "ways", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(content_hash) = 32", name=op.f("ck_policy_preview_content_hash_is_sha256")),
        sa.CheckConstraint(
            "persons >= 0 AND up >= 0 AND down >= 0", name=op.f("ck_policy_preview_counts_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["base_id"], ["policy_version.id"], name=op.f("fk_policy_preview_base_id_policy_version")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_preview_draft_id_policy_draft")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_policy_preview_institution_id_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_preview")),
    )
    op.create_index(op.f("ix_policy_preview_base_id"), "policy_preview", ["base_id"], unique=False)
    op.create_index(op.f("ix_policy_preview_draft_id"), "policy_preview", ["draft_id"], unique=False)
    op.create_index(op.f("ix_policy_preview_institution_id"), "policy_preview", ["institution_id"], unique=False)
    op.create_table(
        "second_look",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("by_id <> person_id", name=op.f("ck_second_look_not_ones_own")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_second_look_by_id_person")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["star_decision.id"], name=op.f("fk_second_look_decision_id_star_decision")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_second_look_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entry.index"], name=op.f("fk_second_look_ledger_index_ledger_entry")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_look_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_second_look_decision_id")),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_second_look_ledger_index")),
    )
    op.create_index(op.f("ix_second_look_by_id"), "second_look", ["by_id"], unique=False)
    op.create_index(op.f("ix_second_look_institution_id"), "second_look", ["institution_id"], unique=False)
    op.create_index(op.f("ix_second_look_person_id"), "second_look", ["person_id"], unique=False)
    op.create_table(
        "policy_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("preview_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("before <> after", name=op.f("ck_policy_move_moves")),
        sa.CheckConstraint(
            "before BETWEEN 0 AND 5 AND after BETWEEN 0 AND 5", name=op.f("ck_policy_move_stars_between_none_and_five")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_policy_move_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_policy_move_person_id_person")),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["policy_preview.id"], name=op.f("fk_policy_move_preview_id_policy_preview")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_move")),
        sa.UniqueConstraint("preview_id", "person_id", name=op.f("uq_policy_move_preview_id_person_id")),
    )
    op.create_index(op.f("ix_policy_move_institution_id"), "policy_move", ["institution_id"], unique=False)
    op.create_index(op.f("ix_policy_move_person_id"), "policy_move", ["person_id"], unique=False)
    op.create_table(
        "policy_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("base_id", sa.BigInteger(), nullable=False),
        sa.Column("preview_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "proposed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(content_hash) = 32", name=op.f("ck_policy_proposal_content_hash_is_sha256")),
        sa.CheckConstraint("version > 0", name=op.f("ck_policy_proposal_version_positive")),
        sa.ForeignKeyConstraint(
            ["base_id"], ["policy_version.id"], name=op.f("fk_policy_proposal_base_id_policy_version")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_policy_proposal_by_id_person")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_proposal_draft_id_policy_draft")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_policy_proposal_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entry.index"], name=op.f("fk_policy_proposal_ledger_index_ledger_entry")
        ),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["policy_preview.id"], name=op.f("fk_policy_proposal_preview_id_policy_preview")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_proposal")),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_policy_proposal_ledger_index")),
    )
    op.create_index(op.f("ix_policy_proposal_base_id"), "policy_proposal", ["base_id"], unique=False)
    op.create_index(op.f("ix_policy_proposal_by_id"), "policy_proposal", ["by_id"], unique=False)
    op.create_index(op.f("ix_policy_proposal_content_hash"), "policy_proposal", ["content_hash"], unique=False)
    op.create_index(op.f("ix_policy_proposal_draft_id"), "policy_proposal", ["draft_id"], unique=False)
    op.create_index(op.f("ix_policy_proposal_institution_id"), "policy_proposal", ["institution_id"], unique=False)
    op.create_index(op.f("ix_policy_proposal_preview_id"), "policy_proposal", ["preview_id"], unique=False)
    op.create_table(
        "policy_approval",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("approver_id", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("act_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "approved_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(content_hash) = 32", name=op.f("ck_policy_approval_content_hash_is_sha256")),
        sa.CheckConstraint("place IN (1, 2)", name=op.f("ck_policy_approval_first_or_second")),
        sa.ForeignKeyConstraint(["act_id"], ["officer_act.id"], name=op.f("fk_policy_approval_act_id_officer_act")),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name=op.f("fk_policy_approval_approver_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_policy_approval_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entry.index"], name=op.f("fk_policy_approval_ledger_index_ledger_entry")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["policy_proposal.id"], name=op.f("fk_policy_approval_proposal_id_policy_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_approval")),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_policy_approval_ledger_index")),
        sa.UniqueConstraint("proposal_id", "approver_id", name=op.f("uq_policy_approval_proposal_id_approver_id")),
        sa.UniqueConstraint("proposal_id", "place", name=op.f("uq_policy_approval_proposal_id_place")),
    )
    op.create_index(op.f("ix_policy_approval_act_id"), "policy_approval", ["act_id"], unique=False)
    op.create_index(op.f("ix_policy_approval_approver_id"), "policy_approval", ["approver_id"], unique=False)
    op.create_index(op.f("ix_policy_approval_institution_id"), "policy_approval", ["institution_id"], unique=False)
    op.create_table(
        "policy_closing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_policy_closing_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_policy_closing_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entry.index"], name=op.f("fk_policy_closing_ledger_index_ledger_entry")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["policy_proposal.id"], name=op.f("fk_policy_closing_proposal_id_policy_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_closing")),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_policy_closing_ledger_index")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_policy_closing_proposal_id")),
    )
    op.create_index(op.f("ix_policy_closing_by_id"), "policy_closing", ["by_id"], unique=False)
    op.create_index(op.f("ix_policy_closing_institution_id"), "policy_closing", ["institution_id"], unique=False)
    op.create_table(
        "subsidy_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subsidy_month_id", sa.BigInteger(), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=False),
        sa.Column("star", sa.Integer(), nullable=False),
        sa.Column("yuan", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("star BETWEEN 1 AND 5", name=op.f("ck_subsidy_line_star_between_one_and_five")),
        sa.CheckConstraint("yuan > 0", name=op.f("ck_subsidy_line_something_is_paid")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_subsidy_line_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_subsidy_line_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_subsidy_line_person_id_person")),
        sa.ForeignKeyConstraint(
            ["subsidy_month_id"], ["subsidy_month.id"], name=op.f("fk_subsidy_line_subsidy_month_id_subsidy_month")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_line")),
        sa.UniqueConstraint("subsidy_month_id", "person_id", name=op.f("uq_subsidy_line_subsidy_month_id_person_id")),
    )
    op.create_index(op.f("ix_subsidy_line_certificate_id"), "subsidy_line", ["certificate_id"], unique=False)
    op.create_index(op.f("ix_subsidy_line_institution_id"), "subsidy_line", ["institution_id"], unique=False)
    op.create_index(op.f("ix_subsidy_line_person_id"), "subsidy_line", ["person_id"], unique=False)
    op.create_table(
        "suspension_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=30), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'suspended') = (category IS NOT NULL)", name=op.f("ck_suspension_request_suspended_for_a_reason")
        ),
        sa.CheckConstraint(
            "category IN ('under_investigation', 'evidence_doubted', 'licence_suspended', 'own_wish')",
            name=op.f("ck_suspension_request_category_known"),
        ),
        sa.CheckConstraint("kind IN ('suspended', 'resumed')", name=op.f("ck_suspension_request_kind_known")),
        sa.CheckConstraint("by_id <> person_id", name=op.f("ck_suspension_request_not_ones_own")),
        sa.ForeignKeyConstraint(["act_id"], ["officer_act.id"], name=op.f("fk_suspension_request_act_id_officer_act")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_suspension_request_by_id_person")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_suspension_request_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_suspension_request_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entry.index"], name=op.f("fk_suspension_request_ledger_index_ledger_entry")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_suspension_request_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension_request")),
        sa.UniqueConstraint("id", "by_id", name=op.f("uq_suspension_request_id_by_id")),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_suspension_request_ledger_index")),
    )
    op.create_index(op.f("ix_suspension_request_by_id"), "suspension_request", ["by_id"], unique=False)
    op.create_index(
        op.f("ix_suspension_request_certificate_id"), "suspension_request", ["certificate_id"], unique=False
    )
    op.create_index(
        op.f("ix_suspension_request_institution_id"), "suspension_request", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_suspension_request_person_id"), "suspension_request", ["person_id"], unique=False)
    op.create_table(
        "certificate_credential",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_credential_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["signer_key.key_id"], name=op.f("fk_certificate_credential_key_id_signer_key")
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["certificate_period.id"],
            name=op.f("fk_certificate_credential_period_id_certificate_period"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_credential")),
        sa.UniqueConstraint(
            "certificate_id", "period_id", name=op.f("uq_certificate_credential_certificate_id_period_id")
        ),
        sa.UniqueConstraint("period_id", name=op.f("uq_certificate_credential_period_id")),
    )
    op.create_index(op.f("ix_certificate_credential_key_id"), "certificate_credential", ["key_id"], unique=False)
    op.create_table(
        "certificate_reminder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('due', 'ending', 'expired', 'closing')", name=op.f("ck_certificate_reminder_stage_known")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_certificate_reminder_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["period_id"], ["certificate_period.id"], name=op.f("fk_certificate_reminder_period_id_certificate_period")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_reminder_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_reminder")),
        sa.UniqueConstraint("period_id", "stage", "days", name=op.f("uq_certificate_reminder_period_id_stage_days")),
    )
    op.create_index(
        op.f("ix_certificate_reminder_institution_id"), "certificate_reminder", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_certificate_reminder_person_id"), "certificate_reminder", ["person_id"], unique=False)
    op.create_table(
        "period_signature",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("period_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("card_signature", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "octet_length(card_signature) = 64", name=op.f("ck_period_signature_card_signature_is_ed25519")
        ),
        sa.CheckConstraint("octet_length(signature) = 64", name=op.f("ck_period_signature_signature_is_ed25519")),
        sa.ForeignKeyConstraint(["key_id"], ["signer_key.key_id"], name=op.f("fk_period_signature_key_id_signer_key")),
        sa.ForeignKeyConstraint(
            ["period_id"], ["certificate_period.id"], name=op.f("fk_period_signature_period_id_certificate_period")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_signature")),
        sa.UniqueConstraint("period_id", name=op.f("uq_period_signature_period_id")),
    )
    op.create_index(op.f("ix_period_signature_key_id"), "period_signature", ["key_id"], unique=False)
    op.create_table(
        "suspension_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("act_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("by_id <> person_id", name=op.f("ck_suspension_answer_not_ones_own")),
        sa.CheckConstraint("by_id <> requested_by_id", name=op.f("ck_suspension_answer_the_second_is_not_the_first")),
        sa.ForeignKeyConstraint(["act_id"], ["officer_act.id"], name=op.f("fk_suspension_answer_act_id_officer_act")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_suspension_answer_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_suspension_answer_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entry.index"], name=op.f("fk_suspension_answer_ledger_index_ledger_entry")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_suspension_answer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["request_id", "requested_by_id"],
            ["suspension_request.id", "suspension_request.by_id"],
            name=op.f("fk_suspension_answer_request_id_requested_by_id_suspension_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension_answer")),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_suspension_answer_ledger_index")),
        sa.UniqueConstraint("request_id", name=op.f("uq_suspension_answer_request_id")),
    )
    op.create_index(op.f("ix_suspension_answer_by_id"), "suspension_answer", ["by_id"], unique=False)
    op.create_index(op.f("ix_suspension_answer_institution_id"), "suspension_answer", ["institution_id"], unique=False)
    op.create_index(op.f("ix_suspension_answer_person_id"), "suspension_answer", ["person_id"], unique=False)
    op.add_column("certificate_period", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("certificate_period", sa.Column("renewable_until", sa.Date(), nullable=True))
    op.add_column("certificate_period", sa.Column("proposal_id", sa.BigInteger(), nullable=True))
    op.add_column("certificate_period", sa.Column("ledger_index", sa.BigInteger(), nullable=True))
    op.add_column("certificate_period", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    # what the default policy says of periods that end: three months before and after
    op.execute(
        "UPDATE certificate_period SET due_on = greatest(begins_on, ends_on - 90), renewable_until = ends_on + 90"
        " WHERE ends_on IS NOT NULL"
    )
    op.create_index(op.f("ix_certificate_period_due_on"), "certificate_period", ["due_on"], unique=False)
    op.create_unique_constraint(op.f("uq_certificate_period_ledger_index"), "certificate_period", ["ledger_index"])
    op.create_unique_constraint(op.f("uq_certificate_period_proposal_id"), "certificate_period", ["proposal_id"])
    op.create_foreign_key(
        op.f("fk_certificate_period_ledger_index_ledger_entry"),
        "certificate_period",
        "ledger_entry",
        ["ledger_index"],
        ["index"],
    )
    op.create_foreign_key(
        op.f("fk_certificate_period_proposal_id_certificate_proposal"),
        "certificate_period",
        "certificate_proposal",
        ["proposal_id"],
        ["id"],
    )
    op.add_column("certificate_proposal", sa.Column("after_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "certificate_proposal", sa.Column("renewal", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.drop_constraint(op.f("uq_certificate_proposal_decision_id"), "certificate_proposal", type_="unique")
    op.create_index(op.f("ix_certificate_proposal_after_id"), "certificate_proposal", ["after_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_certificate_proposal_decision_id_after_id"),
        "certificate_proposal",
        ["decision_id", "after_id"],
        postgresql_nulls_not_distinct=True,
    )
    op.create_foreign_key(
        "fk_certificate_proposal_after_id_certificate",
        "certificate_proposal",
        "certificate",
        ["after_id"],
        ["id"],
        use_alter=True,
    )
    op.add_column("certificate_signature", sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("officer_act", sa.Column("nonce", sa.LargeBinary(), nullable=True))
    op.add_column("officer_act", sa.Column("assertion", sa.LargeBinary(), nullable=True))
    op.add_column("officer_act", sa.Column("public_key", sa.LargeBinary(), nullable=True))
    op.alter_column("officer_act", "code", existing_type=postgresql.BYTEA(), nullable=True)
    op.alter_column("officer_act", "step", existing_type=sa.BIGINT(), nullable=True)
    op.create_unique_constraint(op.f("uq_officer_act_nonce"), "officer_act", ["nonce"])
    op.add_column("result", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_result_batch_id"), "result", ["batch_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_result_batch_id_result_batch"),
        "result",
        "result_batch",
        ["batch_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.add_column(
        "star_decision", sa.Column("certainty", sa.Numeric(precision=5, scale=4), server_default="1", nullable=False)
    )
    op.add_column(
        "star_decision", sa.Column("borderline", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_index(
        "ix_star_decision_borderline",
        "star_decision",
        ["institution_id"],
        unique=False,
        postgresql_where=sa.text("borderline"),
    )
    op.create_check_constraint(
        op.f("ck_certificate_period_due_within"),
        "certificate_period",
        "due_on IS NULL OR due_on BETWEEN begins_on AND ends_on",
    )
    op.create_check_constraint(
        op.f("ck_certificate_period_later_ones_in_the_ledger"),
        "certificate_period",
        "(proposal_id IS NULL) = (ledger_index IS NULL) AND (proposal_id IS NULL) = (sealed IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_certificate_period_renewable_after_the_end"),
        "certificate_period",
        "renewable_until IS NULL OR renewable_until >= ends_on",
    )
    op.create_check_constraint(
        op.f("ck_certificate_proposal_renewal_of_one"), "certificate_proposal", "NOT renewal OR after_id IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_certificate_signature_version_known"), "certificate_signature", "version IN (1, 2)"
    )
    op.create_check_constraint(
        op.f("ck_officer_act_by_code_or_passkey"), "officer_act", "(code IS NULL) <> (assertion IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_officer_act_code_with_its_step"), "officer_act", "(code IS NULL) = (step IS NULL)"
    )
    op.create_check_constraint(op.f("ck_officer_act_nonce_is_256_bits"), "officer_act", "octet_length(nonce) = 32")
    op.create_check_constraint(
        op.f("ck_officer_act_passkey_with_its_question"),
        "officer_act",
        "(assertion IS NULL) = (nonce IS NULL) AND (assertion IS NULL) = (public_key IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_star_decision_certainty_is_a_share"), "star_decision", "certainty BETWEEN 0 AND 1"
    )


def downgrade() -> None:
    """Undo it."""
    # the older release cannot hold these, and what officers decided is not thrown away
    for kept in ("officer_act WHERE code IS NULL", "certificate_proposal WHERE after_id IS NOT NULL"):
        if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {kept}")):
            raise RuntimeError(f"there are rows that only this release understands: {kept}")
    op.drop_constraint(op.f("ck_certificate_period_due_within"), "certificate_period", type_="check")
    op.drop_constraint(op.f("ck_certificate_period_later_ones_in_the_ledger"), "certificate_period", type_="check")
    op.drop_constraint(op.f("ck_certificate_period_renewable_after_the_end"), "certificate_period", type_="check")
    op.drop_constraint(op.f("ck_certificate_proposal_renewal_of_one"), "certificate_proposal", type_="check")
    op.drop_constraint(op.f("ck_certificate_signature_version_known"), "certificate_signature", type_="check")
    op.drop_constraint(op.f("ck_officer_act_by_code_or_passkey"), "officer_act", type_="check")
    op.drop_constraint(op.f("ck_officer_act_code_with_its_step"), "officer_act", type_="check")
    op.drop_constraint(op.f("ck_officer_act_nonce_is_256_bits"), "officer_act", type_="check")
    op.drop_constraint(op.f("ck_officer_act_passkey_with_its_question"), "officer_act", type_="check")
    op.drop_constraint(op.f("ck_star_decision_certainty_is_a_share"), "star_decision", type_="check")
    op.drop_index("ix_star_decision_borderline", table_name="star_decision", postgresql_where=sa.text("borderline"))
    op.drop_column("star_decision", "borderline")
    op.drop_column("star_decision", "certainty")
    op.drop_constraint(op.f("fk_result_batch_id_result_batch"), "result", type_="foreignkey")
    op.drop_index(op.f("ix_result_batch_id"), table_name="result")
    op.drop_column("result", "batch_id")
    op.drop_constraint(op.f("uq_officer_act_nonce"), "officer_act", type_="unique")
    op.alter_column("officer_act", "step", existing_type=sa.BIGINT(), nullable=False)
    op.alter_column("officer_act", "code", existing_type=postgresql.BYTEA(), nullable=False)
    op.drop_column("officer_act", "public_key")
    op.drop_column("officer_act", "assertion")
    op.drop_column("officer_act", "nonce")
    op.drop_column("certificate_signature", "version")
    op.drop_constraint("fk_certificate_proposal_after_id_certificate", "certificate_proposal", type_="foreignkey")
    op.drop_constraint(op.f("uq_certificate_proposal_decision_id_after_id"), "certificate_proposal", type_="unique")
    op.drop_index(op.f("ix_certificate_proposal_after_id"), table_name="certificate_proposal")
    op.create_unique_constraint(
        op.f("uq_certificate_proposal_decision_id"),
        "certificate_proposal",
        ["decision_id"],
        postgresql_nulls_not_distinct=False,
    )
    op.drop_column("certificate_proposal", "renewal")
    op.drop_column("certificate_proposal", "after_id")
    op.drop_constraint(
        op.f("fk_certificate_period_proposal_id_certificate_proposal"), "certificate_period", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_certificate_period_ledger_index_ledger_entry"), "certificate_period", type_="foreignkey"
    )
    op.drop_constraint(op.f("uq_certificate_period_proposal_id"), "certificate_period", type_="unique")
    op.drop_constraint(op.f("uq_certificate_period_ledger_index"), "certificate_period", type_="unique")
    op.drop_index(op.f("ix_certificate_period_due_on"), table_name="certificate_period")
    op.drop_column("certificate_period", "sealed")
    op.drop_column("certificate_period", "ledger_index")
    op.drop_column("certificate_period", "proposal_id")
    op.drop_column("certificate_period", "renewable_until")
    op.drop_column("certificate_period", "due_on")
    op.drop_index(op.f("ix_suspension_answer_person_id"), table_name="suspension_answer")
    op.drop_index(op.f("ix_suspension_answer_institution_id"), table_name="suspension_answer")
    op.drop_index(op.f("ix_suspension_answer_by_id"), table_name="suspension_answer")
    op.drop_table("suspension_answer")
    op.drop_index(op.f("ix_period_signature_key_id"), table_name="period_signature")
    op.drop_table("period_signature")
    op.drop_index(op.f("ix_certificate_reminder_person_id"), table_name="certificate_reminder")
    op.drop_index(op.f("ix_certificate_reminder_institution_id"), table_name="certificate_reminder")
    op.drop_table("certificate_reminder")
    op.drop_index(op.f("ix_certificate_credential_key_id"), table_name="certificate_credential")
    op.drop_table("certificate_credential")
    op.drop_index(op.f("ix_suspension_request_person_id"), table_name="suspension_request")
    op.drop_index(op.f("ix_suspension_request_institution_id"), table_name="suspension_request")
    op.drop_index(op.f("ix_suspension_request_certificate_id"), table_name="suspension_request")
    op.drop_index(op.f("ix_suspension_request_by_id"), table_name="suspension_request")
    op.drop_table("suspension_request")
    op.drop_index(op.f("ix_subsidy_line_person_id"), table_name="subsidy_line")
    op.drop_index(op.f("ix_subsidy_line_institution_id"), table_name="subsidy_line")
    op.drop_index(op.f("ix_subsidy_line_certificate_id"), table_name="subsidy_line")
    op.drop_table("subsidy_line")
    op.drop_index(op.f("ix_policy_closing_institution_id"), table_name="policy_closing")
    op.drop_index(op.f("ix_policy_closing_by_id"), table_name="policy_closing")
    op.drop_table("policy_closing")
    op.drop_index(op.f("ix_policy_approval_institution_id"), table_name="policy_approval")
    op.drop_index(op.f("ix_policy_approval_approver_id"), table_name="policy_approval")
    op.drop_index(op.f("ix_policy_approval_act_id"), table_name="policy_approval")
    op.drop_table("policy_approval")
    op.drop_index(op.f("ix_policy_proposal_preview_id"), table_name="policy_proposal")
    op.drop_index(op.f("ix_policy_proposal_institution_id"), table_name="policy_proposal")
    op.drop_index(op.f("ix_policy_proposal_draft_id"), table_name="policy_proposal")
    op.drop_index(op.f("ix_policy_proposal_content_hash"), table_name="policy_proposal")
    op.drop_index(op.f("ix_policy_proposal_by_id"), table_name="policy_proposal")
    op.drop_index(op.f("ix_policy_proposal_base_id"), table_name="policy_proposal")
    op.drop_table("policy_proposal")
    op.drop_index(op.f("ix_policy_move_person_id"), table_name="policy_move")
    op.drop_index(op.f("ix_policy_move_institution_id"), table_name="policy_move")
    op.drop_table("policy_move")
    op.drop_index(op.f("ix_second_look_person_id"), table_name="second_look")
    op.drop_index(op.f("ix_second_look_institution_id"), table_name="second_look")
    op.drop_index(op.f("ix_second_look_by_id"), table_name="second_look")
    op.drop_table("second_look")
    op.drop_index(op.f("ix_policy_preview_institution_id"), table_name="policy_preview")
    op.drop_index(op.f("ix_policy_preview_draft_id"), table_name="policy_preview")
    op.drop_index(op.f("ix_policy_preview_base_id"), table_name="policy_preview")
    op.drop_table("policy_preview")
    op.drop_index(
        "ix_notification_delivery_waiting",
        table_name="notification_delivery",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "ix_notification_delivery_sending",
        table_name="notification_delivery",
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.drop_index(op.f("ix_notification_delivery_person_id"), table_name="notification_delivery")
    op.drop_index(op.f("ix_notification_delivery_letter"), table_name="notification_delivery")
    op.drop_index(op.f("ix_notification_delivery_institution_id"), table_name="notification_delivery")
    op.drop_table("notification_delivery")
    op.drop_index(op.f("ix_subsidy_month_institution_id"), table_name="subsidy_month")
    op.drop_table("subsidy_month")
    op.drop_index(op.f("ix_policy_draft_started_by_id"), table_name="policy_draft")
    op.drop_index(op.f("ix_policy_draft_institution_id"), table_name="policy_draft")
    op.drop_index(op.f("ix_policy_draft_edited_by_id"), table_name="policy_draft")
    op.drop_index(op.f("ix_policy_draft_base_id"), table_name="policy_draft")
    op.drop_table("policy_draft")
    op.drop_index(op.f("ix_person_export_person_id"), table_name="person_export")
    op.drop_index(op.f("ix_person_export_institution_id"), table_name="person_export")
    op.drop_index(op.f("ix_person_export_expires_at"), table_name="person_export")
    op.drop_index(op.f("ix_person_export_asked_by_id"), table_name="person_export")
    op.drop_table("person_export")
    op.drop_index(op.f("ix_notification_preference_person_id"), table_name="notification_preference")
    op.drop_index(op.f("ix_notification_preference_institution_id"), table_name="notification_preference")
    op.drop_table("notification_preference")
    op.drop_index(op.f("ix_notification_choice_person_id"), table_name="notification_choice")
    op.drop_index(op.f("ix_notification_choice_institution_id"), table_name="notification_choice")
    op.drop_table("notification_choice")
    op.drop_index("ix_notification_unread", table_name="notification", postgresql_where=sa.text("read_at IS NULL"))
    op.drop_index(op.f("ix_notification_person_id_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_person_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_institution_id"), table_name="notification")
    op.drop_table("notification")
    op.drop_index(op.f("ix_ledger_row_batch_id"), table_name="ledger_row")
    op.drop_table("ledger_row")
    op.drop_index("uq_erasure_open", table_name="erasure", postgresql_where=sa.text("withdrawn_at IS NULL"))
    op.drop_index(op.f("ix_erasure_withdrawn_by_id"), table_name="erasure")
    op.drop_index(op.f("ix_erasure_person_id"), table_name="erasure")
    op.drop_index(op.f("ix_erasure_institution_id"), table_name="erasure")
    op.drop_index(op.f("ix_erasure_confirmed_by_id"), table_name="erasure")
    op.drop_index(op.f("ix_erasure_asked_by_id"), table_name="erasure")
    op.drop_table("erasure")
    op.drop_index(op.f("ix_status_list_number_purpose_id"), table_name="status_list")
    op.drop_index(op.f("ix_status_list_key_id"), table_name="status_list")
    op.drop_table("status_list")
    op.drop_index("uq_result_batch_opening", table_name="result_batch", postgresql_where=sa.text("opening"))
    op.drop_table("result_batch")
    op.drop_table("ledger_head_signature")
    op.drop_index(op.f("ix_ledger_batch_sealed_table_last"), table_name="ledger_batch")
    op.drop_table("ledger_batch")
    op.drop_table("follows_policy")
    # rows that only the newer rules allow stay: the older ones are asked of new rows alone
