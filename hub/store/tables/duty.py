"""Who is there: the posts of grids, shifts, the roster, and who is away."""

from sqlalchemy import Index, Integer, Table, Text

from hub.store.tables.base import Epoch, metadata, personal, plain

# What stands here takes the place of what duty.yaml says of the same grid and role.
posts = Table(
    "posts",
    metadata,
    plain("id", Text, primary_key=True),
    plain("grid", Text, nullable=False),
    plain("role", Text, nullable=False),
    plain("wanted", Integer, nullable=False),
    plain("title", Text, nullable=False),
    plain("made_at", Epoch, nullable=False),
    personal("made_by", Text, nullable=False, purpose="who set the post", keep_days=1095),
    plain("ended_at", Epoch),
    personal("ended_by", Text, purpose="who ended the post", keep_days=1095),
)
Index("ix_posts_grid", posts.c.grid, posts.c.role)

# Patterns of a day, beside those of duty.yaml. `grid` NULL: for the whole site.
shifts = Table(
    "shifts",
    metadata,
    plain("id", Text, primary_key=True),
    plain("name", Text, nullable=False),
    plain("grid", Text),
    plain("from_minute", Integer, nullable=False),
    plain("to_minute", Integer, nullable=False),
    plain("made_at", Epoch, nullable=False),
    plain("ended_at", Epoch),
)

# One row a person, a grid and a shift of a day. `day` is the local date it begins on; times are
# what counts, so a pattern that changes later rewrites nothing. Ended, never deleted.
roster = Table(
    "roster",
    metadata,
    plain("id", Text, primary_key=True),
    plain("account_id", Text, nullable=False),
    plain("grid", Text, nullable=False),
    plain("role", Text, nullable=False),
    plain("shift", Text),
    plain("day", Text, nullable=False),
    plain("starts_at", Epoch, nullable=False),
    plain("ends_at", Epoch, nullable=False),
    plain("made_at", Epoch, nullable=False),
    personal("made_by", Text, nullable=False, purpose="who set the roster", keep_days=1095),
    plain("ended_at", Epoch),
    personal("ended_by", Text, purpose="who changed the roster", keep_days=1095),
)
Index("ix_roster_grid", roster.c.grid, roster.c.role, roster.c.starts_at)
Index("ix_roster_account", roster.c.account_id, roster.c.starts_at)

# From when to when, and nothing of why: that is nobody's business here.
absences = Table(
    "absences",
    metadata,
    plain("id", Text, primary_key=True),
    plain("account_id", Text, nullable=False),
    plain("starts_at", Epoch, nullable=False),
    plain("ends_at", Epoch, nullable=False),
    plain("made_at", Epoch, nullable=False),
    personal("made_by", Text, nullable=False, purpose="who entered the leave", keep_days=1095),
    plain("ended_at", Epoch),
    personal("ended_by", Text, purpose="who ended the leave", keep_days=1095),
)
Index("ix_absences_account", absences.c.account_id, absences.c.ends_at)
