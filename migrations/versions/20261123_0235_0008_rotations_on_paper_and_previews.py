"""Rotations kept on paper, what a version of a curriculum would come to, uploads in the media store."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Do it."""
    op.drop_constraint(op.f("ck_rotation_state_known"), "rotation", type_="check")
    op.create_table(
        "curriculum_version_preview",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), server_default="0", nullable=False),
        sa.Column("begun", sa.Integer(), server_default="0", nullable=False),
        sa.Column("excepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("begun_excepted", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "excepted >= begun_excepted AND begun_excepted >= 0",
            name=op.f("ck_curriculum_version_preview_parts_of_the_excepted"),
        ),
        sa.CheckConstraint(
            "people >= begun AND begun >= begun_excepted",
            name=op.f("ck_curriculum_version_preview_parts_of_the_people"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_curriculum_version_preview_by_id_person")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["curriculum_version.id"],
            name=op.f("fk_curriculum_version_preview_version_id_curriculum_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_version_preview")),
    )
    op.create_index(op.f("ix_curriculum_version_preview_by_id"), "curriculum_version_preview", ["by_id"], unique=False)
    op.create_index(
        op.f("ix_curriculum_version_preview_version_id"), "curriculum_version_preview", ["version_id"], unique=False
    )
    op.create_table(
        "curriculum_preview_exception",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("preview_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("reopened", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("past_due", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "cardinality(reopened) + cardinality(past_due) > 0",
            name=op.f("ck_curriculum_preview_exception_there_is_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_curriculum_preview_exception_institution_id_institution"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_curriculum_preview_exception_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["preview_id"],
            ["curriculum_version_preview.id"],
            name=op.f("fk_curriculum_preview_exception_preview_id_curriculum_version_preview"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_preview_exception")),
        sa.UniqueConstraint(
            "preview_id", "person_id", name=op.f("uq_curriculum_preview_exception_preview_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_curriculum_preview_exception_institution_id"),
        "curriculum_preview_exception",
        ["institution_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_curriculum_preview_exception_person_id"), "curriculum_preview_exception", ["person_id"], unique=False
    )
    # What was half sent is sent anew: its pieces lie in the media store from now on, and no longer in the database.
    op.execute("DELETE FROM upload")
    op.drop_table("upload_part")
    op.add_column(
        "curriculum_draft",
        sa.Column("sources", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column("rotation", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rotation", sa.Column("confirmed_by_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_rotation_confirmed_by_id"), "rotation", ["confirmed_by_id"], unique=False)
    op.create_foreign_key(op.f("fk_rotation_confirmed_by_id_person"), "rotation", "person", ["confirmed_by_id"], ["id"])
    op.alter_column("upload", "draft_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_check_constraint(
        op.f("ck_rotation_a_second_person_confirms_what_was_recorded"),
        "rotation",
        "recorded_at IS NULL OR state <> 'evaluated' OR (planned_by_id IS NOT NULL AND confirmed_by_id IS NOT NULL AND confirmed_by_id NOT IN (planned_by_id, person_id) AND planned_by_id <> person_id)",
    )
    op.create_check_constraint(
        op.f("ck_rotation_recorded_ones_wait_or_count"),
        "rotation",
        "(state <> 'recorded' OR recorded_at IS NOT NULL) AND (recorded_at IS NULL OR state IN ('recorded', 'evaluated', 'cancelled'))",
    )
    op.create_check_constraint(
        op.f("ck_rotation_state_known"),
        "rotation",
        "state IN ('planned', 'under_way', 'interrupted', 'ended', 'evaluated', 'cancelled', 'recorded')",
    )


def downgrade() -> None:
    """Undo it."""
    # One that waits for a second person's word is unknown to the older rules, and nothing rests on it yet.
    op.execute(
        "UPDATE rotation SET state = 'cancelled', started_on = NULL,"
        " reason = left('补录未经第二人确认，随系统退回旧版取消。' || reason, 400) WHERE state = 'recorded'"
    )
    op.drop_constraint(op.f("ck_rotation_a_second_person_confirms_what_was_recorded"), "rotation", type_="check")
    op.drop_constraint(op.f("ck_rotation_recorded_ones_wait_or_count"), "rotation", type_="check")
    op.drop_constraint(op.f("ck_rotation_state_known"), "rotation", type_="check")
    # The older release looks for pieces in the database, and knows no upload without a draft.
    op.execute("DELETE FROM upload")
    op.alter_column("upload", "draft_id", existing_type=sa.BIGINT(), nullable=False)
    op.drop_constraint(op.f("fk_rotation_confirmed_by_id_person"), "rotation", type_="foreignkey")
    op.drop_index(op.f("ix_rotation_confirmed_by_id"), table_name="rotation")
    op.drop_column("rotation", "confirmed_by_id")
    op.drop_column("rotation", "recorded_at")
    op.drop_column("curriculum_draft", "sources")
    op.create_table(
        "upload_part",
        sa.Column(
            "id",
            sa.BIGINT(),
            sa.Identity(
                always=False, start=1, increment=1, minvalue=1, maxvalue=9223372036854775807, cycle=False, cache=1
            ),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("upload_id", sa.UUID(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BIGINT(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.BYTEA(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_upload_part_upload_id_upload"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_part")),
        sa.UniqueConstraint(
            "upload_id",
            "offset",
            name=op.f("uq_upload_part_upload_id_offset"),
            postgresql_include=[],
            postgresql_nulls_not_distinct=False,
        ),
    )
    op.drop_index(op.f("ix_curriculum_preview_exception_person_id"), table_name="curriculum_preview_exception")
    op.drop_index(op.f("ix_curriculum_preview_exception_institution_id"), table_name="curriculum_preview_exception")
    op.drop_table("curriculum_preview_exception")
    op.drop_index(op.f("ix_curriculum_version_preview_version_id"), table_name="curriculum_version_preview")
    op.drop_index(op.f("ix_curriculum_version_preview_by_id"), table_name="curriculum_version_preview")
    op.drop_table("curriculum_version_preview")
    # rows that only the newer rules allow stay: the older ones are asked of new rows alone
    op.create_check_constraint(
        op.f("ck_rotation_state_known"),
        "rotation",
        "(((state)::text = ANY ((ARRAY['planned'::character varying, 'under_way'::character varying, 'interrupted'::character varying, 'ended'::character varying, 'evaluated'::character varying, 'cancelled'::character varying])::text[])))",
        postgresql_not_valid=True,
    )
