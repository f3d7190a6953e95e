"""What indicators and drills keep.

Revision: 0017
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COUNTS = (
    "cases", "void", "merged", "suspended", "extended", "due",
    "filed", "filed_on_time", "filed_rightly",
    "dispatched", "dispatched_on_time",
    "to_accept", "accepted_on_time", "to_arrive", "arrived_on_time",
    "handled", "handled_on_time", "closed", "closed_once", "closed_on_time",
    "verified", "reworked", "reopened", "returned",
    "rated", "satisfied", "by_machine", "rightly_bound", "self_handled",
)  # fmt: skip
PHASES = ("to_file", "to_dispatch", "to_accept", "to_arrive", "to_handle", "to_close", "in_all")


def _text(name: str, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, primary_key=key)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _real(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double(), nullable=False)


def _optional(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text())


def _drills() -> None:
    op.create_table(
        "drill_plans",
        _text("id", key=True),
        _text("title"),
        _optional("grid"),
        sa.Column("grid_path", JSON, nullable=False),
        *(_number(name) for name in ("weekday", "minute", "lasts_s")),
        *(_real(name) for name in ("next_at", "made_at")),
        _text("made_by"),
        sa.Column("ended_at", sa.Double()),
        _optional("ended_by"),
    )
    op.create_index("ix_drill_plans_next_at", "drill_plans", ["next_at"])
    op.create_table(
        "drills",
        _text("id", key=True),
        _optional("plan_id"),
        _text("title"),
        _optional("grid"),
        sa.Column("grid_path", JSON, nullable=False),
        *(_real(name) for name in ("starts_at", "ends_at")),
        *(_text(name) for name in ("state", "called_by")),
        sa.Column("finished_at", sa.Double()),
        sa.UniqueConstraint("plan_id", "starts_at", name=op.f("uq_drills_plan_id")),
    )
    op.create_index("ix_drills_starts_at", "drills", ["starts_at"])
    op.create_table(
        "drill_items",
        *(_text(name, key=True) for name in ("drill_id", "kind", "subject")),
        _text("label"),
        _optional("grid_code"),
        sa.Column("grid_path", JSON, nullable=False),
        *(_text(name) for name in ("found", "result")),
        sa.Column("faults", JSON, nullable=False),
        _text("note"),
        _optional("answered_by"),
        sa.Column("answered_at", sa.Double()),
        _number("version"),
    )


def upgrade() -> None:
    """Empty tables: the centre fills the facts from the log."""
    _drills()
    op.create_table(
        "case_facts",
        _text("incident_id", key=True),
        _real("due_by"),
        _text("due_day"),
        _real("opened_at"),
        *(_text(name) for name in ("severity", "origin", "rule_kind")),
        *(_number(f"n_{name}") for name in COUNTS),
        *(sa.Column(f"s_{name}", sa.Double()) for name in PHASES),
    )
    op.create_table(
        "case_places",
        _text("incident_id", key=True),
        _text("grid_code", key=True),
        sa.Column("parent_code", sa.Text()),
        _real("due_by"),
    )
    op.create_index("ix_case_places_grid_code", "case_places", ["grid_code", "due_by"])
    op.create_index("ix_case_places_parent_code", "case_places", ["parent_code", "due_by"])
    op.create_table(
        "alert_days",
        *(_text(name, key=True) for name in ("day", "grid_code", "rule_kind")),
        sa.Column("parent_code", sa.Text()),
        *(_number(name) for name in ("alerts", "findings", "judged", "false_alarms", "incidents")),
    )
    op.create_table(
        "camera_days",
        *(_text(name, key=True) for name in ("day", "grid_code")),
        sa.Column("parent_code", sa.Text()),
        _number("cameras"),
        *(_real(name) for name in ("seconds", "offline_s", "faulty_s")),
    )
    for table in ("alert_days", "camera_days"):
        for column in ("grid_code", "parent_code"):
            op.create_index(f"ix_{table}_{column}", table, [column, "day"])
    op.create_table(
        "figure_marks",
        _text("name", key=True),
        _real("reached"),
    )


def downgrade() -> None:
    """Nothing is lost: all of it stands in the log."""
    for table in (
        "drill_items",
        "drills",
        "drill_plans",
        "figure_marks",
        "camera_days",
        "alert_days",
        "case_places",
        "case_facts",
    ):
        op.drop_table(table)
