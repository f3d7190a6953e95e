"""Who may: tokens, accounts and sessions, and the register of who looked at what.

Of tokens, passwords and sessions only hashes are stored.
"""

from sqlalchemy import Boolean, Index, Integer, Table, Text

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

tokens = Table(
    "tokens",
    metadata,
    plain("id", Text, primary_key=True),
    plain("token_hash", Text, nullable=False, unique=True),
    personal("name", Text, nullable=False, purpose="whose token it is", keep_days=1095),
    plain("created_at", Epoch, nullable=False),
    plain("revoked_at", Epoch),
)

looks = Table(
    "looks",
    metadata,
    plain("seq", Integer, primary_key=True, autoincrement=True),
    plain("at", Epoch, nullable=False),
    personal("actor", Text, nullable=False, purpose="register of look-ups", keep_days=1095),
    plain("action", Text, nullable=False),
    plain("subject", Text, nullable=False),
    plain("reason", Text, nullable=False),
)
Index("ix_looks_actor", looks.c.actor, looks.c.action, looks.c.at)

accounts = Table(
    "accounts",
    metadata,
    plain("id", Text, primary_key=True),
    personal("login", Text, nullable=False, unique=True, purpose="whose account", keep_days=1095),
    # The name stands in the register of look-ups, so it must tell one person.
    personal("name", Text, nullable=False, unique=True, purpose="whose account", keep_days=1095),
    plain("password_hash", Text, nullable=False),
    plain("must_change", Boolean, nullable=False),
    plain("created_at", Epoch, nullable=False),
    plain("disabled_at", Epoch),
)

# Names are given once. By their hashes: a name is looked for, never read from here.
names = Table(
    "names",
    metadata,
    personal("key", Text, primary_key=True, purpose="nobody inherits a name", keep_days=1095),
    plain("account_id", Text),
    plain("token_id", Text),
    plain("taken_at", Epoch, nullable=False),
)

# Of an account or of a token. Ended, never deleted: who was allowed what at that time is asked
# years later. Without `weekdays` it counts always.
grants = Table(
    "grants",
    metadata,
    plain("id", Text, primary_key=True),
    plain("account_id", Text, index=True),
    plain("token_id", Text, index=True),
    plain("role", Text, nullable=False),
    plain("grid", Text),
    plain("unit", Text),
    plain("starts_at", Epoch),
    plain("ends_at", Epoch),
    plain("weekdays", Text),
    plain("from_minute", Integer),
    plain("to_minute", Integer),
    plain("given_at", Epoch, nullable=False),
    personal("given_by", Text, nullable=False, purpose="who gave the right", keep_days=1095),
    plain("ended_at", Epoch),
    personal("ended_by", Text, purpose="who ended the right", keep_days=1095),
)
Index("ix_grants_grid_role", grants.c.grid, grants.c.role)

sessions = Table(
    "sessions",
    metadata,
    plain("id_hash", Text, primary_key=True),
    plain("account_id", Text, nullable=False, index=True),
    plain("created_at", Epoch, nullable=False),
    plain("seen_at", Epoch, nullable=False),
    plain("expires_at", Epoch, nullable=False),
    plain("ended_at", Epoch),
)

# By the hash of what was typed as the login, whether there is such an account or not: else the
# lock itself would tell which logins exist.
login_failures = Table(
    "login_failures",
    metadata,
    plain("login_hash", Text, primary_key=True),
    plain("failures", Integer, nullable=False),
    plain("failed_at", Epoch, nullable=False),
    plain("locked_until", Epoch),
)

wall_layouts = Table(
    "wall_layouts",
    metadata,
    plain("id", Text, primary_key=True),
    plain("name", Text, nullable=False),
    plain("owner_id", Text, index=True),
    plain("shared", Boolean, nullable=False),
    plain("version", Integer, nullable=False),
    plain("body", Json, nullable=False),
    plain("updated_at", Epoch, nullable=False),
)
