"""Posts, shifts, the roster, and who is away.

Revision: 0013
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _ended() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("ended_at", sa.Double()), sa.Column("ended_by", sa.Text())


def _made() -> tuple[sa.Column[Any], sa.Column[Any]]:
    made_at: sa.Column[Any] = sa.Column("made_at", sa.Double(), nullable=False)
    return made_at, sa.Column("made_by", sa.Text(), nullable=False)


def upgrade() -> None:
    """Make the tables; grants are asked for by the grid they are on."""
    op.create_table(
        "posts",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        *_made(),
        *_ended(),
    )
    op.create_index("ix_posts_grid", "posts", ["grid", "role"])
    op.create_table(
        "shifts",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text()),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("to_minute", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
    )
    op.create_table(
        "roster",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("shift", sa.Text()),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.Double(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        *_made(),
        *_ended(),
    )
    op.create_index("ix_roster_grid", "roster", ["grid", "role", "starts_at"])
    op.create_index("ix_roster_account", "roster", ["account_id", "starts_at"])
    op.create_table(
        "absences",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.Double(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        *_made(),
        *_ended(),
    )
    op.create_index("ix_absences_account", "absences", ["account_id", "ends_at"])
    op.create_index("ix_grants_grid_role", "grants", ["grid", "role"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_grants_grid_role", "grants")
    op.drop_index("ix_absences_account", "absences")
    op.drop_table("absences")
    op.drop_index("ix_roster_account", "roster")
    op.drop_index("ix_roster_grid", "roster")
    op.drop_table("roster")
    op.drop_table("shifts")
    op.drop_index("ix_posts_grid", "posts")
    op.drop_table("posts")
