"""The hub's own affairs: the change feed, the lease of the centre, idempotency keys."""

from sqlalchemy import BigInteger, Index, Integer, Table, Text

from hub.store.tables.base import Epoch, Json, JsonOrNull, metadata, personal, plain

feed = Table(
    "feed",
    metadata,
    plain(
        "seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    plain("at", Epoch, nullable=False),
    plain("topic", Text, nullable=False),
    plain("entity_id", Text, nullable=False),
    plain("body", Json, nullable=False),
    plain("grid_path", JsonOrNull),
    plain("units", JsonOrNull),
    personal("account", Text, purpose="who alone is told of it", keep_days=7),
)
Index("ix_feed_at", feed.c.at)

leases = Table(
    "leases",
    metadata,
    plain("name", Text, primary_key=True),
    plain("holder", Text, nullable=False),
    plain("token", Integer, nullable=False),
    plain("expires_at", Epoch, nullable=False),
)

media = Table(
    "media",
    metadata,
    plain("id", Text, primary_key=True),
    plain("linked_to", Text, nullable=False),
    plain("linked_at", Epoch, nullable=False),
)
Index("ix_media_linked_at", media.c.linked_at)
Index("ix_media_linked_to", media.c.linked_to)

settings = Table(
    "settings",
    metadata,
    plain("key", Text, primary_key=True),
    plain("value", Json, nullable=False),
)
