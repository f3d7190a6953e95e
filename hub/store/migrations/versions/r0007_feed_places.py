"""The feed and the mutes say of which place they tell, and where sensors stand is written down.

Of what was told before this nobody knows the place: it stays with those who may see everything.

Revision: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add the columns and the table."""
    for name in ("feed", "mutes"):
        op.add_column(name, sa.Column("grid_path", JSON))
    feed = sa.table("feed", sa.column("grid_path", JSON))
    op.execute(sa.update(feed).values(grid_path=[]))
    columns = (sa.column(name, sa.Text) for name in ("source", "grid_prefix"))
    mutes = sa.table("mutes", sa.column("grid_path", JSON), *columns)
    somewhere = sa.or_(mutes.c.source.is_not(None), mutes.c.grid_prefix.is_not(None))
    op.execute(sa.update(mutes).where(somewhere).values(grid_path=[]))
    op.create_table(
        "sensor_bindings",
        sa.Column("sensor_id", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("bound_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("sensor_id", name=op.f("pk_sensor_bindings")),
    )
    op.create_index(
        op.f("ix_sensor_bindings_grid_code"), "sensor_bindings", ["grid_code"], unique=False
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index(op.f("ix_sensor_bindings_grid_code"), table_name="sensor_bindings")
    op.drop_table("sensor_bindings")
    for name in ("mutes", "feed"):
        op.drop_column(name, "grid_path")
