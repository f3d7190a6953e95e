"""Rights by role, grid and time take the place of one role an account.

What an account or a token was becomes its one grant: a worker's on the own grid, all others on the
whole site.

Revision: 0006
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = (
    ("worker", ("worker", "chief")),
    ("centre", ("centre",)),
    ("operator", ("operator", "shift_leader")),
    ("admin", ("admin",)),
)
"""The roles of before, the widest last, each with those of today that come back as it."""


GRANTS = sa.table(
    "grants",
    *(sa.column(c) for c in ("account_id", "token_id", "role", "grid", "ends_at", "ended_at")),
)


def upgrade() -> None:
    """Make the table, move the roles into it, drop the columns they stood in."""
    op.create_table(
        "grants",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("token_id", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("grid", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.Double(), nullable=True),
        sa.Column("ends_at", sa.Double(), nullable=True),
        sa.Column("weekdays", sa.Text(), nullable=True),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("to_minute", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.Double(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
    )
    op.create_index("ix_grants_account_id", "grants", ["account_id"])
    op.create_index("ix_grants_token_id", "grants", ["token_id"])
    columns = "role, grid, given_at, given_by"
    # A grid of somebody who is no worker said nothing: such an account was of the whole site.
    op.execute(
        f"INSERT INTO grants (id, account_id, {columns}) SELECT 'account-' || id, id, role,"  # noqa: S608
        " CASE WHEN role = 'worker' THEN grid_code END, created_at, 'migration' FROM accounts"
    )
    op.execute(
        f"INSERT INTO grants (id, token_id, {columns})"  # noqa: S608
        " SELECT 'token-' || id, id, role, NULL, created_at, 'migration' FROM tokens"
    )
    op.drop_column("accounts", "role")
    op.drop_column("accounts", "grid_code")
    op.drop_column("tokens", "role")


def downgrade() -> None:
    """Give each account and token the widest role it has; who has none of before is shut out.

    What was of a grid or of some hours comes back as of the whole site and always, as roles were;
    but for the administrator of a part, who comes back as none.
    """
    for name in ("accounts", "tokens"):
        column = sa.Column("role", sa.Text(), nullable=False, server_default="worker")
        op.add_column(name, column)
    op.add_column("accounts", sa.Column("grid_code", sa.Text(), nullable=True))
    now = sa.literal(time.time())
    for name, holder, closed in (
        ("accounts", "account_id", "disabled_at"),
        ("tokens", "token_id", "revoked_at"),
    ):
        holders = sa.table(name, sa.column("id"), sa.column("role"), sa.column(closed))
        live = (
            sa.select(GRANTS.c[holder])
            .where(GRANTS.c[holder].is_not(None), GRANTS.c.ended_at.is_(None))
            .where(sa.or_(GRANTS.c.ends_at.is_(None), GRANTS.c.ends_at > now))
            .where(sa.or_(GRANTS.c.role != "admin", GRANTS.c.grid.is_(None)))
        )
        for role, today in BEFORE:
            theirs = holders.c.id.in_(live.where(GRANTS.c.role.in_(today)))
            op.execute(sa.update(holders).where(theirs).values(role=role))
        known = live.where(GRANTS.c.role.in_([role for _, today in BEFORE for role in today]))
        shut = sa.and_(holders.c.id.not_in(known), holders.c[closed].is_(None))
        op.execute(sa.update(holders).where(shut).values({closed: now}))
    op.execute(
        "UPDATE accounts SET grid_code = (SELECT min(grid) FROM grants WHERE role = 'worker'"
        " AND ended_at IS NULL AND account_id = accounts.id)"
    )
    op.drop_table("grants")
