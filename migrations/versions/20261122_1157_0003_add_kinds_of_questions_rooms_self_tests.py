"""Questions of every kind, papers from blueprints, rooms, late words and regrades; standards; self-tests."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Do it."""
    op.drop_constraint(op.f("ck_paper_version_marking_known"), "paper_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_a_single_choice_has_one_right"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_kind_known"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_right_keys_are_options"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_two_to_26_options"), "question_version", type_="check")
    op.create_table(
        "question_picture",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_question_picture_digest_is_sha256")),
        sa.CheckConstraint(
            "media_type IN ('image/png', 'image/jpeg')", name=op.f("ck_question_picture_media_type_known")
        ),
        sa.CheckConstraint("octet_length(data) BETWEEN 1 AND 2097152", name=op.f("ck_question_picture_not_too_large")),
        sa.CheckConstraint(
            "width BETWEEN 1 AND 2000 AND height BETWEEN 1 AND 2000", name=op.f("ck_question_picture_of_a_size")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_picture")),
        sa.UniqueConstraint("digest", name=op.f("uq_question_picture_digest")),
    )
    op.create_table(
        "shared_stem",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("code <> ''", name=op.f("ck_shared_stem_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_stem")),
        sa.UniqueConstraint("code", name=op.f("uq_shared_stem_code")),
    )
    op.create_table(
        "shared_stem_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shared_stem_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_shared_stem_version_text_given")),
        sa.CheckConstraint(
            "octet_length(content_hash) = 32", name=op.f("ck_shared_stem_version_content_hash_is_sha256")
        ),
        sa.ForeignKeyConstraint(
            ["shared_stem_id"], ["shared_stem.id"], name=op.f("fk_shared_stem_version_shared_stem_id_shared_stem")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_stem_version")),
        sa.UniqueConstraint("shared_stem_id", "version", name=op.f("uq_shared_stem_version_shared_stem_id_version")),
    )
    op.create_table(
        "question_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sent_by_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("defaults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="sent", nullable=False),
        sa.Column("check_job", sa.Uuid(), nullable=True),
        sa.Column("apply_job", sa.Uuid(), nullable=True),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("plan_hash", sa.String(length=64), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_question_import_applied_at_a_time")
        ),
        sa.CheckConstraint(
            "state IN ('sent', 'checked', 'applied', 'expired')", name=op.f("ck_question_import_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_question_import_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_question_import_sent_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_import")),
    )
    op.create_index(op.f("ix_question_import_expires_at"), "question_import", ["expires_at"], unique=False)
    op.create_index(op.f("ix_question_import_institution_id"), "question_import", ["institution_id"], unique=False)
    op.create_index(op.f("ix_question_import_sent_by_id"), "question_import", ["sent_by_id"], unique=False)
    op.create_table(
        "self_test",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic", sa.String(length=80), server_default="", nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_self_test_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_self_test_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_test")),
    )
    op.create_index(op.f("ix_self_test_institution_id"), "self_test", ["institution_id"], unique=False)
    op.create_index(op.f("ix_self_test_person_id"), "self_test", ["person_id"], unique=False)
    op.create_index(op.f("ix_self_test_person_id_begun_at"), "self_test", ["person_id", "begun_at"], unique=False)
    op.create_table(
        "self_test_card",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("stability", sa.Double(), nullable=False),
        sa.Column("difficulty", sa.Double(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("difficulty BETWEEN 1 AND 10", name=op.f("ck_self_test_card_difficulty_of_fsrs")),
        sa.CheckConstraint("due_at > last_at", name=op.f("ck_self_test_card_comes_back_later")),
        sa.CheckConstraint("reviews > 0 AND lapses BETWEEN 0 AND reviews", name=op.f("ck_self_test_card_counts_fit")),
        sa.CheckConstraint("stability > 0", name=op.f("ck_self_test_card_stability_positive")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_self_test_card_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_self_test_card_person_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_self_test_card_question_id_question")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_test_card")),
        sa.UniqueConstraint("person_id", "question_id", name=op.f("uq_self_test_card_person_id_question_id")),
    )
    op.create_index(op.f("ix_self_test_card_institution_id"), "self_test_card", ["institution_id"], unique=False)
    op.create_index(op.f("ix_self_test_card_person_id"), "self_test_card", ["person_id"], unique=False)
    op.create_index(op.f("ix_self_test_card_person_id_due_at"), "self_test_card", ["person_id", "due_at"], unique=False)
    op.create_index(op.f("ix_self_test_card_question_id"), "self_test_card", ["question_id"], unique=False)
    op.create_table(
        "question_status",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("question_version_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=400), server_default="", nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'reviewed', 'ready', 'retired')", name=op.f("ck_question_status_status_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_question_status_by_id_person")),
        sa.ForeignKeyConstraint(
            ["question_version_id"],
            ["question_version.id"],
            name=op.f("fk_question_status_question_version_id_question_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_status")),
    )
    op.create_index("ix_question_status_newest", "question_status", ["question_version_id", "id"], unique=False)
    op.create_table(
        "self_test_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("test_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("why IN ('due', 'weak', 'new', 'ahead')", name=op.f("ck_self_test_item_why_known")),
        sa.CheckConstraint("place BETWEEN 1 AND 10", name=op.f("ck_self_test_item_ten_at_most")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_self_test_item_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_self_test_item_person_id_person")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_self_test_item_question_id_question")),
        sa.ForeignKeyConstraint(["test_id"], ["self_test.id"], name=op.f("fk_self_test_item_test_id_self_test")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["question_version.id"], name=op.f("fk_self_test_item_version_id_question_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_test_item")),
        sa.UniqueConstraint("test_id", "place", name=op.f("uq_self_test_item_test_id_place")),
        sa.UniqueConstraint("test_id", "question_id", name=op.f("uq_self_test_item_test_id_question_id")),
    )
    op.create_index(op.f("ix_self_test_item_institution_id"), "self_test_item", ["institution_id"], unique=False)
    op.create_index(op.f("ix_self_test_item_person_id"), "self_test_item", ["person_id"], unique=False)
    op.create_index(op.f("ix_self_test_item_question_id"), "self_test_item", ["question_id"], unique=False)
    op.create_index(op.f("ix_self_test_item_version_id"), "self_test_item", ["version_id"], unique=False)
    op.create_table(
        "self_test_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("felt", sa.String(length=20), nullable=False),
        sa.Column("rating", sa.String(length=20), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("felt IN ('hard', 'fair', 'easy')", name=op.f("ck_self_test_answer_felt_known")),
        sa.CheckConstraint("jsonb_typeof(answer) = 'array'", name=op.f("ck_self_test_answer_answer_is_a_list")),
        sa.CheckConstraint(
            "rating IN ('again', 'hard', 'good', 'easy')", name=op.f("ck_self_test_answer_rating_known")
        ),
        sa.CheckConstraint(
            "parts > 0 AND earned BETWEEN 0 AND parts", name=op.f("ck_self_test_answer_share_in_bounds")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_self_test_answer_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["self_test_item.id"], name=op.f("fk_self_test_answer_item_id_self_test_item")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_self_test_answer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_self_test_answer_question_id_question")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["question_version.id"], name=op.f("fk_self_test_answer_version_id_question_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_test_answer")),
        sa.UniqueConstraint("item_id", name=op.f("uq_self_test_answer_item_id")),
    )
    op.create_index(op.f("ix_self_test_answer_institution_id"), "self_test_answer", ["institution_id"], unique=False)
    op.create_index(op.f("ix_self_test_answer_person_id"), "self_test_answer", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_self_test_answer_person_id_answered_at"),
        "self_test_answer",
        ["person_id", "answered_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_self_test_answer_person_id_question_id"),
        "self_test_answer",
        ["person_id", "question_id"],
        unique=False,
    )
    op.create_index(op.f("ix_self_test_answer_question_id"), "self_test_answer", ["question_id"], unique=False)
    op.create_index(op.f("ix_self_test_answer_version_id"), "self_test_answer", ["version_id"], unique=False)
    op.create_table(
        "certificate_doubt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("certificate_id", sa.BigInteger(), nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=False),
        sa.Column("star", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("star BETWEEN 0 AND 5", name=op.f("ck_certificate_doubt_star_between_none_and_five")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_doubt_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_certificate_doubt_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_doubt_person_id_person")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_certificate_doubt_result_id_result")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_doubt")),
        sa.UniqueConstraint("certificate_id", "result_id", name=op.f("uq_certificate_doubt_certificate_id_result_id")),
    )
    op.create_index(op.f("ix_certificate_doubt_institution_id"), "certificate_doubt", ["institution_id"], unique=False)
    op.create_index(op.f("ix_certificate_doubt_person_id"), "certificate_doubt", ["person_id"], unique=False)
    op.create_index(op.f("ix_certificate_doubt_result_id"), "certificate_doubt", ["result_id"], unique=False)
    op.create_table(
        "certificate_doubt_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("doubt_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_certificate_doubt_answer_reason_given")),
        sa.CheckConstraint("by_id <> person_id", name=op.f("ck_certificate_doubt_answer_not_ones_own")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_certificate_doubt_answer_by_id_person")),
        sa.ForeignKeyConstraint(
            ["doubt_id"], ["certificate_doubt.id"], name=op.f("fk_certificate_doubt_answer_doubt_id_certificate_doubt")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_certificate_doubt_answer_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_doubt_answer_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_doubt_answer")),
        sa.UniqueConstraint("doubt_id", name=op.f("uq_certificate_doubt_answer_doubt_id")),
    )
    op.create_index(op.f("ix_certificate_doubt_answer_by_id"), "certificate_doubt_answer", ["by_id"], unique=False)
    op.create_index(
        op.f("ix_certificate_doubt_answer_institution_id"), "certificate_doubt_answer", ["institution_id"], unique=False
    )
    op.create_index(
        op.f("ix_certificate_doubt_answer_person_id"), "certificate_doubt_answer", ["person_id"], unique=False
    )
    op.create_table(
        "exam_room",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_exam_room_named")),
        sa.CheckConstraint("seats BETWEEN 1 AND 5000", name=op.f("ck_exam_room_seats_from_1_to_5000")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_room_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_room_institution_id_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_room")),
        sa.UniqueConstraint("exam_id", "name", name=op.f("uq_exam_room_exam_id_name")),
    )
    op.create_index(op.f("ix_exam_room_institution_id"), "exam_room", ["institution_id"], unique=False)
    op.create_table(
        "exam_window",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_exam_window_closes_after_opening")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_window_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_window_institution_id_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_window")),
        sa.UniqueConstraint("exam_id", "opens_at", "closes_at", name=op.f("uq_exam_window_exam_id_opens_at_closes_at")),
    )
    op.create_index(op.f("ix_exam_window_institution_id"), "exam_window", ["institution_id"], unique=False)
    op.create_table(
        "exam_incident",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "what IN ('power', 'network', 'device', 'health', 'conduct', 'other')",
            name=op.f("ck_exam_incident_what_known"),
        ),
        sa.CheckConstraint("words <> ''", name=op.f("ck_exam_incident_words_given")),
        sa.CheckConstraint("minutes BETWEEN 0 AND 600", name=op.f("ck_exam_incident_minutes_from_0_to_600")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_exam_incident_by_id_person")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_incident_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_incident_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["exam_room.id"], name=op.f("fk_exam_incident_room_id_exam_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_incident")),
    )
    op.create_index(op.f("ix_exam_incident_by_id"), "exam_incident", ["by_id"], unique=False)
    op.create_index(op.f("ix_exam_incident_exam_id"), "exam_incident", ["exam_id"], unique=False)
    op.create_index(op.f("ix_exam_incident_institution_id"), "exam_incident", ["institution_id"], unique=False)
    op.create_index(op.f("ix_exam_incident_room_id"), "exam_incident", ["room_id"], unique=False)
    op.create_table(
        "exam_regrade",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("from_run_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("dry_hash", sa.LargeBinary(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "proposed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_exam_regrade_reason_given")),
        sa.CheckConstraint("octet_length(dry_hash) = 32", name=op.f("ck_exam_regrade_dry_hash_is_sha256")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_regrade_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["from_run_id"], ["exam_score_run.id"], name=op.f("fk_exam_regrade_from_run_id_exam_score_run")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_regrade_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["answer_key.id"], name=op.f("fk_exam_regrade_key_id_answer_key")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_exam_regrade_proposed_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_regrade")),
        sa.UniqueConstraint("id", "proposed_by_id", name=op.f("uq_exam_regrade_id_proposed_by_id")),
    )
    op.create_index(op.f("ix_exam_regrade_exam_id"), "exam_regrade", ["exam_id"], unique=False)
    op.create_index(op.f("ix_exam_regrade_from_run_id"), "exam_regrade", ["from_run_id"], unique=False)
    op.create_index(op.f("ix_exam_regrade_institution_id"), "exam_regrade", ["institution_id"], unique=False)
    op.create_index(op.f("ix_exam_regrade_key_id"), "exam_regrade", ["key_id"], unique=False)
    op.create_index(op.f("ix_exam_regrade_proposed_by_id"), "exam_regrade", ["proposed_by_id"], unique=False)
    op.create_table(
        "exam_ruling",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("ruling", sa.String(length=20), nullable=False),
        sa.Column("key", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ruled_by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(ruling <> 'dropped' AND item_id IS NOT NULL) = (key IS NOT NULL)",
            name=op.f("ck_exam_ruling_says_which_key"),
        ),
        sa.CheckConstraint(
            "item_id IS NOT NULL OR ruling = 'stands'", name=op.f("ck_exam_ruling_only_questions_are_corrected")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_exam_ruling_reason_given")),
        sa.CheckConstraint("ruling IN ('stands', 'corrected', 'dropped')", name=op.f("ck_exam_ruling_ruling_known")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_ruling_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_ruling_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["paper_item.id"], name=op.f("fk_exam_ruling_item_id_paper_item")),
        sa.ForeignKeyConstraint(["ruled_by_id"], ["person.id"], name=op.f("fk_exam_ruling_ruled_by_id_person")),
        sa.ForeignKeyConstraint(["run_id"], ["exam_score_run.id"], name=op.f("fk_exam_ruling_run_id_exam_score_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_ruling")),
    )
    op.create_index(op.f("ix_exam_ruling_exam_id_item_id"), "exam_ruling", ["exam_id", "item_id"], unique=False)
    op.create_index(op.f("ix_exam_ruling_institution_id"), "exam_ruling", ["institution_id"], unique=False)
    op.create_index(op.f("ix_exam_ruling_item_id"), "exam_ruling", ["item_id"], unique=False)
    op.create_index(op.f("ix_exam_ruling_ruled_by_id"), "exam_ruling", ["ruled_by_id"], unique=False)
    op.create_index(op.f("ix_exam_ruling_run_id"), "exam_ruling", ["run_id"], unique=False)
    op.create_table(
        "exam_standard",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("paper_version_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cut_percent", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.Column("judge_error", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("standard_error", sa.Numeric(precision=9, scale=3), nullable=True),
        sa.Column("errors", sa.Numeric(precision=4, scale=2), server_default="0", nullable=False),
        sa.Column("pass_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "method IN ('angoff', 'ebel', 'hofstee', 'cohen')", name=op.f("ck_exam_standard_method_known")
        ),
        sa.CheckConstraint(
            "method NOT IN ('hofstee', 'cohen') OR run_id IS NOT NULL", name=op.f("ck_exam_standard_scores_are_known")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_exam_standard_reason_given")),
        sa.CheckConstraint("cut_percent BETWEEN 0 AND 100", name=op.f("ck_exam_standard_cut_is_percent")),
        sa.CheckConstraint("errors = 0 OR standard_error IS NOT NULL", name=op.f("ck_exam_standard_error_is_known")),
        sa.CheckConstraint("errors BETWEEN -3 AND 3", name=op.f("ck_exam_standard_at_most_three_errors")),
        sa.CheckConstraint("pass_percent > 0 AND pass_percent <= 100", name=op.f("ck_exam_standard_pass_is_percent")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_standard_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_standard_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_exam_standard_made_by_id_person")),
        sa.ForeignKeyConstraint(
            ["paper_version_id"], ["paper_version.id"], name=op.f("fk_exam_standard_paper_version_id_paper_version")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["exam_score_run.id"], name=op.f("fk_exam_standard_run_id_exam_score_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_standard")),
        sa.UniqueConstraint("exam_id", "version", name=op.f("uq_exam_standard_exam_id_version")),
    )
    op.create_index(op.f("ix_exam_standard_institution_id"), "exam_standard", ["institution_id"], unique=False)
    op.create_index(op.f("ix_exam_standard_made_by_id"), "exam_standard", ["made_by_id"], unique=False)
    op.create_index(op.f("ix_exam_standard_paper_version_id"), "exam_standard", ["paper_version_id"], unique=False)
    op.create_index(op.f("ix_exam_standard_run_id"), "exam_standard", ["run_id"], unique=False)
    op.create_table(
        "exam_incident_candidate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("candidate_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["exam_candidate.id"], name=op.f("fk_exam_incident_candidate_candidate_id_exam_candidate")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["exam_incident.id"], name=op.f("fk_exam_incident_candidate_incident_id_exam_incident")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_incident_candidate_institution_id_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_incident_candidate")),
        sa.UniqueConstraint(
            "incident_id", "candidate_id", name=op.f("uq_exam_incident_candidate_incident_id_candidate_id")
        ),
    )
    op.create_index(
        op.f("ix_exam_incident_candidate_candidate_id"), "exam_incident_candidate", ["candidate_id"], unique=False
    )
    op.create_index(
        op.f("ix_exam_incident_candidate_institution_id"), "exam_incident_candidate", ["institution_id"], unique=False
    )
    op.create_table(
        "exam_regrade_end",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("ending", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(ending = 'released') = (run_id IS NOT NULL)", name=op.f("ck_exam_regrade_end_released_as_a_run")
        ),
        sa.CheckConstraint(
            "ending <> 'released' OR by_id <> proposed_by_id",
            name=op.f("ck_exam_regrade_end_the_second_is_not_the_first"),
        ),
        sa.CheckConstraint(
            "ending = 'released' OR reason <> ''", name=op.f("ck_exam_regrade_end_withdrawn_with_a_reason")
        ),
        sa.CheckConstraint("ending IN ('released', 'withdrawn')", name=op.f("ck_exam_regrade_end_ending_known")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_exam_regrade_end_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_regrade_end_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["regrade_id", "proposed_by_id"],
            ["exam_regrade.id", "exam_regrade.proposed_by_id"],
            name=op.f("fk_exam_regrade_end_regrade_id_proposed_by_id_exam_regrade"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["exam_score_run.id"], name=op.f("fk_exam_regrade_end_run_id_exam_score_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_regrade_end")),
        sa.UniqueConstraint("regrade_id", name=op.f("uq_exam_regrade_end_regrade_id")),
        sa.UniqueConstraint("run_id", name=op.f("uq_exam_regrade_end_run_id")),
    )
    op.create_index(op.f("ix_exam_regrade_end_by_id"), "exam_regrade_end", ["by_id"], unique=False)
    op.create_index(op.f("ix_exam_regrade_end_institution_id"), "exam_regrade_end", ["institution_id"], unique=False)
    op.create_table(
        "exam_standard_use",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("standard_id", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(seal) = 32", name=op.f("ck_exam_standard_use_seal_is_sha256")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_standard_use_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exam_standard_use_person_id_person")),
        sa.ForeignKeyConstraint(
            ["standard_id"], ["exam_standard.id"], name=op.f("fk_exam_standard_use_standard_id_exam_standard")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_standard_use")),
        sa.UniqueConstraint(
            "standard_id", "seal", "person_id", name=op.f("uq_exam_standard_use_standard_id_seal_person_id")
        ),
    )
    op.create_index(op.f("ix_exam_standard_use_institution_id"), "exam_standard_use", ["institution_id"], unique=False)
    op.create_index(op.f("ix_exam_standard_use_person_id"), "exam_standard_use", ["person_id"], unique=False)
    op.create_table(
        "attempt_pause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_attempt_pause_reason_given")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["exam_attempt.id"], name=op.f("fk_attempt_pause_attempt_id_exam_attempt")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_attempt_pause_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_attempt_pause_institution_id_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_pause")),
    )
    op.create_index(op.f("ix_attempt_pause_attempt_id"), "attempt_pause", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_attempt_pause_by_id"), "attempt_pause", ["by_id"], unique=False)
    op.create_index(op.f("ix_attempt_pause_institution_id"), "attempt_pause", ["institution_id"], unique=False)
    op.create_table(
        "exam_appeal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("exam_id", sa.BigInteger(), nullable=False),
        sa.Column("score_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_exam_appeal_reason_given")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_appeal_exam_id_exam")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_appeal_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exam_appeal_person_id_person")),
        sa.ForeignKeyConstraint(["score_id"], ["exam_score.id"], name=op.f("fk_exam_appeal_score_id_exam_score")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_appeal")),
        sa.UniqueConstraint("score_id", name=op.f("uq_exam_appeal_score_id")),
    )
    op.create_index(op.f("ix_exam_appeal_exam_id"), "exam_appeal", ["exam_id"], unique=False)
    op.create_index(op.f("ix_exam_appeal_institution_id"), "exam_appeal", ["institution_id"], unique=False)
    op.create_index(op.f("ix_exam_appeal_person_id"), "exam_appeal", ["person_id"], unique=False)
    op.create_table(
        "late_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("late_id", sa.Uuid(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_late_decision_reason_given")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_late_decision_decided_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_late_decision_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["late_id"], ["late_event.id"], name=op.f("fk_late_decision_late_id_late_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_decision")),
    )
    op.create_index(op.f("ix_late_decision_decided_by_id"), "late_decision", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_late_decision_institution_id"), "late_decision", ["institution_id"], unique=False)
    op.create_index(op.f("ix_late_decision_late_id"), "late_decision", ["late_id"], unique=False)
    op.create_table(
        "exam_appeal_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("appeal_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("regrade_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome = 'regrade' OR regrade_id IS NULL", name=op.f("ck_exam_appeal_answer_a_regrade_where_it_says_so")
        ),
        sa.CheckConstraint(
            "outcome IN ('regrade', 'resit', 'rejected')", name=op.f("ck_exam_appeal_answer_outcome_known")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_exam_appeal_answer_reason_given")),
        sa.CheckConstraint("by_id <> person_id", name=op.f("ck_exam_appeal_answer_not_ones_own")),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["exam_appeal.id"], name=op.f("fk_exam_appeal_answer_appeal_id_exam_appeal")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_exam_appeal_answer_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_exam_appeal_answer_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exam_appeal_answer_person_id_person")),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["exam_regrade.id"], name=op.f("fk_exam_appeal_answer_regrade_id_exam_regrade")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_appeal_answer")),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_exam_appeal_answer_appeal_id")),
    )
    op.create_index(op.f("ix_exam_appeal_answer_by_id"), "exam_appeal_answer", ["by_id"], unique=False)
    op.create_index(
        op.f("ix_exam_appeal_answer_institution_id"), "exam_appeal_answer", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_exam_appeal_answer_person_id"), "exam_appeal_answer", ["person_id"], unique=False)
    op.create_index(op.f("ix_exam_appeal_answer_regrade_id"), "exam_appeal_answer", ["regrade_id"], unique=False)
    op.add_column(
        "answer_key", sa.Column("dropped", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False)
    )
    op.add_column("exam", sa.Column("feedback", sa.String(length=20), server_default="topics", nullable=False))
    op.add_column("exam", sa.Column("appeal_days", sa.Integer(), server_default="7", nullable=False))
    op.add_column(
        "exam", sa.Column("expected_low", sa.Numeric(precision=5, scale=2), server_default="30", nullable=False)
    )
    op.add_column(
        "exam", sa.Column("expected_high", sa.Numeric(precision=5, scale=2), server_default="95", nullable=False)
    )
    op.add_column("exam", sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("exam_attempt", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("exam_attempt", "started_at", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=True)
    op.alter_column("exam_attempt", "deadline", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=True)
    op.add_column("exam_candidate", sa.Column("window_id", sa.BigInteger(), nullable=True))
    op.add_column("exam_candidate", sa.Column("room_id", sa.BigInteger(), nullable=True))
    op.add_column("exam_candidate", sa.Column("seat", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_exam_candidate_room_id"), "exam_candidate", ["room_id"], unique=False)
    op.create_index(op.f("ix_exam_candidate_window_id"), "exam_candidate", ["window_id"], unique=False)
    op.create_index(
        "uq_exam_candidate_seat",
        "exam_candidate",
        ["room_id", "window_id", "seat"],
        unique=True,
        postgresql_where=sa.text("seat IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_foreign_key(
        op.f("fk_exam_candidate_room_id_exam_room"), "exam_candidate", "exam_room", ["room_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_exam_candidate_window_id_exam_window"), "exam_candidate", "exam_window", ["window_id"], ["id"]
    )
    op.add_column("paper_item", sa.Column("cell", sa.Integer(), nullable=True))
    op.add_column(
        "paper_version",
        sa.Column("blueprint", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column(
        "paper_version", sa.Column("forms", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column("question", sa.Column("use", sa.String(length=20), server_default="exam", nullable=False))
    op.add_column(
        "question_version",
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("question_version", sa.Column("key", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.execute("UPDATE question_version SET key = to_jsonb(right_keys)")
    op.alter_column("question_version", "key", nullable=False)
    op.add_column("question_version", sa.Column("shared_stem_version_id", sa.BigInteger(), nullable=True))
    op.add_column("question_version", sa.Column("series_place", sa.Integer(), nullable=True))
    op.add_column("question_version", sa.Column("origin", sa.String(length=20), server_default="pack", nullable=False))
    op.add_column("question_version", sa.Column("made_by_id", sa.BigInteger(), nullable=True))
    op.create_index(
        op.f("ix_question_version_shared_stem_version_id"), "question_version", ["shared_stem_version_id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_question_version_made_by_id_person"), "question_version", "person", ["made_by_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_question_version_shared_stem_version_id_shared_stem_version"),
        "question_version",
        "shared_stem_version",
        ["shared_stem_version_id"],
        ["id"],
    )
    op.drop_column("question_version", "right_keys")
    op.create_check_constraint(op.f("ck_exam_appeal_days_from_0_to_365"), "exam", "appeal_days BETWEEN 0 AND 365")
    op.create_check_constraint(
        op.f("ck_exam_expected"), "exam", "0 <= expected_low AND expected_low < expected_high AND expected_high <= 100"
    )
    op.create_check_constraint(op.f("ck_exam_feedback_known"), "exam", "feedback IN ('nothing', 'topics', 'items')")
    op.create_check_constraint(
        op.f("ck_exam_attempt_deadline_with_start"), "exam_attempt", "(started_at IS NULL) = (deadline IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_exam_attempt_paused_after_start"), "exam_attempt", "paused_at IS NULL OR paused_at >= started_at"
    )
    op.create_check_constraint(
        op.f("ck_exam_candidate_seat_in_a_room"), "exam_candidate", "seat IS NULL OR (seat > 0 AND room_id IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_paper_version_marking_known"), "paper_version", "multiple IN ('exact', 'partial', 'less_wrong')"
    )
    op.create_check_constraint(op.f("ck_question_use_known"), "question", "use IN ('exam', 'practice')")
    op.create_check_constraint(
        op.f("ck_question_version_a_place_in_every_series"),
        "question_version",
        "(shared_stem_version_id IS NULL) = (series_place IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_question_version_key_fits"),
        "question_version",
        "CASE\n WHEN kind IN ('multiple', 'single', 'true_false') THEN\n  jsonb_typeof(key) = 'array' AND key <> '[]'::jsonb AND to_jsonb(option_keys) @> key\n WHEN kind = 'matching' THEN jsonb_typeof(key -> 'pairs') = 'object' AND key -> 'pairs' <> '{}'::jsonb\n WHEN kind = 'ordering' THEN to_jsonb(option_keys) @> (key -> 'order') AND (key -> 'order') @> to_jsonb(option_keys)\n WHEN kind = 'short' THEN jsonb_typeof(key -> 'accepted') = 'object' AND key -> 'accepted' <> '{}'::jsonb\n WHEN kind = 'numeric' THEN jsonb_typeof(key -> 'value') = 'string'\n ELSE jsonb_typeof(key -> 'areas') = 'array' AND key -> 'areas' <> '[]'::jsonb END IS TRUE",
    )
    op.create_check_constraint(
        op.f("ck_question_version_kind_known"),
        "question_version",
        "kind IN ('single', 'multiple', 'true_false', 'matching', 'short', 'numeric', 'ordering', 'hotspot')",
    )
    op.create_check_constraint(
        op.f("ck_question_version_one_right_option"),
        "question_version",
        "CASE WHEN kind IN ('single', 'true_false') THEN jsonb_array_length(key) = 1 ELSE true END",
    )
    op.create_check_constraint(
        op.f("ck_question_version_origin_known"), "question_version", "origin IN ('pack', 'written', 'imported')"
    )
    op.create_check_constraint(
        op.f("ck_question_version_two_to_26_options"),
        "question_version",
        "CASE WHEN kind IN ('matching', 'multiple', 'ordering', 'single', 'true_false') THEN cardinality(option_keys) BETWEEN 2 AND 26 ELSE cardinality(option_keys) = 0 END",
    )
    op.create_check_constraint(
        op.f("ck_question_version_written_by_somebody"),
        "question_version",
        "origin <> 'written' OR made_by_id IS NOT NULL",
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_constraint(op.f("ck_exam_appeal_days_from_0_to_365"), "exam", type_="check")
    op.drop_constraint(op.f("ck_exam_expected"), "exam", type_="check")
    op.drop_constraint(op.f("ck_exam_feedback_known"), "exam", type_="check")
    op.drop_constraint(op.f("ck_exam_attempt_deadline_with_start"), "exam_attempt", type_="check")
    op.drop_constraint(op.f("ck_exam_attempt_paused_after_start"), "exam_attempt", type_="check")
    op.drop_constraint(op.f("ck_exam_candidate_seat_in_a_room"), "exam_candidate", type_="check")
    op.drop_constraint(op.f("ck_paper_version_marking_known"), "paper_version", type_="check")
    op.drop_constraint(op.f("ck_question_use_known"), "question", type_="check")
    op.drop_constraint(op.f("ck_question_version_a_place_in_every_series"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_key_fits"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_kind_known"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_one_right_option"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_origin_known"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_two_to_26_options"), "question_version", type_="check")
    op.drop_constraint(op.f("ck_question_version_written_by_somebody"), "question_version", type_="check")
    # the keys of kinds that the older release does not know have no place in it
    op.add_column(
        "question_version", sa.Column("right_keys", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False)
    )
    op.execute(
        "UPDATE question_version SET right_keys = ARRAY (SELECT jsonb_array_elements_text(key))"
        " WHERE jsonb_typeof(key) = 'array'"
    )
    op.alter_column("question_version", "right_keys", server_default=None)
    op.drop_constraint(
        op.f("fk_question_version_shared_stem_version_id_shared_stem_version"), "question_version", type_="foreignkey"
    )
    op.drop_constraint(op.f("fk_question_version_made_by_id_person"), "question_version", type_="foreignkey")
    op.drop_index(op.f("ix_question_version_shared_stem_version_id"), table_name="question_version")
    op.drop_column("question_version", "made_by_id")
    op.drop_column("question_version", "origin")
    op.drop_column("question_version", "series_place")
    op.drop_column("question_version", "shared_stem_version_id")
    op.drop_column("question_version", "key")
    op.drop_column("question_version", "body")
    op.drop_column("question", "use")
    op.drop_column("paper_version", "forms")
    op.drop_column("paper_version", "blueprint")
    op.drop_column("paper_item", "cell")
    op.drop_constraint(op.f("fk_exam_candidate_window_id_exam_window"), "exam_candidate", type_="foreignkey")
    op.drop_constraint(op.f("fk_exam_candidate_room_id_exam_room"), "exam_candidate", type_="foreignkey")
    op.drop_index(
        "uq_exam_candidate_seat",
        table_name="exam_candidate",
        postgresql_where=sa.text("seat IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(op.f("ix_exam_candidate_window_id"), table_name="exam_candidate")
    op.drop_index(op.f("ix_exam_candidate_room_id"), table_name="exam_candidate")
    op.drop_column("exam_candidate", "seat")
    op.drop_column("exam_candidate", "room_id")
    op.drop_column("exam_candidate", "window_id")
    # an attempt that waits for its candidate holds nothing that anybody did
    op.execute("DELETE FROM exam_attempt WHERE started_at IS NULL")
    op.alter_column("exam_attempt", "deadline", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=False)
    op.alter_column("exam_attempt", "started_at", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=False)
    op.drop_column("exam_attempt", "paused_at")
    op.drop_column("exam", "prepared_at")
    op.drop_column("exam", "expected_high")
    op.drop_column("exam", "expected_low")
    op.drop_column("exam", "appeal_days")
    op.drop_column("exam", "feedback")
    op.drop_column("answer_key", "dropped")
    op.drop_index(op.f("ix_exam_appeal_answer_regrade_id"), table_name="exam_appeal_answer")
    op.drop_index(op.f("ix_exam_appeal_answer_person_id"), table_name="exam_appeal_answer")
    op.drop_index(op.f("ix_exam_appeal_answer_institution_id"), table_name="exam_appeal_answer")
    op.drop_index(op.f("ix_exam_appeal_answer_by_id"), table_name="exam_appeal_answer")
    op.drop_table("exam_appeal_answer")
    op.drop_index(op.f("ix_late_decision_late_id"), table_name="late_decision")
    op.drop_index(op.f("ix_late_decision_institution_id"), table_name="late_decision")
    op.drop_index(op.f("ix_late_decision_decided_by_id"), table_name="late_decision")
    op.drop_table("late_decision")
    op.drop_index(op.f("ix_exam_appeal_person_id"), table_name="exam_appeal")
    op.drop_index(op.f("ix_exam_appeal_institution_id"), table_name="exam_appeal")
    op.drop_index(op.f("ix_exam_appeal_exam_id"), table_name="exam_appeal")
    op.drop_table("exam_appeal")
    op.drop_index(op.f("ix_attempt_pause_institution_id"), table_name="attempt_pause")
    op.drop_index(op.f("ix_attempt_pause_by_id"), table_name="attempt_pause")
    op.drop_index(op.f("ix_attempt_pause_attempt_id"), table_name="attempt_pause")
    op.drop_table("attempt_pause")
    op.drop_index(op.f("ix_exam_standard_use_person_id"), table_name="exam_standard_use")
    op.drop_index(op.f("ix_exam_standard_use_institution_id"), table_name="exam_standard_use")
    op.drop_table("exam_standard_use")
    op.drop_index(op.f("ix_exam_regrade_end_institution_id"), table_name="exam_regrade_end")
    op.drop_index(op.f("ix_exam_regrade_end_by_id"), table_name="exam_regrade_end")
    op.drop_table("exam_regrade_end")
    op.drop_index(op.f("ix_exam_incident_candidate_institution_id"), table_name="exam_incident_candidate")
    op.drop_index(op.f("ix_exam_incident_candidate_candidate_id"), table_name="exam_incident_candidate")
    op.drop_table("exam_incident_candidate")
    op.drop_index(op.f("ix_exam_standard_run_id"), table_name="exam_standard")
    op.drop_index(op.f("ix_exam_standard_paper_version_id"), table_name="exam_standard")
    op.drop_index(op.f("ix_exam_standard_made_by_id"), table_name="exam_standard")
    op.drop_index(op.f("ix_exam_standard_institution_id"), table_name="exam_standard")
    op.drop_table("exam_standard")
    op.drop_index(op.f("ix_exam_ruling_run_id"), table_name="exam_ruling")
    op.drop_index(op.f("ix_exam_ruling_ruled_by_id"), table_name="exam_ruling")
    op.drop_index(op.f("ix_exam_ruling_item_id"), table_name="exam_ruling")
    op.drop_index(op.f("ix_exam_ruling_institution_id"), table_name="exam_ruling")
    op.drop_index(op.f("ix_exam_ruling_exam_id_item_id"), table_name="exam_ruling")
    op.drop_table("exam_ruling")
    op.drop_index(op.f("ix_exam_regrade_proposed_by_id"), table_name="exam_regrade")
    op.drop_index(op.f("ix_exam_regrade_key_id"), table_name="exam_regrade")
    op.drop_index(op.f("ix_exam_regrade_institution_id"), table_name="exam_regrade")
    op.drop_index(op.f("ix_exam_regrade_from_run_id"), table_name="exam_regrade")
    op.drop_index(op.f("ix_exam_regrade_exam_id"), table_name="exam_regrade")
    op.drop_table("exam_regrade")
    op.drop_index(op.f("ix_exam_incident_room_id"), table_name="exam_incident")
    op.drop_index(op.f("ix_exam_incident_institution_id"), table_name="exam_incident")
    op.drop_index(op.f("ix_exam_incident_exam_id"), table_name="exam_incident")
    op.drop_index(op.f("ix_exam_incident_by_id"), table_name="exam_incident")
    op.drop_table("exam_incident")
    op.drop_index(op.f("ix_exam_window_institution_id"), table_name="exam_window")
    op.drop_table("exam_window")
    op.drop_index(op.f("ix_exam_room_institution_id"), table_name="exam_room")
    op.drop_table("exam_room")
    op.drop_index(op.f("ix_certificate_doubt_answer_person_id"), table_name="certificate_doubt_answer")
    op.drop_index(op.f("ix_certificate_doubt_answer_institution_id"), table_name="certificate_doubt_answer")
    op.drop_index(op.f("ix_certificate_doubt_answer_by_id"), table_name="certificate_doubt_answer")
    op.drop_table("certificate_doubt_answer")
    op.drop_index(op.f("ix_certificate_doubt_result_id"), table_name="certificate_doubt")
    op.drop_index(op.f("ix_certificate_doubt_person_id"), table_name="certificate_doubt")
    op.drop_index(op.f("ix_certificate_doubt_institution_id"), table_name="certificate_doubt")
    op.drop_table("certificate_doubt")
    op.drop_index(op.f("ix_self_test_answer_version_id"), table_name="self_test_answer")
    op.drop_index(op.f("ix_self_test_answer_question_id"), table_name="self_test_answer")
    op.drop_index(op.f("ix_self_test_answer_person_id_question_id"), table_name="self_test_answer")
    op.drop_index(op.f("ix_self_test_answer_person_id_answered_at"), table_name="self_test_answer")
    op.drop_index(op.f("ix_self_test_answer_person_id"), table_name="self_test_answer")
    op.drop_index(op.f("ix_self_test_answer_institution_id"), table_name="self_test_answer")
    op.drop_table("self_test_answer")
    op.drop_index(op.f("ix_self_test_item_version_id"), table_name="self_test_item")
    op.drop_index(op.f("ix_self_test_item_question_id"), table_name="self_test_item")
    op.drop_index(op.f("ix_self_test_item_person_id"), table_name="self_test_item")
    op.drop_index(op.f("ix_self_test_item_institution_id"), table_name="self_test_item")
    op.drop_table("self_test_item")
    op.drop_index("ix_question_status_newest", table_name="question_status")
    op.drop_table("question_status")
    op.drop_index(op.f("ix_self_test_card_question_id"), table_name="self_test_card")
    op.drop_index(op.f("ix_self_test_card_person_id_due_at"), table_name="self_test_card")
    op.drop_index(op.f("ix_self_test_card_person_id"), table_name="self_test_card")
    op.drop_index(op.f("ix_self_test_card_institution_id"), table_name="self_test_card")
    op.drop_table("self_test_card")
    op.drop_index(op.f("ix_self_test_person_id_begun_at"), table_name="self_test")
    op.drop_index(op.f("ix_self_test_person_id"), table_name="self_test")
    op.drop_index(op.f("ix_self_test_institution_id"), table_name="self_test")
    op.drop_table("self_test")
    op.drop_index(op.f("ix_question_import_sent_by_id"), table_name="question_import")
    op.drop_index(op.f("ix_question_import_institution_id"), table_name="question_import")
    op.drop_index(op.f("ix_question_import_expires_at"), table_name="question_import")
    op.drop_table("question_import")
    op.drop_table("shared_stem_version")
    op.drop_table("shared_stem")
    op.drop_table("question_picture")
    # rows that only the newer rules allow stay: the older ones are asked of new rows alone
    op.create_check_constraint(
        op.f("ck_paper_version_marking_known"),
        "paper_version",
        "(((multiple)::text = ANY ((ARRAY['exact'::character varying, 'partial'::character varying])::text[])))",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("ck_question_version_a_single_choice_has_one_right"),
        "question_version",
        "((((kind)::text <> 'single'::text) OR (cardinality(right_keys) = 1)))",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("ck_question_version_kind_known"),
        "question_version",
        "(((kind)::text = ANY ((ARRAY['single'::character varying, 'multiple'::character varying])::text[])))",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("ck_question_version_right_keys_are_options"),
        "question_version",
        "(((cardinality(right_keys) >= 1) AND (right_keys <@ option_keys)))",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("ck_question_version_two_to_26_options"),
        "question_version",
        "(((cardinality(option_keys) >= 2) AND (cardinality(option_keys) <= 26)))",
        postgresql_not_valid=True,
    )
