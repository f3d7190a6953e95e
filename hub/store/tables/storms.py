"""Which cameras a storm of alerts consists of."""

from sqlalchemy import Index, Table, Text

from hub.store.tables.base import Epoch, metadata, plain

storm_members = Table(
    "storm_members",
    metadata,
    plain("storm_id", Text, primary_key=True),
    plain("fingerprint", Text, primary_key=True),
    plain("source", Text, nullable=False),
    plain("rule_kind", Text, nullable=False),
    plain("episode_id", Text, nullable=False),
    plain("since", Epoch, nullable=False),
    plain("joined_at", Epoch, nullable=False),
    plain("updated_at", Epoch, nullable=False),
    plain("over_at", Epoch),
)
Index("ix_storm_members_fingerprint", storm_members.c.fingerprint)
Index("ix_storm_members_source", storm_members.c.source)
_LOST = storm_members.c.over_at.is_(None)
Index(
    "ix_storm_members_lost",
    storm_members.c.updated_at,
    sqlite_where=_LOST,
    postgresql_where=_LOST,
)
