"""let a circuit count tablets only

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BEFORE = (
    "not_running", "closed", "released", "not_assigned", "device_revoked", "unknown_device", "bad_signature",
)


def _known(reasons: tuple[str, ...]) -> str:
    return f"why IN ({', '.join(repr(reason) for reason in reasons)})"


def upgrade() -> None:
    op.add_column("circuit", sa.Column("tablets_only", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_constraint(op.f("ck_sheet_aside_why_known"), "sheet_aside", type_="check")
    op.create_check_constraint(op.f("ck_sheet_aside_why_known"), "sheet_aside", _known((*_BEFORE, "no_tablet")))


def downgrade() -> None:
    op.execute("DELETE FROM sheet_aside WHERE why = 'no_tablet'")
    op.drop_constraint(op.f("ck_sheet_aside_why_known"), "sheet_aside", type_="check")
    op.create_check_constraint(op.f("ck_sheet_aside_why_known"), "sheet_aside", _known(_BEFORE))
    op.drop_column("circuit", "tablets_only")
