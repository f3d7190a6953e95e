"""Roll calls: when they are held, what was called, and what was answered. All of it exercise."""

from sqlalchemy import Index, Integer, Table, Text, UniqueConstraint

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

# `grid` NULL: of the whole site. `weekday` 1 is Monday; `minute` of the site's day.
drill_plans = Table(
    "drill_plans",
    metadata,
    plain("id", Text, primary_key=True),
    plain("title", Text, nullable=False),
    plain("grid", Text),
    plain("grid_path", Json, nullable=False),
    plain("weekday", Integer, nullable=False),
    plain("minute", Integer, nullable=False),
    plain("lasts_s", Integer, nullable=False),
    plain("next_at", Epoch, nullable=False),
    plain("made_at", Epoch, nullable=False),
    personal("made_by", Text, nullable=False, purpose="who planned the drill", keep_days=1095),
    plain("ended_at", Epoch),
    personal("ended_by", Text, purpose="who ended the plan", keep_days=1095),
)
Index("ix_drill_plans_next_at", drill_plans.c.next_at)

drills = Table(
    "drills",
    metadata,
    plain("id", Text, primary_key=True),
    plain("plan_id", Text),
    plain("title", Text, nullable=False),
    plain("grid", Text),
    plain("grid_path", Json, nullable=False),
    plain("starts_at", Epoch, nullable=False),
    plain("ends_at", Epoch, nullable=False),
    plain("state", Text, nullable=False),
    personal("called_by", Text, nullable=False, purpose="who called the drill", keep_days=1095),
    plain("finished_at", Epoch),
    UniqueConstraint("plan_id", "starts_at"),
)
Index("ix_drills_starts_at", drills.c.starts_at)

# A camera or a post that is called. `found` is what the hub itself saw of a camera at the call.
drill_items = Table(
    "drill_items",
    metadata,
    plain("drill_id", Text, primary_key=True),
    plain("kind", Text, primary_key=True),
    plain("subject", Text, primary_key=True),
    plain("label", Text, nullable=False),
    plain("grid_code", Text),
    plain("grid_path", Json, nullable=False),
    plain("found", Text, nullable=False),
    plain("result", Text, nullable=False),
    plain("faults", Json, nullable=False),
    plain("note", Text, nullable=False),
    personal("answered_by", Text, purpose="who answers for the result", keep_days=1095),
    plain("answered_at", Epoch),
    plain("version", Integer, nullable=False),
)
