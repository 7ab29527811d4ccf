"""Checked runs: under what condition figures were measured, and the verdict of a workload."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a checked run has and a benchmark has not."""
    with op.batch_alter_table("run") as table:
        table.add_column(sa.Column("condition", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("verdict", sa.String(20), nullable=True))
        table.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop it: the verdicts are lost."""
    with op.batch_alter_table("run") as table:
        for column in ("condition", "verdict", "reason"):
            table.drop_column(column)
