"""Which cameras a storm of alerts consists of.

Revision: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LOST = sa.text("over_at IS NULL")


def upgrade() -> None:
    """Add the table of the cameras of storms."""
    said = ("source", "rule_kind", "episode_id")
    moments = ("since", "joined_at", "updated_at")
    op.create_table(
        "storm_members",
        sa.Column("storm_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in said),
        *(sa.Column(name, sa.Double(), nullable=False) for name in moments),
        sa.Column("over_at", sa.Double()),
        sa.PrimaryKeyConstraint("storm_id", "fingerprint", name=op.f("pk_storm_members")),
    )
    op.create_index("ix_storm_members_fingerprint", "storm_members", ["fingerprint"])
    op.create_index("ix_storm_members_source", "storm_members", ["source"])
    op.create_index(
        "ix_storm_members_lost",
        "storm_members",
        ["updated_at"],
        sqlite_where=LOST,
        postgresql_where=LOST,
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("storm_members")
