"""Names that are given once, and whether an export takes free words along.

Revision: 0022
"""

import hashlib
import time
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NAMES = sa.table(
    "names",
    sa.column("key", sa.Text()),
    sa.column("account_id", sa.Text()),
    sa.column("token_id", sa.Text()),
    sa.column("taken_at", sa.Double()),
)
# The later ones do not take a name from the earlier: who has it now has it.
KNOWN = (
    "SELECT name, id AS account_id, NULL AS token_id, created_at FROM accounts",
    "SELECT name, NULL, id, created_at FROM tokens ORDER BY revoked_at IS NOT NULL, created_at",
    "SELECT DISTINCT actor, NULL, NULL, NULL FROM looks",
    "SELECT DISTINCT actor, NULL, NULL, NULL FROM transitions",
)
NOBODY = ("ref:", "erased", "sensor ")


def _key(name: str) -> str:
    read = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return hashlib.sha256(read.encode()).hexdigest()


def upgrade() -> None:
    """Add the table, and keep every name that somebody has or that a register shows."""
    op.create_table(
        "names",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text()),
        sa.Column("token_id", sa.Text()),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_names")),
    )
    rows: dict[str, dict[str, object]] = {}
    for query in KNOWN:
        for name, account_id, token_id, at in op.get_bind().execute(sa.text(query)):
            if name is None or name == "hub" or name.startswith(NOBODY):
                continue
            taken_at = time.time() if at is None else at
            row = {"account_id": account_id, "token_id": token_id, "taken_at": taken_at}
            rows.setdefault(_key(name), {"key": _key(name), **row})
    op.bulk_insert(NAMES, list(rows.values()))
    op.add_column(
        "exports",
        sa.Column("free_words", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("exports", "free_words")
    op.drop_table("names")
