"""Alerts that a person merged into another, and the list by severity and clock.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the reference and the indexes."""
    op.add_column("alerts", sa.Column("merged_into", sa.Text()))
    op.create_index("ix_alerts_merged_into", "alerts", ["merged_into"])
    op.create_index("ix_alerts_urgency", "alerts", ["severity", "raised_at", "id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_alerts_urgency", "alerts")
    op.drop_index("ix_alerts_merged_into", "alerts")
    op.drop_column("alerts", "merged_into")
