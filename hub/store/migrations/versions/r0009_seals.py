"""Seals over the logs, and the salts of the people named in them.

Revision: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; the active centre seals what is there already."""
    op.create_table(
        "seals",
        sa.Column("chain", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("sealed_at", sa.Double(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
    )
    op.create_table(
        "person_salts",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("salt", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Take them away; what was sealed can no longer be proved."""
    op.drop_table("person_salts")
    op.drop_table("seals")
