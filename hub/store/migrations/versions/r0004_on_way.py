"""When a grid worker set out.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("tasks", sa.Column("on_way_at", sa.Double()))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("tasks", "on_way_at")
