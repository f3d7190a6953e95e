"""Whistles: what a department is called for; whose the feed tells; who lowered a severity.

Revision: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ONE_LEAD = sa.text("part = 'lead' AND ended_at IS NULL")


def upgrade() -> None:
    """A table, and a column each in three others."""
    op.create_table(
        "whistles",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("id", "incident_id", "unit", "part", "state", "note")
        ),
        sa.Column("called_at", sa.Double(), nullable=False),
        sa.Column("called_by", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Double(), nullable=False)
            for name in ("sign_by", "contact_by", "report_by")
        ),
        sa.Column("signed_at", sa.Double()),
        sa.Column("signed_by", sa.Text()),
        sa.Column("contacted_at", sa.Double()),
        sa.Column("reported_at", sa.Double()),
        sa.Column("reported_by", sa.Text()),
        sa.Column("late", sa.Text()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reports", JSON, nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whistles")),
    )
    op.create_index("ix_whistles_incident_id", "whistles", ["incident_id", "unit"])
    op.create_index("ix_whistles_unit", "whistles", ["unit", "called_at"])
    op.create_index("ix_whistles_called_at", "whistles", ["called_at"])
    op.create_index(
        "ux_whistles_lead",
        "whistles",
        ["incident_id"],
        unique=True,
        sqlite_where=ONE_LEAD,
        postgresql_where=ONE_LEAD,
    )
    op.add_column("feed", sa.Column("units", JSON))
    op.add_column("incidents", sa.Column("lowered_by", sa.Text()))
    op.add_column("incident_actions", sa.Column("said", sa.Text()))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("incident_actions", "said")
    op.drop_column("incidents", "lowered_by")
    op.drop_column("feed", "units")
    op.drop_index("ux_whistles_lead", "whistles")
    op.drop_table("whistles")
