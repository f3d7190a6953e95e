"""All tables of the spine.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON_ = sa.JSON().with_variant(JSONB(), "postgresql")
BIG_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


TABLES = (
    "tokens",
    "looks",
    "alerts",
    "outcomes",
    "producers",
    "mutes",
    "transitions",
    "incidents",
    "tasks",
    "outbox",
    "queue_epochs",
    "task_actions",
    "grids",
    "camera_bindings",
    "feed",
    "leases",
    "media",
    "settings",
    "rules",
    "rule_states",
    "cameras",
    "sensors",
    "brokers",
)


def upgrade() -> None:
    """Create all tables."""
    _access()
    _alerts_1()
    _alerts_2()
    _dispatch_1()
    _dispatch_2()
    _grids()
    _ops()
    _rules()
    _sources()


def downgrade() -> None:
    """Drop all tables."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _access() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_table(
        "looks",
        sa.Column("seq", sa.Integer(), autoincrement=True, primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )


def _alerts_1() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("episode_id", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("rule_kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("life", sa.Text(), nullable=False),
        sa.Column("ack", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("camera_grid", sa.Text(), nullable=True),
        sa.Column("event_grid", sa.Text(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("grid_path", JSON_, nullable=False),
        sa.Column("grid_why", sa.Text(), nullable=False),
        sa.Column("grid_confidence", sa.Double(), nullable=False),
        sa.Column("secondary", JSON_, nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("picture_point", JSON_, nullable=True),
        sa.Column("box", JSON_, nullable=True),
        sa.Column("captured_at", sa.Double(), nullable=False),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("cleared_at", sa.Double(), nullable=True),
        sa.Column("dwell_s", sa.Double(), nullable=False),
        sa.Column("group_wait_s", sa.Double(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Text(), nullable=True),
        sa.Column("incident_id", sa.Text(), nullable=True),
        sa.Column("facts", JSON_, nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_alerts_grid_code", "alerts", ["grid_code"])
    op.create_index("ix_alerts_incident_id", "alerts", ["incident_id"])
    op.create_index("ix_alerts_live", "alerts", ["fingerprint", "life"])
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"])
    op.create_index("ix_alerts_source", "alerts", ["source", "life"])


def _alerts_2() -> None:
    op.create_table(
        "outcomes",
        sa.Column("finding_id", sa.Text(), primary_key=True),
        sa.Column("producer", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("episode_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_index("ix_outcomes_alert_id", "outcomes", ["alert_id"])
    op.create_index("ix_outcomes_producer", "outcomes", ["producer", "seq"])
    op.create_table(
        "producers",
        sa.Column("producer", sa.Text(), primary_key=True),
        sa.Column("high_water", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "mutes",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("grid_prefix", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.Double(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "transitions",
        sa.Column("seq", sa.Integer(), autoincrement=True, primary_key=True),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.UniqueConstraint("entity", "entity_id", "version"),
    )


def _dispatch_1() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rule_kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("grid_path", JSON_, nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("dispatch_at", sa.Double(), nullable=True),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("accept_by", sa.Double(), nullable=False),
        sa.Column("on_scene_by", sa.Double(), nullable=True),
        sa.Column("handle_by", sa.Double(), nullable=False),
        sa.Column("reports", JSON_, nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_incidents_group_key", "incidents", ["group_key", "state"])
    op.create_index("ix_incidents_state", "incidents", ["state", "dispatch_at"])
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("centre", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message", JSON_, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("accepted_at", sa.Double(), nullable=True),
        sa.Column("on_scene_at", sa.Double(), nullable=True),
        sa.Column("done_at", sa.Double(), nullable=True),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("photo_ids", JSON_, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_tasks_incident_id", "tasks", ["incident_id"])
    op.create_index("ix_tasks_state", "tasks", ["state", "created_at"])


def _dispatch_2() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, primary_key=True),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("centre", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("queued_at", sa.Double(), nullable=True),
        sa.Column("acked_at", sa.Double(), nullable=True),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("dead_at", sa.Double(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.UniqueConstraint("centre", "epoch", "number"),
    )
    op.create_index("ix_outbox_open", "outbox", ["centre", "acked_at", "dead_at"])
    op.create_index("ix_outbox_task_id", "outbox", ["task_id"])
    op.create_table(
        "queue_epochs",
        sa.Column("centre", sa.Text(), primary_key=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("receipts_after", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "task_actions",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )


def _grids() -> None:
    op.create_table(
        "grids",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("geometry", JSON_, nullable=False),
        sa.Column("centre", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Double(), nullable=False),
        sa.Column("valid_to", sa.Double(), nullable=True),
        sa.Column("managed_by", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
    )
    op.create_index("ix_grids_code", "grids", ["code"])
    op.create_table(
        "camera_bindings",
        sa.Column("camera_id", sa.Text(), primary_key=True),
        sa.Column("grid_code", sa.Text(), primary_key=True),
        sa.Column("how", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("primary_grid", sa.Boolean(), nullable=False),
        sa.Column("bound_at", sa.Double(), nullable=False),
    )
    op.create_index("ix_camera_bindings_grid_code", "camera_bindings", ["grid_code"])


def _ops() -> None:
    op.create_table(
        "feed",
        sa.Column("seq", BIG_COUNTER, autoincrement=True, primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("body", JSON_, nullable=False),
    )
    op.create_index("ix_feed_at", "feed", ["at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "media",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("linked_to", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("value", JSON_, nullable=False),
    )


def _rules() -> None:
    op.create_table(
        "rules",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("spec", JSON_, nullable=False),
        sa.Column("managed_by", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "rule_states",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("state", JSON_, nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )


def _sources() -> None:
    op.create_table(
        "cameras",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("spec", JSON_, nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("managed_by", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "sensors",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("spec", JSON_, nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("managed_by", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "brokers",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("spec", JSON_, nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("managed_by", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
    )
