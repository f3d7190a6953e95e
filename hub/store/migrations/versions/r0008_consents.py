"""To whom owners show their cameras, and when.

Revision: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON_ = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "consents",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text()),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("windows", JSON_, nullable=False),
        sa.Column("roles", JSON_, nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.Double(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ended_by", sa.Text()),
    )
    op.create_index("ix_consents_owner", "consents", ["owner", "ended_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_consents_owner", "consents")
    op.drop_table("consents")
