"""What the figures are judged by: first deadlines, and when cameras were in use or at fault.

Revision: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

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


JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
KNOWN = """
INSERT INTO camera_spans (camera_id, since, enabled) SELECT id, 0, enabled FROM cameras
"""


def upgrade() -> None:
    """Add them. What was reopened before has lost its first deadlines.

    A camera of before is taken to have been as it is, since ever: so it was counted.
    """
    for table, name in FIRST:
        op.add_column(table, sa.Column(name, sa.Double()))
    op.create_table(
        "muted_faults",
        sa.Column("episode_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rule_kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_muted_faults")),
    )
    op.create_index("ix_muted_faults_seen_at", "muted_faults", ["seen_at"])
    op.create_table(
        "camera_spans",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double()),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("grid_path", JSON),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_camera_spans")),
    )
    op.create_index("ix_camera_spans_until", "camera_spans", ["until"])
    op.execute(KNOWN)
    op.add_column(
        "case_facts",
        sa.Column("n_said_later", sa.Integer(), nullable=False, server_default="0"),
    )
    # The centre reads the log again from its first line: facts are derived as they are now.
    op.execute("DELETE FROM figure_marks WHERE name = 'log'")
    op.add_column(
        "camera_days", sa.Column("disabled_s", sa.Double(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("camera_days", "disabled_s")
    op.drop_column("case_facts", "n_said_later")
    op.drop_table("camera_spans")
    op.drop_table("muted_faults")
    for table, name in reversed(FIRST):
        op.drop_column(table, name)
