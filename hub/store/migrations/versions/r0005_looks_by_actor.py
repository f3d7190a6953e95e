"""The register of looks is asked for what somebody has seen lately at every look.

Revision: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_looks_actor", "looks", ["actor", "action", "at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_looks_actor", "looks")
