"""Clocks as rows, and what they brought about.

Revision: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Add the tables, and to whom a case that nobody accepts was raised."""
    op.add_column("incidents", sa.Column("raised_to", sa.Text()))
    op.create_table(
        "timers",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fired_at", sa.Double()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "subject_id", "step", "level", name="pk_timers"),
    )
    op.create_index(
        "ix_timers_waiting",
        "timers",
        ["due_at"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    _supervisions()
    op.create_table(
        "auditor_beats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("took_s", sa.Double(), nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_auditor_beats")),
    )


def _supervisions() -> None:
    op.create_table(
        "supervisions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text()),
        sa.Column("grid_path", JSON, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", sa.Double()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
        sa.UniqueConstraint(
            "subject",
            "subject_id",
            "step",
            "level",
            "round",
            name=op.f("uq_supervisions_subject"),
        ),
    )
    op.create_index("ix_supervisions_state", "supervisions", ["state", "opened_at"])


def downgrade() -> None:
    """Take them away."""
    for table in ("auditor_beats", "supervisions", "timers"):
        op.drop_table(table)
    op.drop_column("incidents", "raised_to")
