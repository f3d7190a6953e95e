"""A delivery that was put off by an answer to another one says since when; notices by age.

Revision: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.add_column("deliveries", sa.Column("paused_at", sa.Double()))
    op.create_index("ix_notices_at", "notices", ["at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_notices_at", "notices")
    op.drop_column("deliveries", "paused_at")
