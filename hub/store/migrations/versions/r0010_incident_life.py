"""What the whole life of an incident needs: who handled it, what is asked for, who reported.

Revision: 0010
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEXTS = ("title", "description", "disposition", "no_evidence", "rating_note")
OPTIONAL = ("reported_by", "handled_by", "resumes_to", "parent_id", "merged_into")


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("origin", sa.Text(), nullable=False, server_default="camera"),
        *(sa.Column(name, sa.Text(), nullable=False, server_default="") for name in TEXTS),
        *(sa.Column(name, sa.Text()) for name in OPTIONAL),
        *(sa.Column(name, sa.Double()) for name in ("lon", "lat", "handled_at", "closed_at")),
        sa.Column("photo_ids", JSON, nullable=False, server_default="[]"),
        sa.Column("self_handled", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("rating", sa.Integer()),
    ]


def upgrade() -> None:
    """Add columns and tables; what began with a sensor or the hub itself says so."""
    for column in _columns():
        op.add_column("incidents", column)
    op.create_index("ix_incidents_closed", "incidents", ["state", "closed_at"])
    op.create_index("ix_incidents_merged_into", "incidents", ["merged_into"])
    _origins()
    _handlings()
    op.create_table(
        "approvals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", sa.Double()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.Double()),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_state", "approvals", ["state", "asked_at"])
    op.create_index("ix_approvals_incident_id", "approvals", ["incident_id"])
    op.create_table(
        "contacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("erased_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_incident_id", "contacts", ["incident_id"])
    op.create_table(
        "incident_actions",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident_actions")),
    )


def _origins() -> None:
    incidents = sa.table("incidents", sa.column("id"), sa.column("origin"))
    alerts = sa.table("alerts", sa.column("incident_id"), sa.column("source_kind"))
    for kinds, origin in ((("sensor",), "sensor"), (("worker", "hub"), "hub")):
        of_them = sa.select(alerts.c.incident_id).where(
            alerts.c.source_kind.in_(kinds), alerts.c.incident_id.is_not(None)
        )
        op.execute(sa.update(incidents).where(incidents.c.id.in_(of_them)).values(origin=origin))


def _handlings() -> None:
    """Who handled what waits to be verified stands in the log: nobody verifies their own work."""
    names = ("id", "state", "handled_by", "handled_at", "disposition")
    incidents = sa.table("incidents", *map(sa.column, names))
    log = sa.table(
        "transitions", *map(sa.column, ("entity", "entity_id", "what", "actor", "at", "reason"))
    )

    def finished(column: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
        word = (log.c.entity == "incident") & (log.c.what == "finish")
        mine = sa.select(column).where(log.c.entity_id == incidents.c.id, word)
        return mine.order_by(log.c.at.desc()).limit(1).scalar_subquery()

    op.execute(
        sa.update(incidents)
        .where(incidents.c.state == "handled")
        .values(
            handled_by=finished(log.c.actor),
            handled_at=finished(log.c.at),
            disposition=sa.func.coalesce(finished(log.c.reason), ""),
        )
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("incident_actions", "contacts", "approvals"):
        op.drop_table(table)
    op.drop_index("ix_incidents_merged_into", "incidents")
    op.drop_index("ix_incidents_closed", "incidents")
    for column in reversed(_columns()):
        op.drop_column("incidents", column.name)
