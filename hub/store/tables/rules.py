"""Rules as registered, and the states of the rules the centre runs itself (on readings)."""

from sqlalchemy import Boolean, Integer, Table, Text

from hub.store.tables.base import Epoch, Json, metadata, plain

rules = Table(
    "rules",
    metadata,
    plain("id", Text, primary_key=True),
    plain("spec", Json, nullable=False),
    plain("managed_by", Text, nullable=False),
    plain("origin", Text),
    plain("enabled", Boolean, nullable=False),
    plain("version", Integer, nullable=False),
    plain("updated_at", Epoch, nullable=False),
)

rule_states = Table(
    "rule_states",
    metadata,
    plain("source", Text, primary_key=True),
    plain("state", Json, nullable=False),
    plain("updated_at", Epoch, nullable=False),
)
