"""Notices and each try to deliver one; the class of an incident, and why a task went where.

Revision: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the tables of what people are told, and two columns."""
    op.add_column(
        "incidents", sa.Column("class_code", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("tasks", sa.Column("why", JSON, nullable=False, server_default="[]"))
    op.add_column("feed", sa.Column("account", sa.Text()))
    _notices()
    _deliveries()
    op.create_table(
        "tries",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("error_class", sa.Text()),
        sa.Column("status", sa.Integer()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_tries")),
    )
    op.create_index("ix_tries_delivery_id", "tries", ["delivery_id", "seq"])
    op.create_index("ix_tries_at", "tries", ["at"])
    op.create_table(
        "channels",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("robot_id", sa.Text()),
        sa.Column("mention", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.Integer()),
        sa.Column("quiet_to", sa.Integer()),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_channels")),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("grid_path", JSON, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("unit", sa.Text()),
        sa.Column("account", sa.Text()),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("resolve_at", sa.Double(), nullable=False),
        sa.Column("resolved_at", sa.Double()),
        sa.Column("told", sa.Integer()),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_resolved_at", "notices", ["resolved_at", "resolve_at"])
    op.create_index("ix_notices_about", "notices", ["about"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("notice_key", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("put_off", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("next_try_at", sa.Double(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.Double()),
        sa.Column("acked_at", sa.Double()),
        sa.Column("dead_at", sa.Double()),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "notice_key", "account", "channel", name=op.f("uq_deliveries_notice_key")
        ),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["state", "next_try_at"])
    op.create_index("ix_deliveries_batch", "deliveries", ["batch"])
    op.create_index("ix_deliveries_account", "deliveries", ["account", "created_at"])


def downgrade() -> None:
    """Take them away."""
    for table in ("channels", "tries", "deliveries", "notices"):
        op.drop_table(table)
    op.drop_column("feed", "account")
    op.drop_column("tasks", "why")
    op.drop_column("incidents", "class_code")
