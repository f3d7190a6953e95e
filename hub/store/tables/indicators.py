"""What the figures are added up from; all of it can be derived again from the log."""

from sqlalchemy import Boolean, Double, Index, Integer, Table, Text

from hub.store.tables.base import Epoch, JsonOrNull, metadata, plain

COUNTS = (
    "cases", "void", "merged", "suspended", "extended", "due",
    "filed", "filed_on_time", "filed_rightly",
    "dispatched", "dispatched_on_time",
    "to_accept", "accepted_on_time", "to_arrive", "arrived_on_time",
    "handled", "handled_on_time", "closed", "closed_once", "closed_on_time",
    "verified", "reworked", "reopened", "returned",
    "rated", "satisfied", "by_machine", "rightly_bound", "self_handled",
    "said_later",
)  # fmt: skip
"""What is counted of a case: a column each, one or nought."""

PHASES = ("to_file", "to_dispatch", "to_accept", "to_arrive", "to_handle", "to_close", "in_all")
"""What is waited for, each from the step before; `in_all` from the report to the close."""

# One incident in figures; exercises have none. `due_day` is the site's, as 2026-11-23.
case_facts = Table(
    "case_facts",
    metadata,
    plain("incident_id", Text, primary_key=True),
    plain("due_by", Epoch, nullable=False),
    plain("due_day", Text, nullable=False),
    plain("opened_at", Epoch, nullable=False),
    plain("severity", Text, nullable=False),
    plain("origin", Text, nullable=False),
    plain("rule_kind", Text, nullable=False),
    *(plain(f"n_{name}", Integer, nullable=False) for name in COUNTS),
    *(plain(f"s_{name}", Double) for name in PHASES),
)

# The grids a case lay in when it was filed; '' is the whole site, whose parent is NULL.
case_places = Table(
    "case_places",
    metadata,
    plain("incident_id", Text, primary_key=True),
    plain("grid_code", Text, primary_key=True),
    plain("parent_code", Text),
    plain("due_by", Epoch, nullable=False),
)
Index("ix_case_places_grid_code", case_places.c.grid_code, case_places.c.due_by)
Index("ix_case_places_parent_code", case_places.c.parent_code, case_places.c.due_by)

alert_days = Table(
    "alert_days",
    metadata,
    plain("day", Text, primary_key=True),
    plain("grid_code", Text, primary_key=True),
    plain("rule_kind", Text, primary_key=True),
    plain("parent_code", Text),
    plain("alerts", Integer, nullable=False),
    plain("findings", Integer, nullable=False),
    plain("judged", Integer, nullable=False),
    plain("false_alarms", Integer, nullable=False),
    plain("incidents", Integer, nullable=False),
)
Index("ix_alert_days_grid_code", alert_days.c.grid_code, alert_days.c.day)
Index("ix_alert_days_parent_code", alert_days.c.parent_code, alert_days.c.day)

camera_days = Table(
    "camera_days",
    metadata,
    plain("day", Text, primary_key=True),
    plain("grid_code", Text, primary_key=True),
    plain("parent_code", Text),
    plain("cameras", Integer, nullable=False),
    plain("seconds", Double, nullable=False),
    plain("offline_s", Double, nullable=False),
    plain("faulty_s", Double, nullable=False),
    plain("disabled_s", Double, nullable=False, server_default="0"),
)
Index("ix_camera_days_grid_code", camera_days.c.grid_code, camera_days.c.day)
Index("ix_camera_days_parent_code", camera_days.c.parent_code, camera_days.c.day)

# From when to when a camera stood at a path, in use or not; not derived, so it is never forgotten.
camera_spans = Table(
    "camera_spans",
    metadata,
    plain("id", Integer, primary_key=True, autoincrement=True),
    plain("camera_id", Text, nullable=False),
    plain("since", Epoch, nullable=False),
    plain("until", Epoch),
    plain("enabled", Boolean, nullable=False),
    # Null until it is seen first: of before there were spans.
    plain("grid_path", JsonOrNull),
)
Index("ix_camera_spans_until", camera_spans.c.until)

# How far the log was read (`cases`), and when each kind of days was last derived.
figure_marks = Table(
    "figure_marks",
    metadata,
    plain("name", Text, primary_key=True),
    plain("reached", Double, nullable=False),
)
