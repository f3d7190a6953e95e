"""Who may: tokens (only their hashes), and the register of who looked at what."""

from sqlalchemy import Integer, Table, Text

from hub.store.tables.base import Epoch, metadata, personal, plain

tokens = Table(
    "tokens",
    metadata,
    plain("id", Text, primary_key=True),
    plain("token_hash", Text, nullable=False, unique=True),
    personal("name", Text, nullable=False, purpose="whose token it is", keep_days=1095),
    plain("role", Text, nullable=False),
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
