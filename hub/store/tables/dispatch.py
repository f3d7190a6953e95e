"""Incidents, tasks, the outbox and what was done: the road from an alert to the queue."""

from sqlalchemy import Boolean, Double, Index, Integer, Table, Text, UniqueConstraint, text

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

incidents = Table(
    "incidents",
    metadata,
    plain("id", Text, primary_key=True),
    plain("group_key", Text, nullable=False),
    plain("state", Text, nullable=False),
    plain("rule_kind", Text, nullable=False),
    plain("severity", Text, nullable=False),
    plain("grid_code", Text),
    plain("grid_path", Json, nullable=False),
    plain("opened_at", Epoch, nullable=False),
    plain("dispatch_at", Epoch),
    plain("updated_at", Epoch, nullable=False),
    plain("accept_by", Epoch, nullable=False),
    plain("on_scene_by", Epoch),
    plain("handle_by", Epoch, nullable=False),
    plain("reports", Json, nullable=False),
    plain("exercise", Boolean, nullable=False),
    plain("version", Integer, nullable=False),
    plain("origin", Text, nullable=False),
    plain("title", Text, nullable=False),
    plain("description", Text, nullable=False),
    plain("lon", Double),
    plain("lat", Double),
    personal("reported_by", Text, purpose="who of the staff took the report", keep_days=1095),
    personal("handled_by", Text, purpose="who may not verify the handling", keep_days=1095),
    personal("lowered_by", Text, purpose="who may not verify it either", keep_days=1095),
    plain("handled_at", Epoch),
    plain("disposition", Text, nullable=False),
    plain("no_evidence", Text, nullable=False),
    plain("photo_ids", Json, nullable=False),
    plain("self_handled", Boolean, nullable=False),
    plain("resumes_to", Text),
    plain("parent_id", Text),
    plain("merged_into", Text),
    plain("closed_at", Epoch),
    plain("rating", Integer),
    plain("rating_note", Text, nullable=False),
    plain("raised_to", Text),
    plain("class_code", Text, nullable=False, server_default=""),
    # By when it was due before it was reopened first; null where it never was.
    plain("first_accept_by", Epoch),
    plain("first_on_scene_by", Epoch),
    plain("first_handle_by", Epoch),
)
Index("ix_incidents_group_key", incidents.c.group_key, incidents.c.state)
Index("ix_incidents_state", incidents.c.state, incidents.c.dispatch_at)
Index("ix_incidents_closed", incidents.c.state, incidents.c.closed_at)
Index("ix_incidents_merged_into", incidents.c.merged_into)
Index("ix_incidents_opened_at", incidents.c.opened_at, incidents.c.id)
Index("ix_incidents_grid_code", incidents.c.grid_code, incidents.c.opened_at, incidents.c.id)

# What was asked for and another person decides.
approvals = Table(
    "approvals",
    metadata,
    plain("id", Text, primary_key=True),
    plain("incident_id", Text, nullable=False),
    plain("verb", Text, nullable=False),
    plain("reason", Text, nullable=False),
    plain("note", Text, nullable=False),
    plain("until", Epoch),
    plain("state", Text, nullable=False),
    personal("asked_by", Text, nullable=False, purpose="who may not decide", keep_days=1095),
    plain("asked_at", Epoch, nullable=False),
    personal("decided_by", Text, purpose="who answers for the decision", keep_days=1095),
    plain("decided_at", Epoch),
    plain("decision_note", Text, nullable=False),
)
Index("ix_approvals_state", approvals.c.state, approvals.c.asked_at)
Index("ix_approvals_incident_id", approvals.c.incident_id)
Index("ix_approvals_asked_at", approvals.c.asked_at, approvals.c.id)

_CALLS_BACK = "calling back who reported, until they have rated it or it is archived"
# Apart from the incident, so that it can be erased while the incident's log stands.
contacts = Table(
    "contacts",
    metadata,
    plain("id", Text, primary_key=True),
    plain("incident_id", Text, nullable=False),
    personal("name", Text, purpose=_CALLS_BACK, keep_days=30),
    personal("phone", Text, purpose=_CALLS_BACK, keep_days=30),
    plain("taken_at", Epoch, nullable=False),
    plain("erased_at", Epoch),
)
Index("ix_contacts_incident_id", contacts.c.incident_id)

# What people did about incidents under an idempotency key, with the first answer.
incident_actions = Table(
    "incident_actions",
    metadata,
    plain("key", Text, primary_key=True),
    plain("subject", Text, nullable=False),
    plain("verb", Text, nullable=False),
    personal(
        "result",
        Text,
        nullable=False,
        purpose="the same answer to a repeat; it names who acted",
        keep_days=1095,
        told=True,
    ),
    personal("actor", Text, nullable=False, purpose="who acted on a case", keep_days=1095),
    plain("at", Epoch, nullable=False),
    # A hash of all that was said, of which only the phone of who reported may be unknown.
    personal("said", Text, purpose="whether a repeat says the same", keep_days=1),
)

tasks = Table(
    "tasks",
    metadata,
    plain("id", Text, primary_key=True),
    plain("incident_id", Text, nullable=False),
    plain("centre", Text, nullable=False),
    plain("grid_code", Text),
    plain("state", Text, nullable=False),
    plain("message", Json, nullable=False),
    plain("created_at", Epoch, nullable=False),
    plain("updated_at", Epoch, nullable=False),
    plain("accepted_at", Epoch),
    plain("on_way_at", Epoch),
    plain("on_scene_at", Epoch),
    plain("done_at", Epoch),
    personal("assignee", Text, purpose="who goes there", keep_days=1095),
    plain("note", Text),
    plain("photo_ids", Json, nullable=False),
    plain("version", Integer, nullable=False),
    personal(
        "why",
        Json,
        nullable=False,
        server_default="[]",
        purpose="why somebody was sent there",
        keep_days=1095,
    ),
)
Index("ix_tasks_incident_id", tasks.c.incident_id)
Index("ix_tasks_state", tasks.c.state, tasks.c.created_at)
Index("ix_tasks_created_at", tasks.c.created_at, tasks.c.id)
Index("ix_tasks_assignee", tasks.c.assignee, tasks.c.created_at, tasks.c.id)

outbox = Table(
    "outbox",
    metadata,
    plain("id", Integer, primary_key=True, autoincrement=True),
    plain("task_id", Text, nullable=False),
    plain("centre", Text, nullable=False),
    plain("created_at", Epoch, nullable=False),
    plain("epoch", Integer),
    plain("number", Integer),
    plain("sent", Boolean, nullable=False),
    plain("queued_at", Epoch),
    plain("acked_at", Epoch),
    plain("deliveries", Integer, nullable=False),
    plain("dead_at", Epoch),
    plain("error", Text),
    UniqueConstraint("centre", "epoch", "number"),
)
Index("ix_outbox_open", outbox.c.centre, outbox.c.acked_at, outbox.c.dead_at)
Index("ix_outbox_task_id", outbox.c.task_id)
_UNTAKEN = text("acked_at IS NULL AND dead_at IS NULL")
Index(
    "ix_outbox_untaken",
    outbox.c.created_at,
    sqlite_where=_UNTAKEN,
    postgresql_where=_UNTAKEN,
)

queue_epochs = Table(
    "queue_epochs",
    metadata,
    plain("centre", Text, primary_key=True),
    plain("epoch", Integer, nullable=False),
    plain("last_number", Integer, nullable=False),
    plain("receipts_after", Text, nullable=False),
    plain("updated_at", Epoch, nullable=False),
)

task_actions = Table(
    "task_actions",
    metadata,
    plain("key", Text, primary_key=True),
    plain("task_id", Text, nullable=False),
    plain("action", Text, nullable=False),
    plain("result", Text, nullable=False),
    personal("actor", Text, nullable=False, purpose="who acted on a case", keep_days=1095),
    plain("at", Epoch, nullable=False),
)
