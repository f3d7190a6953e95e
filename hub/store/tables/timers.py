"""Clocks as rows, what is supervised, and the beat of the auditor."""

from sqlalchemy import Boolean, Double, Index, Integer, Table, Text, UniqueConstraint, text

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

# One for each level of each step of a subject (`incident`, `alert`, `whistle`). `version` counts
# rounds.
timers = Table(
    "timers",
    metadata,
    plain("subject", Text, primary_key=True),
    plain("subject_id", Text, primary_key=True),
    plain("step", Text, primary_key=True),
    plain("level", Text, primary_key=True),
    plain("started_at", Epoch, nullable=False),
    plain("due_at", Epoch, nullable=False),
    plain("state", Text, nullable=False),
    plain("fired_at", Epoch),
    plain("version", Integer, nullable=False),
    # When the first round was due; null as long as it is the only one.
    plain("first_due_at", Epoch),
)
_WAITING = text("state = 'waiting'")
Index(
    "ix_timers_waiting",
    timers.c.due_at,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)

supervisions = Table(
    "supervisions",
    metadata,
    plain("id", Text, primary_key=True),
    plain("subject", Text, nullable=False),
    plain("subject_id", Text, nullable=False),
    plain("step", Text, nullable=False),
    plain("level", Text, nullable=False),
    plain("round", Integer, nullable=False),
    plain("severity", Text, nullable=False),
    plain("grid_code", Text),
    plain("grid_path", Json, nullable=False),
    plain("title", Text, nullable=False),
    plain("exercise", Boolean, nullable=False),
    # The department that answers; null where those above do.
    plain("unit", Text),
    plain("due_at", Epoch, nullable=False),
    plain("opened_at", Epoch, nullable=False),
    plain("state", Text, nullable=False),
    personal("answered_by", Text, purpose="who answers for the delay", keep_days=1095),
    plain("answered_at", Epoch),
    plain("answer", Text, nullable=False),
    plain("ended_at", Epoch),
    plain("version", Integer, nullable=False),
    UniqueConstraint("subject", "subject_id", "step", "level", "round"),
)
Index("ix_supervisions_state", supervisions.c.state, supervisions.c.opened_at)
Index("ix_supervisions_opened_at", supervisions.c.opened_at, supervisions.c.id)

auditor_beats = Table(
    "auditor_beats",
    metadata,
    plain("name", Text, primary_key=True),
    plain("at", Epoch, nullable=False),
    plain("rounds", Integer, nullable=False),
    plain("took_s", Double, nullable=False),
    plain("found", Json, nullable=False),
)
