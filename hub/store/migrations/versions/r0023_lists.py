"""Indexes in the order of lists: newest first of a grid, a source, a rule, a person.

Revision: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

WIDER = (
    ("ix_alerts_raised_at", "alerts", ["raised_at"], ["raised_at", "id"]),
    ("ix_alerts_grid_code", "alerts", ["grid_code"], ["grid_code", "raised_at", "id"]),
    ("ix_incidents_grid_code", "incidents", ["grid_code"], ["grid_code", "opened_at", "id"]),
)
NEW = (
    ("ix_alerts_of_source", "alerts", ["source", "raised_at", "id"]),
    ("ix_alerts_rule_kind", "alerts", ["rule_kind", "raised_at", "id"]),
    ("ix_alerts_rule_id", "alerts", ["rule_id", "raised_at", "id"]),
    ("ix_alerts_kind_cleared", "alerts", ["rule_kind", "cleared_at"]),
    ("ix_approvals_asked_at", "approvals", ["asked_at", "id"]),
    ("ix_tasks_assignee", "tasks", ["assignee", "created_at", "id"]),
    ("ix_supervisions_opened_at", "supervisions", ["opened_at", "id"]),
    ("ix_deliveries_created_at", "deliveries", ["created_at", "id"]),
)
UNTAKEN = "acked_at IS NULL AND dead_at IS NULL"
LIVE = "life <> 'cleared'"
PARTIAL = (
    ("ix_alerts_live_updated", "alerts", ["updated_at", "id"], LIVE, LIVE),
    ("ix_alerts_exercise", "alerts", ["raised_at", "id"], "exercise = 1", "exercise"),
    ("ix_outbox_untaken", "outbox", ["created_at"], UNTAKEN, UNTAKEN),
)


def upgrade() -> None:
    """Make them; three that are there grow by what their lists are sorted by."""
    for name, table, _, columns in WIDER:
        op.drop_index(name, table)
        op.create_index(name, table, columns)
    for name, table, columns in NEW:
        op.create_index(name, table, columns)
    for name, table, columns, on_sqlite, on_postgresql in PARTIAL:
        op.create_index(
            name,
            table,
            columns,
            sqlite_where=sa.text(on_sqlite),
            postgresql_where=sa.text(on_postgresql),
        )


def downgrade() -> None:
    """Drop them."""
    for name, table, *_ in (*PARTIAL, *NEW):
        op.drop_index(name, table)
    for name, table, columns, _ in WIDER:
        op.drop_index(name, table)
        op.create_index(name, table, columns)
