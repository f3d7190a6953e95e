"""Indexes for lists of a county's size: by time, by ground, and the alerts that still live.

Revision: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_incidents_opened_at", "incidents", ["opened_at", "id"]),
    ("ix_incidents_grid_code", "incidents", ["grid_code"]),
    ("ix_tasks_created_at", "tasks", ["created_at", "id"]),
    ("ix_grids_parent_code", "grids", ["parent_code"]),
)
LIVE = sa.text("life <> 'cleared'")


def upgrade() -> None:
    """Make them."""
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.create_index(
        "ix_alerts_still_live",
        "alerts",
        ["severity", "raised_at", "id"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_alerts_still_live", "alerts")
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(name, table)
