"""Duplicates without an incident of their own share that of the alert they were merged into.

Revision: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Link those of before; what is held or exported of a case is all of it from now on."""
    alerts = sa.table("alerts", *(sa.column(c) for c in ("id", "incident_id", "merged_into")))
    other = alerts.alias()
    of_other = (
        sa.select(other.c.incident_id).where(other.c.id == alerts.c.merged_into).scalar_subquery()
    )
    op.execute(
        sa.update(alerts)
        .where(alerts.c.merged_into.is_not(None), alerts.c.incident_id.is_(None))
        .values(incident_id=of_other)
    )


def downgrade() -> None:
    """They stay linked: which of them were not before is not known, and harms nobody."""
