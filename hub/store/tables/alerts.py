"""Alerts, what became of every finding, mutes, and the append-only log of transitions."""

from sqlalchemy import (
    Boolean,
    Double,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

from hub.store.tables.base import Epoch, Json, JsonOrNull, metadata, personal, plain

alerts = Table(
    "alerts",
    metadata,
    plain("id", Text, primary_key=True),
    plain("fingerprint", Text, nullable=False),
    plain("episode_id", Text, nullable=False),
    plain("rule_id", Text, nullable=False),
    plain("rule_kind", Text, nullable=False),
    plain("source", Text, nullable=False),
    plain("source_kind", Text, nullable=False),
    plain("place", Text, nullable=False),
    plain("severity", Text, nullable=False),
    plain("policy", Text, nullable=False),
    plain("life", Text, nullable=False),
    plain("ack", Text, nullable=False),
    plain("verdict", Text),
    plain("camera_grid", Text),
    plain("event_grid", Text),
    plain("grid_code", Text),
    plain("grid_path", Json, nullable=False),
    plain("grid_why", Text, nullable=False),
    plain("grid_confidence", Double, nullable=False),
    plain("secondary", Json, nullable=False),
    plain("lon", Double),
    plain("lat", Double),
    plain("picture_point", Json),
    plain("box", Json),
    plain("captured_at", Epoch, nullable=False),
    plain("raised_at", Epoch, nullable=False),
    plain("updated_at", Epoch, nullable=False),
    plain("cleared_at", Epoch),
    plain("dwell_s", Double, nullable=False),
    plain("group_wait_s", Double, nullable=False),
    plain("findings", Integer, nullable=False),
    plain("evidence_id", Text),
    plain("incident_id", Text),
    plain("facts", Json, nullable=False),
    plain("exercise", Boolean, nullable=False),
    plain("version", Integer, nullable=False),
    plain("merged_into", Text),
)
Index("ix_alerts_live", alerts.c.fingerprint, alerts.c.life)
Index("ix_alerts_source", alerts.c.source, alerts.c.life)
# Those that end with moment and id serve lists: newest first, without sorting.
Index("ix_alerts_raised_at", alerts.c.raised_at, alerts.c.id)
Index("ix_alerts_grid_code", alerts.c.grid_code, alerts.c.raised_at, alerts.c.id)
Index("ix_alerts_of_source", alerts.c.source, alerts.c.raised_at, alerts.c.id)
Index("ix_alerts_rule_kind", alerts.c.rule_kind, alerts.c.raised_at, alerts.c.id)
Index("ix_alerts_rule_id", alerts.c.rule_id, alerts.c.raised_at, alerts.c.id)
Index("ix_alerts_kind_cleared", alerts.c.rule_kind, alerts.c.cleared_at)
Index("ix_alerts_incident_id", alerts.c.incident_id)
Index("ix_alerts_merged_into", alerts.c.merged_into)
Index("ix_alerts_urgency", alerts.c.severity, alerts.c.raised_at, alerts.c.id)
_LIVE = alerts.c.life != literal_column("'cleared'")
Index(
    "ix_alerts_still_live",
    alerts.c.severity,
    alerts.c.raised_at,
    alerts.c.id,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
Index(
    "ix_alerts_live_updated",
    alerts.c.updated_at,
    alerts.c.id,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
Index(
    "ix_alerts_exercise",
    alerts.c.raised_at,
    alerts.c.id,
    sqlite_where=text("exercise = 1"),
    postgresql_where=text("exercise"),
)

outcomes = Table(
    "outcomes",
    metadata,
    plain("finding_id", Text, primary_key=True),
    plain("producer", Text, nullable=False),
    plain("seq", Integer, nullable=False),
    plain("episode_id", Text, nullable=False),
    plain("outcome", Text, nullable=False),
    plain("reason", Text, nullable=False),
    plain("alert_id", Text),
    plain("at", Epoch, nullable=False),
)
Index("ix_outcomes_producer", outcomes.c.producer, outcomes.c.seq)
Index("ix_outcomes_alert_id", outcomes.c.alert_id)
REOPENED = outcomes.c.reason == literal_column("'reopened'")
"""Said so in a query, it goes by the index."""
Index("ix_outcomes_reopened", outcomes.c.at, sqlite_where=REOPENED, postgresql_where=REOPENED)

producers = Table(
    "producers",
    metadata,
    plain("producer", Text, primary_key=True),
    plain("high_water", Integer, nullable=False),
    plain("updated_at", Epoch, nullable=False),
)

mutes = Table(
    "mutes",
    metadata,
    plain("id", Text, primary_key=True),
    plain("source", Text),
    plain("rule_id", Text),
    plain("grid_prefix", Text),
    plain("reason", Text, nullable=False),
    personal("owner", Text, nullable=False, purpose="who answers for the mute", keep_days=1095),
    plain("starts_at", Epoch, nullable=False),
    plain("ends_at", Epoch, nullable=False),
    plain("ended_at", Epoch),
    plain("created_at", Epoch, nullable=False),
    plain("grid_path", JsonOrNull),
)

# A camera's fault that a mute keeps silent about: from when to the last word of it.
muted_faults = Table(
    "muted_faults",
    metadata,
    plain("episode_id", Text, primary_key=True),
    plain("source", Text, nullable=False),
    plain("rule_kind", Text, nullable=False),
    plain("since", Epoch, nullable=False),
    plain("seen_at", Epoch, nullable=False),
)
Index("ix_muted_faults_seen_at", muted_faults.c.seen_at)

transitions = Table(
    "transitions",
    metadata,
    plain("seq", Integer, primary_key=True, autoincrement=True),
    plain("entity", Text, nullable=False),
    plain("entity_id", Text, nullable=False),
    plain("version", Integer, nullable=False),
    plain("at", Epoch, nullable=False),
    plain("what", Text, nullable=False),
    plain("from_state", Text),
    plain("to_state", Text),
    plain("reason", Text, nullable=False),
    personal("actor", Text, nullable=False, purpose="who acted on a case", keep_days=1095),
    personal("device", Text, purpose="where the action came from", keep_days=1095),
    UniqueConstraint("entity", "entity_id", "version"),
)
