"""Learning in depth: curricula, films and offline work, questions, rotations, courses in the making, credits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Do it."""
    op.drop_constraint(op.f("ck_lesson_event_kind_known"), "lesson_event", type_="check")
    op.drop_constraint(op.f("ck_officer_act_passkey_with_its_question"), "officer_act", type_="check")
    op.create_table(
        "curriculum",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=30), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "category IN ('general_practitioner', 'village_doctor', 'nurse', 'specialist', 'administrator')",
            name=op.f("ck_curriculum_category_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum")),
        sa.UniqueConstraint("category", name=op.f("uq_curriculum_category")),
        sa.UniqueConstraint("code", name=op.f("uq_curriculum_code")),
    )
    op.create_table(
        "assignment_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("curriculum_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("posts", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("joined_from", sa.Date(), nullable=True),
        sa.Column("joined_until", sa.Date(), nullable=True),
        sa.Column("begins", sa.String(length=20), nullable=False),
        sa.Column("months", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("begins IN ('joining', 'assignment')", name=op.f("ck_assignment_rule_begins_known")),
        sa.CheckConstraint("cardinality(months) = 5", name=op.f("ck_assignment_rule_a_date_for_each_tier")),
        sa.CheckConstraint("joined_from <= joined_until", name=op.f("ck_assignment_rule_joined_in_order")),
        sa.CheckConstraint(
            "months[1] >= 1 AND months[1] <= months[2] AND months[2] <= months[3] AND months[3] <= months[4] AND months[4] <= months[5] AND months[5] <= 240",
            name=op.f("ck_assignment_rule_months_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["curriculum_id"], ["curriculum.id"], name=op.f("fk_assignment_rule_curriculum_id_curriculum")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["institution.id"], name=op.f("fk_assignment_rule_place_id_institution")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_assignment_rule_code")),
    )
    op.create_index(
        op.f("ix_assignment_rule_curriculum_id_priority"),
        "assignment_rule",
        ["curriculum_id", "priority"],
        unique=False,
    )
    op.create_index(op.f("ix_assignment_rule_place_id"), "assignment_rule", ["place_id"], unique=False)
    op.create_table(
        "rotation_department",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), server_default="", nullable=False),
        sa.Column("teaches", sa.String(length=400), server_default="", nullable=False),
        sa.Column("opens_to", sa.String(length=20), server_default="county", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_rotation_department_named")),
        sa.CheckConstraint("opens_to IN ('county', 'everywhere')", name=op.f("ck_rotation_department_opens_known")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_rotation_department_institution_id_institution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_department")),
        sa.UniqueConstraint("id", "institution_id", name=op.f("uq_rotation_department_id_institution_id")),
        sa.UniqueConstraint("institution_id", "name", name=op.f("uq_rotation_department_institution_id_name")),
    )
    op.create_table(
        "course_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("base_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), server_default="writing", nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("works", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("writer_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("reviewed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "(state = 'published') = (version_id IS NOT NULL)", name=op.f("ck_course_draft_published_as_a_version")
        ),
        sa.CheckConstraint(
            "(state IN ('writing', 'discarded')) = (digest IS NULL)",
            name=op.f("ck_course_draft_what_is_reviewed_has_a_hash"),
        ),
        sa.CheckConstraint("code <> ''", name=op.f("ck_course_draft_named")),
        sa.CheckConstraint(
            "state IN ('writing', 'review', 'approved', 'published', 'discarded')",
            name=op.f("ck_course_draft_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'published') OR reviewed_by_id IS NOT NULL",
            name=op.f("ck_course_draft_reviewed_before_publication"),
        ),
        sa.CheckConstraint(
            "reviewed_by_id <> ALL (writer_ids)", name=op.f("ck_course_draft_reviewed_by_another_than_its_writers")
        ),
        sa.ForeignKeyConstraint(
            ["base_id"], ["course_version.id"], name=op.f("fk_course_draft_base_id_course_version")
        ),
        sa.ForeignKeyConstraint(["reviewed_by_id"], ["person.id"], name=op.f("fk_course_draft_reviewed_by_id_person")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["person.id"], name=op.f("fk_course_draft_updated_by_id_person")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_course_draft_version_id_course_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_draft")),
    )
    op.create_index(
        "uq_course_draft_one_open",
        "course_draft",
        ["code"],
        unique=True,
        postgresql_where=sa.text("state IN ('approved', 'review', 'writing')"),
    )
    op.create_table(
        "credit_scheme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked", sa.Numeric(precision=6, scale=1), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_by_id", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) BETWEEN 1 AND 6",
            name=op.f("ck_credit_scheme_lines"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_credit_scheme_changed_with_a_reason")),
        sa.CheckConstraint("asked BETWEEN 0 AND 1000", name=op.f("ck_credit_scheme_credits_of_a_year")),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_credit_scheme_set_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_scheme")),
    )
    op.create_index(op.f("ix_credit_scheme_valid_from"), "credit_scheme", ["valid_from"], unique=False)
    op.create_table(
        "curriculum_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("curriculum_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("sources", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_curriculum_version_number_from_one")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_curriculum_version_digest_is_sha256")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_curriculum_version_by_id_person")),
        sa.ForeignKeyConstraint(
            ["curriculum_id"], ["curriculum.id"], name=op.f("fk_curriculum_version_curriculum_id_curriculum")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_version")),
        sa.UniqueConstraint("curriculum_id", "number", name=op.f("uq_curriculum_version_curriculum_id_number")),
        sa.UniqueConstraint("id", "curriculum_id", name=op.f("uq_curriculum_version_id_curriculum_id")),
    )
    op.create_table(
        "discussion_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("lesson_code", sa.String(length=80), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=80), server_default="", nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("written_as", sa.String(length=20), nullable=False),
        sa.Column("useful", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted_id", sa.Integer(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(question_id IS NULL) = (title <> '')", name=op.f("ck_discussion_entry_questions_have_titles")
        ),
        sa.CheckConstraint("question_id IS NULL OR body <> ''", name=op.f("ck_discussion_entry_answers_say_something")),
        sa.CheckConstraint(
            "written_as IN ('learner', 'mentor', 'editor')", name=op.f("ck_discussion_entry_written_as_known")
        ),
        sa.CheckConstraint(
            "question_id IS NULL OR accepted_id IS NULL", name=op.f("ck_discussion_entry_only_questions_accept")
        ),
        sa.CheckConstraint(
            "useful >= 0 AND answers >= 0 AND number > 0", name=op.f("ck_discussion_entry_counts_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["accepted_id", "id"],
            ["discussion_entry.id", "discussion_entry.question_id"],
            name="fk_discussion_entry_accepted_answers_this_question",
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_discussion_entry_course_id_course")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_discussion_entry_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_discussion_entry_person_id_person")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["discussion_entry.id"], name=op.f("fk_discussion_entry_question_id_discussion_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_entry")),
        sa.UniqueConstraint("id", "question_id", name=op.f("uq_discussion_entry_id_question_id")),
    )
    op.create_index(op.f("ix_discussion_entry_course_id"), "discussion_entry", ["course_id"], unique=False)
    op.create_index(
        op.f("ix_discussion_entry_course_id_lesson_code"),
        "discussion_entry",
        ["course_id", "lesson_code"],
        unique=False,
        postgresql_where=sa.text("question_id IS NULL"),
    )
    op.create_index(op.f("ix_discussion_entry_institution_id"), "discussion_entry", ["institution_id"], unique=False)
    op.create_index(op.f("ix_discussion_entry_person_id"), "discussion_entry", ["person_id"], unique=False)
    op.create_index(op.f("ix_discussion_entry_question_id"), "discussion_entry", ["question_id"], unique=False)
    op.create_index(
        "ix_discussion_entry_waiting",
        "discussion_entry",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("question_id IS NULL AND answers = 0 AND hidden_at IS NULL"),
    )
    op.create_table(
        "rotation_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stay_days", sa.Integer(), nullable=False),
        sa.Column("stay_years", sa.Integer(), nullable=False),
        sa.Column("consortium_days", sa.Integer(), nullable=False),
        sa.Column("star_days", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_by_id", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("consortium_days BETWEEN 0 AND 366", name=op.f("ck_rotation_policy_days_of_a_year")),
        sa.CheckConstraint("star_days BETWEEN 0 AND 1098", name=op.f("ck_rotation_policy_days_before_certification")),
        sa.CheckConstraint(
            "stay_days BETWEEN 1 AND 366 * stay_years", name=op.f("ck_rotation_policy_days_within_the_period")
        ),
        sa.CheckConstraint("stay_years BETWEEN 1 AND 10", name=op.f("ck_rotation_policy_years_of_a_period")),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_rotation_policy_set_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_policy")),
    )
    op.create_index(op.f("ix_rotation_policy_valid_from"), "rotation_policy", ["valid_from"], unique=False)
    op.create_table(
        "rotation_receiver",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("named_by_id", sa.BigInteger(), nullable=True),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("department_id"), "="),
            (sa.column("person_id"), "="),
            (sa.text("daterange(begins_on, ends_on, '[)')"), "&&"),
            using="gist",
            name="named_once_at_a_time",
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= begins_on", name=op.f("ck_rotation_receiver_ends_after_beginning")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["rotation_department.id"],
            name=op.f("fk_rotation_receiver_department_id_rotation_department"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_rotation_receiver_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["named_by_id"], ["person.id"], name=op.f("fk_rotation_receiver_named_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rotation_receiver_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_receiver")),
    )
    op.create_index(op.f("ix_rotation_receiver_department_id"), "rotation_receiver", ["department_id"], unique=False)
    op.create_index(op.f("ix_rotation_receiver_institution_id"), "rotation_receiver", ["institution_id"], unique=False)
    op.create_index(op.f("ix_rotation_receiver_person_id"), "rotation_receiver", ["person_id"], unique=False)
    op.create_table(
        "rotation_seat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), server_default="9999-12-31", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("department_id"), "="),
            (sa.column("number"), "="),
            (sa.text("daterange(opens_on, closes_on, '[]')"), "&&"),
            using="gist",
            name="one_place_of_a_number",
        ),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_rotation_seat_closes_after_opening")),
        sa.CheckConstraint("number BETWEEN 1 AND 500", name=op.f("ck_rotation_seat_number_from_1")),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["rotation_department.id"],
            name=op.f("fk_rotation_seat_department_id_rotation_department"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_seat")),
        sa.UniqueConstraint(
            "id",
            "department_id",
            "opens_on",
            "closes_on",
            name=op.f("uq_rotation_seat_id_department_id_opens_on_closes_on"),
        ),
    )
    op.create_table(
        "subsidy_preparation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("yuan", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("prepared_by_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "prepared_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("extract(day from month) = 1", name=op.f("ck_subsidy_preparation_month_begins")),
        sa.CheckConstraint(
            "octet_length(content_hash) = 32", name=op.f("ck_subsidy_preparation_content_hash_is_sha256")
        ),
        sa.CheckConstraint("persons >= 0 AND yuan >= 0", name=op.f("ck_subsidy_preparation_not_negative")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_subsidy_preparation_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by_id"], ["person.id"], name=op.f("fk_subsidy_preparation_prepared_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_preparation")),
    )
    op.create_index(
        op.f("ix_subsidy_preparation_institution_id"), "subsidy_preparation", ["institution_id"], unique=False
    )
    op.create_index(
        op.f("ix_subsidy_preparation_institution_id_month"),
        "subsidy_preparation",
        ["institution_id", "month"],
        unique=False,
    )
    op.create_table(
        "course_review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "verdict <> 'returned' OR note <> ''", name=op.f("ck_course_review_a_return_has_its_reason")
        ),
        sa.CheckConstraint("verdict IN ('approved', 'returned')", name=op.f("ck_course_review_verdict_known")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_course_review_digest_is_sha256")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_course_review_by_id_person")),
        sa.ForeignKeyConstraint(["draft_id"], ["course_draft.id"], name=op.f("fk_course_review_draft_id_course_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_review")),
    )
    op.create_index(op.f("ix_course_review_draft_id"), "course_review", ["draft_id"], unique=False)
    op.create_table(
        "curriculum_assignment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("curriculum_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("due_on", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cardinality(due_on) = 5", name=op.f("ck_curriculum_assignment_a_date_for_each_tier")),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= begins_on", name=op.f("ck_curriculum_assignment_ends_after_beginning")
        ),
        sa.ForeignKeyConstraint(
            ["curriculum_id"], ["curriculum.id"], name=op.f("fk_curriculum_assignment_curriculum_id_curriculum")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_curriculum_assignment_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_curriculum_assignment_person_id_person")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["assignment_rule.id"], name=op.f("fk_curriculum_assignment_rule_id_assignment_rule")
        ),
        sa.ForeignKeyConstraint(
            ["version_id", "curriculum_id"],
            ["curriculum_version.id", "curriculum_version.curriculum_id"],
            name="fk_curriculum_assignment_version_of_the_curriculum",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_assignment")),
    )
    op.create_index(
        op.f("ix_curriculum_assignment_curriculum_id_version_id"),
        "curriculum_assignment",
        ["curriculum_id", "version_id"],
        unique=False,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(
        op.f("ix_curriculum_assignment_institution_id"), "curriculum_assignment", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_curriculum_assignment_person_id"), "curriculum_assignment", ["person_id"], unique=False)
    op.create_index(op.f("ix_curriculum_assignment_rule_id"), "curriculum_assignment", ["rule_id"], unique=False)
    op.create_index(op.f("ix_curriculum_assignment_version_id"), "curriculum_assignment", ["version_id"], unique=False)
    op.create_index(
        "uq_curriculum_assignment_one_at_a_time",
        "curriculum_assignment",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "curriculum_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("curriculum_id", sa.BigInteger(), nullable=False),
        sa.Column("based_on_id", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["curriculum_version.id"], name=op.f("fk_curriculum_draft_based_on_id_curriculum_version")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_curriculum_draft_by_id_person")),
        sa.ForeignKeyConstraint(
            ["curriculum_id"], ["curriculum.id"], name=op.f("fk_curriculum_draft_curriculum_id_curriculum")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_draft")),
        sa.UniqueConstraint("curriculum_id", name=op.f("uq_curriculum_draft_curriculum_id")),
    )
    op.create_table(
        "curriculum_publication",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("curriculum_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("moving", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "moving IN ('nobody', 'not_begun', 'everybody')", name=op.f("ck_curriculum_publication_moving_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_curriculum_publication_by_id_person")),
        sa.ForeignKeyConstraint(
            ["curriculum_id"], ["curriculum.id"], name=op.f("fk_curriculum_publication_curriculum_id_curriculum")
        ),
        sa.ForeignKeyConstraint(
            ["version_id", "curriculum_id"],
            ["curriculum_version.id", "curriculum_version.curriculum_id"],
            name="fk_curriculum_publication_version_of_the_curriculum",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_publication")),
    )
    op.create_index(
        op.f("ix_curriculum_publication_curriculum_id"), "curriculum_publication", ["curriculum_id"], unique=False
    )
    op.create_index(
        op.f("ix_curriculum_publication_version_id"), "curriculum_publication", ["version_id"], unique=False
    )
    op.create_table(
        "curriculum_tier",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("star", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.CheckConstraint("star BETWEEN 1 AND 5", name=op.f("ck_curriculum_tier_star_from_1_to_5")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["curriculum_version.id"], name=op.f("fk_curriculum_tier_version_id_curriculum_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_tier")),
        sa.UniqueConstraint("id", "version_id", "star", name=op.f("uq_curriculum_tier_id_version_id_star")),
        sa.UniqueConstraint("version_id", "star", name=op.f("uq_curriculum_tier_version_id_star")),
    )
    op.create_table(
        "discussion_follow",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_discussion_follow_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_discussion_follow_person_id_person")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["discussion_entry.id"], name=op.f("fk_discussion_follow_question_id_discussion_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_follow")),
        sa.UniqueConstraint("question_id", "person_id", name=op.f("uq_discussion_follow_question_id_person_id")),
    )
    op.create_index(op.f("ix_discussion_follow_institution_id"), "discussion_follow", ["institution_id"], unique=False)
    op.create_index(op.f("ix_discussion_follow_person_id"), "discussion_follow", ["person_id"], unique=False)
    op.create_table(
        "discussion_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "why IN ('patient', 'wrong', 'rude', 'elsewhere')", name=op.f("ck_discussion_report_why_known")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["discussion_entry.id"], name=op.f("fk_discussion_report_entry_id_discussion_entry")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_discussion_report_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_discussion_report_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_report")),
    )
    op.create_index(op.f("ix_discussion_report_entry_id"), "discussion_report", ["entry_id"], unique=False)
    op.create_index(op.f("ix_discussion_report_institution_id"), "discussion_report", ["institution_id"], unique=False)
    op.create_index(op.f("ix_discussion_report_person_id"), "discussion_report", ["person_id"], unique=False)
    op.create_table(
        "discussion_ruling",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("ruling", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_discussion_ruling_says_why")),
        sa.CheckConstraint("ruling IN ('hidden', 'restored', 'kept')", name=op.f("ck_discussion_ruling_ruling_known")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_discussion_ruling_by_id_person")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["discussion_entry.id"], name=op.f("fk_discussion_ruling_entry_id_discussion_entry")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_discussion_ruling_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_discussion_ruling_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_ruling")),
    )
    op.create_index(op.f("ix_discussion_ruling_entry_id"), "discussion_ruling", ["entry_id"], unique=False)
    op.create_index(op.f("ix_discussion_ruling_institution_id"), "discussion_ruling", ["institution_id"], unique=False)
    op.create_index(op.f("ix_discussion_ruling_person_id"), "discussion_ruling", ["person_id"], unique=False)
    op.create_table(
        "discussion_useful",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["discussion_entry.id"], name=op.f("fk_discussion_useful_entry_id_discussion_entry")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_discussion_useful_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_discussion_useful_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_useful")),
        sa.UniqueConstraint("entry_id", "person_id", name=op.f("uq_discussion_useful_entry_id_person_id")),
    )
    op.create_index(op.f("ix_discussion_useful_institution_id"), "discussion_useful", ["institution_id"], unique=False)
    op.create_index(op.f("ix_discussion_useful_person_id"), "discussion_useful", ["person_id"], unique=False)
    op.create_table(
        "discussion_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_discussion_version_number_from_one")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["discussion_entry.id"], name=op.f("fk_discussion_version_entry_id_discussion_entry")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_discussion_version_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_discussion_version_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_version")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_discussion_version_entry_id_number")),
    )
    op.create_index(
        op.f("ix_discussion_version_institution_id"), "discussion_version", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_discussion_version_person_id"), "discussion_version", ["person_id"], unique=False)
    op.create_table(
        "draft_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(content IS NULL) <> (stored IS NULL)", name=op.f("ck_draft_file_here_or_in_the_store")),
        sa.CheckConstraint("content IS NULL OR size = octet_length(content)", name=op.f("ck_draft_file_size_is_true")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["course_draft.id"], name=op.f("fk_draft_file_draft_id_course_draft"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_file")),
        sa.UniqueConstraint("draft_id", "name", name=op.f("uq_draft_file_draft_id_name")),
    )
    op.create_table(
        "draft_lesson",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entry", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("position > 0", name=op.f("ck_draft_lesson_position_from_one")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["course_draft.id"], name=op.f("fk_draft_lesson_draft_id_course_draft"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["updated_by_id"], ["person.id"], name=op.f("fk_draft_lesson_updated_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_lesson")),
        sa.UniqueConstraint(
            "draft_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_draft_lesson_draft_id_position"),
        ),
    )
    op.create_table(
        "rotation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=False),
        sa.Column("seat_id", sa.BigInteger(), nullable=False),
        sa.Column("seat_opens_on", sa.Date(), nullable=False),
        sa.Column("seat_closes_on", sa.Date(), nullable=False),
        sa.Column("consortium_id", sa.BigInteger(), nullable=True),
        sa.Column("doctor_name", sa.String(length=80), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("planned_last_on", sa.Date(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), server_default="planned", nullable=False),
        sa.Column("goal", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=400), server_default="", nullable=False),
        sa.Column("present_days", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("planned_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "planned_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.text("daterange(begins_on, last_on, '[]')"), "&&"),
            where=sa.text("state <> 'cancelled'"),
            using="gist",
            name="one_rotation_at_a_time",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("seat_id"), "="),
            (sa.text("daterange(begins_on, last_on, '[]')"), "&&"),
            where=sa.text("state <> 'cancelled'"),
            deferrable="True",
            initially="IMMEDIATE",
            using="gist",
            name="one_doctor_a_place_a_day",
        ),
        sa.CheckConstraint(
            "(state = 'evaluated') = (outcome IS NOT NULL)", name=op.f("ck_rotation_evaluated_with_an_outcome")
        ),
        sa.CheckConstraint(
            "(state = 'evaluated') = (present_days IS NOT NULL)", name=op.f("ck_rotation_evaluated_with_days")
        ),
        sa.CheckConstraint(
            "(state IN ('planned', 'cancelled')) = (started_on IS NULL)",
            name=op.f("ck_rotation_started_unless_planned"),
        ),
        sa.CheckConstraint("outcome IN ('passed', 'failed')", name=op.f("ck_rotation_outcome_known")),
        sa.CheckConstraint(
            "state = 'cancelled' OR (begins_on >= seat_opens_on AND last_on <= seat_closes_on)",
            name=op.f("ck_rotation_only_while_the_place_is_there"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'under_way', 'interrupted', 'ended', 'evaluated', 'cancelled')",
            name=op.f("ck_rotation_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('cancelled', 'interrupted') OR reason <> ''", name=op.f("ck_rotation_stopped_with_a_reason")
        ),
        sa.CheckConstraint("last_on - begins_on BETWEEN 0 AND 1095", name=op.f("ck_rotation_days_in_order")),
        sa.CheckConstraint(
            "present_days BETWEEN 0 AND last_on - started_on + 1", name=op.f("ck_rotation_present_no_longer_than_there")
        ),
        sa.CheckConstraint(
            "started_on BETWEEN begins_on AND last_on", name=op.f("ck_rotation_started_within_its_days")
        ),
        sa.ForeignKeyConstraint(
            ["consortium_id"], ["consortium.id"], name=op.f("fk_rotation_consortium_id_consortium")
        ),
        sa.ForeignKeyConstraint(
            ["department_id", "host_id"],
            ["rotation_department.id", "rotation_department.institution_id"],
            name="fk_rotation_department_of_its_host",
        ),
        sa.ForeignKeyConstraint(["host_id"], ["institution.id"], name=op.f("fk_rotation_host_id_institution")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_rotation_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rotation_person_id_person")),
        sa.ForeignKeyConstraint(["planned_by_id"], ["person.id"], name=op.f("fk_rotation_planned_by_id_person")),
        sa.ForeignKeyConstraint(
            ["seat_id", "department_id", "seat_opens_on", "seat_closes_on"],
            ["rotation_seat.id", "rotation_seat.department_id", "rotation_seat.opens_on", "rotation_seat.closes_on"],
            name="fk_rotation_seat_of_its_department",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation")),
    )
    op.create_index(op.f("ix_rotation_consortium_id"), "rotation", ["consortium_id"], unique=False)
    op.create_index(op.f("ix_rotation_department_id_last_on"), "rotation", ["department_id", "last_on"], unique=False)
    op.create_index(op.f("ix_rotation_host_id"), "rotation", ["host_id"], unique=False)
    op.create_index(op.f("ix_rotation_institution_id"), "rotation", ["institution_id"], unique=False)
    op.create_index(op.f("ix_rotation_person_id"), "rotation", ["person_id"], unique=False)
    op.create_index(op.f("ix_rotation_planned_by_id"), "rotation", ["planned_by_id"], unique=False)
    op.create_table(
        "assignment_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=10), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("due_on", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "event IN ('given', 'ruled', 'moved', 'ended')", name=op.f("ck_assignment_change_event_known")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["curriculum_assignment.id"],
            name=op.f("fk_assignment_change_assignment_id_curriculum_assignment"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_assignment_change_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_change_person_id_person")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["assignment_rule.id"], name=op.f("fk_assignment_change_rule_id_assignment_rule")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["curriculum_version.id"], name=op.f("fk_assignment_change_version_id_curriculum_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_change")),
    )
    op.create_index(op.f("ix_assignment_change_assignment_id"), "assignment_change", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_assignment_change_institution_id"), "assignment_change", ["institution_id"], unique=False)
    op.create_index(op.f("ix_assignment_change_person_id"), "assignment_change", ["person_id"], unique=False)
    op.create_index(op.f("ix_assignment_change_rule_id"), "assignment_change", ["rule_id"], unique=False)
    op.create_index(op.f("ix_assignment_change_version_id"), "assignment_change", ["version_id"], unique=False)
    op.create_table(
        "assignment_exception",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("reopened", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("past_due", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("moved", sa.Boolean(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (moved IS NULL)", name=op.f("ck_assignment_exception_settled_one_way")
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL)", name=op.f("ck_assignment_exception_settled_by_somebody")
        ),
        sa.CheckConstraint(
            "cardinality(reopened) + cardinality(past_due) > 0", name=op.f("ck_assignment_exception_there_is_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["curriculum_assignment.id"],
            name=op.f("fk_assignment_exception_assignment_id_curriculum_assignment"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_assignment_exception_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_exception_person_id_person")),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["curriculum_publication.id"],
            name=op.f("fk_assignment_exception_publication_id_curriculum_publication"),
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_assignment_exception_settled_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_exception")),
        sa.UniqueConstraint(
            "publication_id", "assignment_id", name=op.f("uq_assignment_exception_publication_id_assignment_id")
        ),
    )
    op.create_index(
        op.f("ix_assignment_exception_assignment_id"), "assignment_exception", ["assignment_id"], unique=False
    )
    op.create_index(
        op.f("ix_assignment_exception_institution_id"), "assignment_exception", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_assignment_exception_person_id"), "assignment_exception", ["person_id"], unique=False)
    op.create_table(
        "curriculum_requirement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tier_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("star", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=True),
        sa.Column("technique_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("yearly", sa.Boolean(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("after", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "NOT yearly OR kind = 'hours'", name=op.f("ck_curriculum_requirement_only_hours_are_asked_yearly")
        ),
        sa.CheckConstraint(
            "kind <> 'course' OR course_id IS NOT NULL", name=op.f("ck_curriculum_requirement_a_course_is_named")
        ),
        sa.CheckConstraint(
            "kind <> 'technique' OR technique_id IS NOT NULL",
            name=op.f("ck_curriculum_requirement_a_technique_is_named"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_curriculum_requirement_asks_for_something")),
        sa.CheckConstraint("months BETWEEN 1 AND 240", name=op.f("ck_curriculum_requirement_months_ahead")),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name=op.f("ck_curriculum_requirement_percent_of_a_hundred")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_curriculum_requirement_course_id_course")),
        sa.ForeignKeyConstraint(
            ["technique_id"], ["technique.id"], name=op.f("fk_curriculum_requirement_technique_id_technique")
        ),
        sa.ForeignKeyConstraint(
            ["tier_id", "version_id", "star"],
            ["curriculum_tier.id", "curriculum_tier.version_id", "curriculum_tier.star"],
            name="fk_curriculum_requirement_tier_of_the_version",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_requirement")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_curriculum_requirement_version_id_code")),
    )
    op.create_index(op.f("ix_curriculum_requirement_course_id"), "curriculum_requirement", ["course_id"], unique=False)
    op.create_index(
        op.f("ix_curriculum_requirement_technique_id"), "curriculum_requirement", ["technique_id"], unique=False
    )
    op.create_index(
        op.f("ix_curriculum_requirement_tier_id_position"),
        "curriculum_requirement",
        ["tier_id", "position"],
        unique=True,
    )
    op.create_table(
        "lesson_supplement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("completion_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("offline_minutes", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "minutes * interval '1 minute' <= completed_at - opened_at",
            name=op.f("ck_lesson_supplement_never_more_than_the_time_that_passed"),
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_lesson_supplement_adds_something")),
        sa.CheckConstraint(
            "offline_minutes BETWEEN 0 AND minutes", name=op.f("ck_lesson_supplement_offline_minutes_are_some_of_them")
        ),
        sa.ForeignKeyConstraint(
            ["completion_id"],
            ["lesson_completion.id"],
            name=op.f("fk_lesson_supplement_completion_id_lesson_completion"),
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_lesson_supplement_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lesson_supplement_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_supplement")),
    )
    op.create_index(op.f("ix_lesson_supplement_completion_id"), "lesson_supplement", ["completion_id"], unique=False)
    op.create_index(op.f("ix_lesson_supplement_institution_id"), "lesson_supplement", ["institution_id"], unique=False)
    op.create_index(op.f("ix_lesson_supplement_person_id"), "lesson_supplement", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_lesson_supplement_person_id_completed_at"),
        "lesson_supplement",
        ["person_id", "completed_at"],
        unique=False,
    )
    op.create_table(
        "playing_place",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger(), nullable=False),
        sa.Column("lesson_id", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("at_ms >= 0", name=op.f("ck_playing_place_not_before_the_beginning")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["lesson_attachment.id"], name=op.f("fk_playing_place_attachment_id_lesson_attachment")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_playing_place_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_playing_place_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_playing_place_lesson_id_lesson")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_playing_place_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playing_place")),
        sa.UniqueConstraint("enrolment_id", "lesson_id", name=op.f("uq_playing_place_enrolment_id_lesson_id")),
    )
    op.create_index(op.f("ix_playing_place_attachment_id"), "playing_place", ["attachment_id"], unique=False)
    op.create_index(op.f("ix_playing_place_institution_id"), "playing_place", ["institution_id"], unique=False)
    op.create_index(op.f("ix_playing_place_lesson_id"), "playing_place", ["lesson_id"], unique=False)
    op.create_index(op.f("ix_playing_place_person_id"), "playing_place", ["person_id"], unique=False)
    op.create_table(
        "rotation_evaluation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("absent_days", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("reason", sa.String(length=400), server_default="", nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("rotation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(version = 1) = (reason = '')", name=op.f("ck_rotation_evaluation_corrections_say_why")),
        sa.CheckConstraint("outcome IN ('passed', 'failed')", name=op.f("ck_rotation_evaluation_outcome_known")),
        sa.CheckConstraint("words <> ''", name=op.f("ck_rotation_evaluation_says_how_it_went")),
        sa.CheckConstraint(
            "absent_days BETWEEN 0 AND last_on - first_on + 1",
            name=op.f("ck_rotation_evaluation_absent_no_longer_than_there"),
        ),
        sa.CheckConstraint("by_id <> person_id", name=op.f("ck_rotation_evaluation_nobody_evaluates_oneself")),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_rotation_evaluation_days_in_order")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_rotation_evaluation_versions_from_1")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_rotation_evaluation_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_rotation_evaluation_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rotation_evaluation_person_id_person")),
        sa.ForeignKeyConstraint(
            ["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_evaluation_rotation_id_rotation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_evaluation")),
        sa.UniqueConstraint("rotation_id", "version", name=op.f("uq_rotation_evaluation_rotation_id_version")),
    )
    op.create_index(
        op.f("ix_rotation_evaluation_institution_id"), "rotation_evaluation", ["institution_id"], unique=False
    )
    op.create_index(op.f("ix_rotation_evaluation_person_id"), "rotation_evaluation", ["person_id"], unique=False)
    op.create_index(op.f("ix_rotation_evaluation_rotation_id"), "rotation_evaluation", ["rotation_id"], unique=False)
    op.create_table(
        "rotation_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("rotation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "octet_length(content) BETWEEN 1 AND 10485760", name=op.f("ck_rotation_file_size_of_a_document")
        ),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_rotation_file_sha256_is_whole")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_rotation_file_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_rotation_file_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rotation_file_person_id_person")),
        sa.ForeignKeyConstraint(["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_file_rotation_id_rotation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_file")),
        sa.UniqueConstraint("rotation_id", "sha256", name=op.f("uq_rotation_file_rotation_id_sha256")),
    )
    op.create_index(op.f("ix_rotation_file_institution_id"), "rotation_file", ["institution_id"], unique=False)
    op.create_index(op.f("ix_rotation_file_person_id"), "rotation_file", ["person_id"], unique=False)
    op.create_index(op.f("ix_rotation_file_rotation_id"), "rotation_file", ["rotation_id"], unique=False)
    op.create_table(
        "rotation_practice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("minutes_a_day", sa.Integer(), nullable=False),
        sa.Column("done", sa.String(length=1000), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("rotation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("rotation_id"), "="),
            (sa.text("daterange(first_on, last_on, '[]')"), "&&"),
            using="gist",
            name="a_day_is_confirmed_once",
        ),
        sa.CheckConstraint("done <> ''", name=op.f("ck_rotation_practice_says_what_was_done")),
        sa.CheckConstraint("by_id <> person_id", name=op.f("ck_rotation_practice_nobody_confirms_oneself")),
        sa.CheckConstraint("cardinality(weekdays) BETWEEN 1 AND 7", name=op.f("ck_rotation_practice_some_weekdays")),
        sa.CheckConstraint(
            "last_on - first_on BETWEEN 0 AND 30", name=op.f("ck_rotation_practice_at_most_a_month_at_once")
        ),
        sa.CheckConstraint("minutes_a_day BETWEEN 15 AND 720", name=op.f("ck_rotation_practice_minutes_of_a_day")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_rotation_practice_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_rotation_practice_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rotation_practice_person_id_person")),
        sa.ForeignKeyConstraint(
            ["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_practice_rotation_id_rotation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_practice")),
    )
    op.create_index(op.f("ix_rotation_practice_institution_id"), "rotation_practice", ["institution_id"], unique=False)
    op.create_index(op.f("ix_rotation_practice_person_id"), "rotation_practice", ["person_id"], unique=False)
    op.create_index(op.f("ix_rotation_practice_rotation_id"), "rotation_practice", ["rotation_id"], unique=False)
    op.create_table(
        "rotation_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), server_default="", nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("by_name", sa.String(length=80), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("rotation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("what <> ''", name=op.f("ck_rotation_step_says_what")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_rotation_step_by_id_person")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_rotation_step_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rotation_step_person_id_person")),
        sa.ForeignKeyConstraint(["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_step_rotation_id_rotation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_step")),
    )
    op.create_index(op.f("ix_rotation_step_institution_id"), "rotation_step", ["institution_id"], unique=False)
    op.create_index(op.f("ix_rotation_step_person_id"), "rotation_step", ["person_id"], unique=False)
    op.create_index(op.f("ix_rotation_step_rotation_id"), "rotation_step", ["rotation_id"], unique=False)
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("lesson_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint('"offset" BETWEEN 0 AND length', name=op.f("ck_upload_not_more_than_announced")),
        sa.CheckConstraint("length > 0", name=op.f("ck_upload_something_is_sent")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["course_draft.id"], name=op.f("fk_upload_draft_id_course_draft"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_upload_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["draft_lesson.id"], name=op.f("fk_upload_lesson_id_draft_lesson"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_draft_id"), "upload", ["draft_id"], unique=False)
    op.create_index(op.f("ix_upload_expires_at"), "upload", ["expires_at"], unique=False)
    op.create_index(op.f("ix_upload_institution_id"), "upload", ["institution_id"], unique=False)
    op.create_index(op.f("ix_upload_person_id"), "upload", ["person_id"], unique=False)
    op.create_table(
        "watched_piece",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.BigInteger(), nullable=False),
        sa.Column("lesson_id", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("stop_ms", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("ago_seconds", sa.Integer(), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('counts', 'too_fast', 'twice', 'before')", name=op.f("ck_watched_piece_verdict_known")
        ),
        sa.CheckConstraint("ago_seconds >= 0", name=op.f("ck_watched_piece_not_made_in_the_future")),
        sa.CheckConstraint("ended_at > began_at", name=op.f("ck_watched_piece_takes_time")),
        sa.CheckConstraint("start_ms >= 0 AND stop_ms > start_ms", name=op.f("ck_watched_piece_goes_forward")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["lesson_attachment.id"], name=op.f("fk_watched_piece_attachment_id_lesson_attachment")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_watched_piece_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_watched_piece_institution_id_institution")
        ),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_watched_piece_lesson_id_lesson")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_watched_piece_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_piece")),
    )
    op.create_index(op.f("ix_watched_piece_attachment_id"), "watched_piece", ["attachment_id"], unique=False)
    op.create_index(
        op.f("ix_watched_piece_enrolment_id_lesson_id"), "watched_piece", ["enrolment_id", "lesson_id"], unique=False
    )
    op.create_index(op.f("ix_watched_piece_institution_id"), "watched_piece", ["institution_id"], unique=False)
    op.create_index(op.f("ix_watched_piece_lesson_id"), "watched_piece", ["lesson_id"], unique=False)
    op.create_index(op.f("ix_watched_piece_person_id"), "watched_piece", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_watched_piece_person_id_ended_at"), "watched_piece", ["person_id", "ended_at"], unique=False
    )
    op.create_table(
        "upload_part",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_upload_part_upload_id_upload"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_part")),
        sa.UniqueConstraint("upload_id", "offset", name=op.f("uq_upload_part_upload_id_offset")),
    )
    op.add_column("course", sa.Column("retired", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "hours_entry",
        sa.Column(
            "undoes",
            sa.Integer(),
            sa.Computed("CASE WHEN reverses_id IS NOT NULL THEN -minutes END", persisted=True),
            nullable=True,
        ),
    )
    op.create_unique_constraint(
        op.f("uq_hours_entry_id_person_id_kind_on_day_minutes"),
        "hours_entry",
        ["id", "person_id", "kind", "on_day", "minutes"],
    )
    op.drop_constraint(op.f("fk_hours_entry_reverses_id_hours_entry"), "hours_entry", type_="foreignkey")
    op.create_foreign_key(
        "fk_hours_entry_undoes_exactly_one",
        "hours_entry",
        "hours_entry",
        ["reverses_id", "person_id", "kind", "on_day", "undoes"],
        ["id", "person_id", "kind", "on_day", "minutes"],
    )
    op.add_column(
        "lesson", sa.Column("asks", postgresql.ARRAY(sa.Text()), server_default="{read,check}", nullable=False)
    )
    op.add_column("lesson_attachment", sa.Column("stored", sa.String(length=64), nullable=True))
    op.add_column("lesson_attachment", sa.Column("seconds", sa.Integer(), nullable=True))
    op.alter_column("lesson_attachment", "content", existing_type=postgresql.BYTEA(), nullable=True)
    op.add_column("lesson_completion", sa.Column("offline_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "officer_act", sa.Column("before_nonces", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    # acts of before stay as they were
    op.execute("UPDATE officer_act SET before_nonces = true")
    op.drop_constraint(op.f("uq_officer_act_nonce"), "officer_act", type_="unique")
    op.create_index(
        "uq_officer_act_nonce", "officer_act", ["nonce"], unique=True, postgresql_where=sa.text("assertion IS NOT NULL")
    )
    op.add_column("subsidy_month", sa.Column("prepared_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_subsidy_month_prepared_by_id_person"), "subsidy_month", "person", ["prepared_by_id"], ["id"]
    )
    op.create_check_constraint(op.f("ck_lesson_asks_known"), "lesson", "asks <@ ARRAY['read', 'watched', 'check']")
    op.create_check_constraint(op.f("ck_lesson_asks_something"), "lesson", "cardinality(asks) > 0")
    op.create_check_constraint(
        op.f("ck_lesson_attachment_lies_in_one_place"), "lesson_attachment", "(content IS NULL) <> (stored IS NULL)"
    )
    op.create_check_constraint(op.f("ck_lesson_attachment_plays_for_a_while"), "lesson_attachment", "seconds > 0")
    op.create_check_constraint(
        op.f("ck_lesson_completion_offline_minutes_are_some_of_them"),
        "lesson_completion",
        "offline_minutes BETWEEN 0 AND minutes",
    )
    op.create_check_constraint(
        op.f("ck_lesson_event_kind_known"),
        "lesson_event",
        "kind IN ('opened', 'downloaded', 'position', 'self_check', 'finished', 'watched')",
    )
    op.create_check_constraint(
        op.f("ck_officer_act_code_with_the_signers_nonce"),
        "officer_act",
        "code IS NULL OR nonce IS NOT NULL OR before_nonces",
    )
    op.create_check_constraint(
        op.f("ck_officer_act_passkey_with_its_question"),
        "officer_act",
        "(assertion IS NULL OR nonce IS NOT NULL) AND (assertion IS NULL) = (public_key IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_subsidy_month_two_officers"), "subsidy_month", "prepared_by_id <> settled_by_id"
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_constraint(op.f("ck_lesson_asks_known"), "lesson", type_="check")
    op.drop_constraint(op.f("ck_lesson_asks_something"), "lesson", type_="check")
    op.drop_constraint(op.f("ck_lesson_attachment_lies_in_one_place"), "lesson_attachment", type_="check")
    op.drop_constraint(op.f("ck_lesson_attachment_plays_for_a_while"), "lesson_attachment", type_="check")
    op.drop_constraint(
        op.f("ck_lesson_completion_offline_minutes_are_some_of_them"), "lesson_completion", type_="check"
    )
    op.drop_constraint(op.f("ck_lesson_event_kind_known"), "lesson_event", type_="check")
    op.drop_constraint(op.f("ck_officer_act_code_with_the_signers_nonce"), "officer_act", type_="check")
    op.drop_constraint(op.f("ck_officer_act_passkey_with_its_question"), "officer_act", type_="check")
    op.drop_constraint(op.f("ck_subsidy_month_two_officers"), "subsidy_month", type_="check")
    op.drop_constraint(op.f("fk_subsidy_month_prepared_by_id_person"), "subsidy_month", type_="foreignkey")
    op.drop_column("subsidy_month", "prepared_by_id")
    op.drop_index("uq_officer_act_nonce", table_name="officer_act", postgresql_where=sa.text("assertion IS NOT NULL"))
    op.drop_column("officer_act", "before_nonces")
    # acts by code had no nonce then, and several share one
    op.execute("UPDATE officer_act SET nonce = NULL WHERE assertion IS NULL")
    op.create_unique_constraint(
        op.f("uq_officer_act_nonce"), "officer_act", ["nonce"], postgresql_nulls_not_distinct=False
    )
    op.drop_column("lesson_completion", "offline_minutes")
    # films lie outside the database: their rows stay, empty, and their files are left where they are
    op.execute("UPDATE lesson_attachment SET content = '' WHERE content IS NULL")
    op.alter_column("lesson_attachment", "content", existing_type=postgresql.BYTEA(), nullable=False)
    op.drop_column("lesson_attachment", "seconds")
    op.drop_column("lesson_attachment", "stored")
    op.drop_column("lesson", "asks")
    op.drop_constraint("fk_hours_entry_undoes_exactly_one", "hours_entry", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_hours_entry_reverses_id_hours_entry"), "hours_entry", "hours_entry", ["reverses_id"], ["id"]
    )
    op.drop_constraint(op.f("uq_hours_entry_id_person_id_kind_on_day_minutes"), "hours_entry", type_="unique")
    op.drop_column("hours_entry", "undoes")
    op.drop_column("course", "retired")
    op.drop_table("upload_part")
    op.drop_index(op.f("ix_watched_piece_person_id_ended_at"), table_name="watched_piece")
    op.drop_index(op.f("ix_watched_piece_person_id"), table_name="watched_piece")
    op.drop_index(op.f("ix_watched_piece_lesson_id"), table_name="watched_piece")
    op.drop_index(op.f("ix_watched_piece_institution_id"), table_name="watched_piece")
    op.drop_index(op.f("ix_watched_piece_enrolment_id_lesson_id"), table_name="watched_piece")
    op.drop_index(op.f("ix_watched_piece_attachment_id"), table_name="watched_piece")
    op.drop_table("watched_piece")
    op.drop_index(op.f("ix_upload_person_id"), table_name="upload")
    op.drop_index(op.f("ix_upload_institution_id"), table_name="upload")
    op.drop_index(op.f("ix_upload_expires_at"), table_name="upload")
    op.drop_index(op.f("ix_upload_draft_id"), table_name="upload")
    op.drop_table("upload")
    op.drop_index(op.f("ix_rotation_step_rotation_id"), table_name="rotation_step")
    op.drop_index(op.f("ix_rotation_step_person_id"), table_name="rotation_step")
    op.drop_index(op.f("ix_rotation_step_institution_id"), table_name="rotation_step")
    op.drop_table("rotation_step")
    op.drop_index(op.f("ix_rotation_practice_rotation_id"), table_name="rotation_practice")
    op.drop_index(op.f("ix_rotation_practice_person_id"), table_name="rotation_practice")
    op.drop_index(op.f("ix_rotation_practice_institution_id"), table_name="rotation_practice")
    op.drop_table("rotation_practice")
    op.drop_index(op.f("ix_rotation_file_rotation_id"), table_name="rotation_file")
    op.drop_index(op.f("ix_rotation_file_person_id"), table_name="rotation_file")
    op.drop_index(op.f("ix_rotation_file_institution_id"), table_name="rotation_file")
    op.drop_table("rotation_file")
    op.drop_index(op.f("ix_rotation_evaluation_rotation_id"), table_name="rotation_evaluation")
    op.drop_index(op.f("ix_rotation_evaluation_person_id"), table_name="rotation_evaluation")
    op.drop_index(op.f("ix_rotation_evaluation_institution_id"), table_name="rotation_evaluation")
    op.drop_table("rotation_evaluation")
    op.drop_index(op.f("ix_playing_place_person_id"), table_name="playing_place")
    op.drop_index(op.f("ix_playing_place_lesson_id"), table_name="playing_place")
    op.drop_index(op.f("ix_playing_place_institution_id"), table_name="playing_place")
    op.drop_index(op.f("ix_playing_place_attachment_id"), table_name="playing_place")
    op.drop_table("playing_place")
    op.drop_index(op.f("ix_lesson_supplement_person_id_completed_at"), table_name="lesson_supplement")
    op.drop_index(op.f("ix_lesson_supplement_person_id"), table_name="lesson_supplement")
    op.drop_index(op.f("ix_lesson_supplement_institution_id"), table_name="lesson_supplement")
    op.drop_index(op.f("ix_lesson_supplement_completion_id"), table_name="lesson_supplement")
    op.drop_table("lesson_supplement")
    op.drop_index(op.f("ix_curriculum_requirement_tier_id_position"), table_name="curriculum_requirement")
    op.drop_index(op.f("ix_curriculum_requirement_technique_id"), table_name="curriculum_requirement")
    op.drop_index(op.f("ix_curriculum_requirement_course_id"), table_name="curriculum_requirement")
    op.drop_table("curriculum_requirement")
    op.drop_index(op.f("ix_assignment_exception_person_id"), table_name="assignment_exception")
    op.drop_index(op.f("ix_assignment_exception_institution_id"), table_name="assignment_exception")
    op.drop_index(op.f("ix_assignment_exception_assignment_id"), table_name="assignment_exception")
    op.drop_table("assignment_exception")
    op.drop_index(op.f("ix_assignment_change_version_id"), table_name="assignment_change")
    op.drop_index(op.f("ix_assignment_change_rule_id"), table_name="assignment_change")
    op.drop_index(op.f("ix_assignment_change_person_id"), table_name="assignment_change")
    op.drop_index(op.f("ix_assignment_change_institution_id"), table_name="assignment_change")
    op.drop_index(op.f("ix_assignment_change_assignment_id"), table_name="assignment_change")
    op.drop_table("assignment_change")
    op.drop_index(op.f("ix_rotation_planned_by_id"), table_name="rotation")
    op.drop_index(op.f("ix_rotation_person_id"), table_name="rotation")
    op.drop_index(op.f("ix_rotation_institution_id"), table_name="rotation")
    op.drop_index(op.f("ix_rotation_host_id"), table_name="rotation")
    op.drop_index(op.f("ix_rotation_department_id_last_on"), table_name="rotation")
    op.drop_index(op.f("ix_rotation_consortium_id"), table_name="rotation")
    op.drop_table("rotation")
    op.drop_table("draft_lesson")
    op.drop_table("draft_file")
    op.drop_index(op.f("ix_discussion_version_person_id"), table_name="discussion_version")
    op.drop_index(op.f("ix_discussion_version_institution_id"), table_name="discussion_version")
    op.drop_table("discussion_version")
    op.drop_index(op.f("ix_discussion_useful_person_id"), table_name="discussion_useful")
    op.drop_index(op.f("ix_discussion_useful_institution_id"), table_name="discussion_useful")
    op.drop_table("discussion_useful")
    op.drop_index(op.f("ix_discussion_ruling_person_id"), table_name="discussion_ruling")
    op.drop_index(op.f("ix_discussion_ruling_institution_id"), table_name="discussion_ruling")
    op.drop_index(op.f("ix_discussion_ruling_entry_id"), table_name="discussion_ruling")
    op.drop_table("discussion_ruling")
    op.drop_index(op.f("ix_discussion_report_person_id"), table_name="discussion_report")
    op.drop_index(op.f("ix_discussion_report_institution_id"), table_name="discussion_report")
    op.drop_index(op.f("ix_discussion_report_entry_id"), table_name="discussion_report")
    op.drop_table("discussion_report")
    op.drop_index(op.f("ix_discussion_follow_person_id"), table_name="discussion_follow")
    op.drop_index(op.f("ix_discussion_follow_institution_id"), table_name="discussion_follow")
    op.drop_table("discussion_follow")
    op.drop_table("curriculum_tier")
    op.drop_index(op.f("ix_curriculum_publication_version_id"), table_name="curriculum_publication")
    op.drop_index(op.f("ix_curriculum_publication_curriculum_id"), table_name="curriculum_publication")
    op.drop_table("curriculum_publication")
    op.drop_table("curriculum_draft")
    op.drop_index(
        "uq_curriculum_assignment_one_at_a_time",
        table_name="curriculum_assignment",
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.drop_index(op.f("ix_curriculum_assignment_version_id"), table_name="curriculum_assignment")
    op.drop_index(op.f("ix_curriculum_assignment_rule_id"), table_name="curriculum_assignment")
    op.drop_index(op.f("ix_curriculum_assignment_person_id"), table_name="curriculum_assignment")
    op.drop_index(op.f("ix_curriculum_assignment_institution_id"), table_name="curriculum_assignment")
    op.drop_index(
        op.f("ix_curriculum_assignment_curriculum_id_version_id"),
        table_name="curriculum_assignment",
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.drop_table("curriculum_assignment")
    op.drop_index(op.f("ix_course_review_draft_id"), table_name="course_review")
    op.drop_table("course_review")
    op.drop_index(op.f("ix_subsidy_preparation_institution_id_month"), table_name="subsidy_preparation")
    op.drop_index(op.f("ix_subsidy_preparation_institution_id"), table_name="subsidy_preparation")
    op.drop_table("subsidy_preparation")
    op.drop_table("rotation_seat")
    op.drop_index(op.f("ix_rotation_receiver_person_id"), table_name="rotation_receiver")
    op.drop_index(op.f("ix_rotation_receiver_institution_id"), table_name="rotation_receiver")
    op.drop_index(op.f("ix_rotation_receiver_department_id"), table_name="rotation_receiver")
    op.drop_table("rotation_receiver")
    op.drop_index(op.f("ix_rotation_policy_valid_from"), table_name="rotation_policy")
    op.drop_table("rotation_policy")
    op.drop_index(
        "ix_discussion_entry_waiting",
        table_name="discussion_entry",
        postgresql_where=sa.text("question_id IS NULL AND answers = 0 AND hidden_at IS NULL"),
    )
    op.drop_index(op.f("ix_discussion_entry_question_id"), table_name="discussion_entry")
    op.drop_index(op.f("ix_discussion_entry_person_id"), table_name="discussion_entry")
    op.drop_index(op.f("ix_discussion_entry_institution_id"), table_name="discussion_entry")
    op.drop_index(
        op.f("ix_discussion_entry_course_id_lesson_code"),
        table_name="discussion_entry",
        postgresql_where=sa.text("question_id IS NULL"),
    )
    op.drop_index(op.f("ix_discussion_entry_course_id"), table_name="discussion_entry")
    op.drop_table("discussion_entry")
    op.drop_table("curriculum_version")
    op.drop_index(op.f("ix_credit_scheme_valid_from"), table_name="credit_scheme")
    op.drop_table("credit_scheme")
    op.drop_index(
        "uq_course_draft_one_open",
        table_name="course_draft",
        postgresql_where=sa.text("state IN ('approved', 'review', 'writing')"),
    )
    op.drop_table("course_draft")
    op.drop_table("rotation_department")
    op.drop_index(op.f("ix_assignment_rule_place_id"), table_name="assignment_rule")
    op.drop_index(op.f("ix_assignment_rule_curriculum_id_priority"), table_name="assignment_rule")
    op.drop_table("assignment_rule")
    op.drop_table("curriculum")
    # rows that only the newer rules allow stay: the older ones are asked of new rows alone
    op.create_check_constraint(
        op.f("ck_lesson_event_kind_known"),
        "lesson_event",
        "(((kind)::text = ANY ((ARRAY['opened'::character varying, 'position'::character varying, 'self_check'::character varying, 'finished'::character varying])::text[])))",
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("ck_officer_act_passkey_with_its_question"),
        "officer_act",
        "((((assertion IS NULL) = (nonce IS NULL)) AND ((assertion IS NULL) = (public_key IS NULL))))",
        postgresql_not_valid=True,
    )
