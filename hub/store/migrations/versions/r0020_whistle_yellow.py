"""Whistles turn yellow before they turn red.

Revision: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STEPS = ("sign", "contact", "report")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Add when each step turns yellow, and which one has; what was called before never does."""
    for step in STEPS:
        op.add_column("whistles", sa.Column(f"{step}_soon", sa.Double()))
    op.add_column("whistles", sa.Column("warned", sa.Text()))
    op.create_index(
        "ix_whistles_open", "whistles", ["called_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_whistles_open", "whistles")
    op.drop_column("whistles", "warned")
    for step in reversed(STEPS):
        op.drop_column("whistles", f"{step}_soon")
