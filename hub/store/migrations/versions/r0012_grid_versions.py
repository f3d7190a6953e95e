"""What a redraw of grids leaves behind: numbered versions, and which rows are in force.

Each moment at which grids began or ended before this becomes one version.

Revision: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COUNTS = ("added", "changed", "retired")

grids = sa.table(
    "grids",
    *(sa.column(name, sa.Double()) for name in ("valid_from", "valid_to")),
    *(sa.column(name, sa.Integer()) for name in ("version", "ended_in")),
    *(sa.column(name, sa.Text()) for name in ("code", "managed_by", "origin")),
    sa.column("present", sa.Boolean()),
)


def upgrade() -> None:
    """Add the columns and the table, and number what was."""
    op.add_column("grids", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("grids", sa.Column("ended_in", sa.Integer()))
    op.add_column(
        "grids", sa.Column("present", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.create_index("ix_grids_version", "grids", ["version"])
    versions = op.create_table(
        "grid_versions",
        sa.Column("no", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("by", "why", "exception")),
        sa.Column("valid_from", sa.Double(), nullable=False),
        sa.Column("managed_by", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("settled_at", sa.Double()),
        sa.Column("withdrawn_at", sa.Double()),
        sa.Column("withdrawn_by", sa.Text()),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_grid_versions")),
    )
    op.execute(sa.update(grids).values(present=grids.c.valid_to.is_(None)))
    _number(versions)


def _number(versions: sa.Table) -> None:
    connection = op.get_bind()
    moments = sa.union(
        sa.select(grids.c.valid_from),
        sa.select(grids.c.valid_to).where(grids.c.valid_to.is_not(None)),
    )
    for no, at in enumerate(sorted(connection.execute(moments).scalars()), 1):
        begun, ended = grids.c.valid_from == at, grids.c.valid_to == at
        new = set(connection.execute(sa.select(grids.c.code).where(begun)).scalars())
        old = set(connection.execute(sa.select(grids.c.code).where(ended)).scalars())
        source = sa.select(grids.c.managed_by, grids.c.origin).where(sa.or_(begun, ended))
        managed_by, origin = connection.execute(source.order_by(~begun).limit(1)).one()
        counts = (len(new - old), len(new & old), len(old - new))
        connection.execute(
            sa.insert(versions).values(
                no=no, at=at, by="hub", why="", exception="", valid_from=at, settled_at=at,
                managed_by=managed_by, origin=origin, **dict(zip(COUNTS, counts, strict=True)),
            )
        )  # fmt: skip
        connection.execute(sa.update(grids).where(begun).values(version=no))
        connection.execute(sa.update(grids).where(ended).values(ended_in=no))


def downgrade() -> None:
    """Take them away; what was planned never was."""
    planned = grids.c.version.in_(_planned())
    op.execute(sa.delete(grids).where(planned))
    ended = grids.c.ended_in.in_(_planned())
    op.execute(sa.update(grids).where(ended).values(valid_to=None))
    op.drop_table("grid_versions")
    op.drop_index("ix_grids_version", "grids")
    for name in ("present", "ended_in", "version"):
        op.drop_column("grids", name)


def _planned() -> sa.Select[tuple[int]]:
    versions = sa.table("grid_versions", sa.column("no", sa.Integer()), sa.column("settled_at"))
    return sa.select(versions.c.no).where(versions.c.settled_at.is_(None))
