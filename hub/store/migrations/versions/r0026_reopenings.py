"""An index of the findings that reopened an alert, to see which rules fire too often.

Revision: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

REOPENED = sa.text("reason = 'reopened'")


def upgrade() -> None:
    """Make it."""
    op.create_index(
        "ix_outcomes_reopened",
        "outcomes",
        ["at"],
        sqlite_where=REOPENED,
        postgresql_where=REOPENED,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_outcomes_reopened", "outcomes")
