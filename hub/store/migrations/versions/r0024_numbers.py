"""By which deadlines a case is judged that was given back or reopened.

Revision: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

FIRST = (
    ("incidents", "first_accept_by"),
    ("incidents", "first_on_scene_by"),
    ("incidents", "first_handle_by"),
    ("timers", "first_due_at"),
)


def upgrade() -> None:
    """Add them; what was reopened before has lost its first deadlines."""
    for table, name in FIRST:
        op.add_column(table, sa.Column(name, sa.Double()))


def downgrade() -> None:
    """Take them away."""
    for table, name in reversed(FIRST):
        op.drop_column(table, name)
