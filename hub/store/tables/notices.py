"""What people are told: notices, one delivery per person and channel, and each try of it."""

from sqlalchemy import Boolean, Index, Integer, Table, Text, UniqueConstraint

from hub.store.tables.base import Epoch, Json, metadata, personal, plain

notices = Table(
    "notices",
    metadata,
    plain("key", Text, primary_key=True),
    plain("about", Text, nullable=False),
    plain("kind", Text, nullable=False),
    plain("severity", Text, nullable=False),
    plain("grid_path", Json, nullable=False),
    plain("at", Epoch, nullable=False),
    plain("roles", Json, nullable=False),
    plain("unit", Text),
    personal("account", Text, purpose="who is to be told", keep_days=365),
    plain("exercise", Boolean, nullable=False),
    # When to look next who is to be told, 0 at first; nobody may be on duty now.
    plain("resolve_at", Epoch, nullable=False),
    plain("resolved_at", Epoch),
    # How many people were told; 0 is nobody, which is shown.
    plain("told", Integer),
)
Index("ix_notices_resolved_at", notices.c.resolved_at, notices.c.resolve_at)
Index("ix_notices_about", notices.c.about)
Index("ix_notices_at", notices.c.at)

# `account` is empty where a channel reaches a group or a system instead of one person. Rows of
# one `batch` go out in one message: a digest, or a message of its own.
deliveries = Table(
    "deliveries",
    metadata,
    plain("id", Text, primary_key=True),
    plain("notice_key", Text, nullable=False),
    personal("account", Text, nullable=False, purpose="who is told", keep_days=365),
    plain("channel", Text, nullable=False),
    plain("why", Text, nullable=False),
    plain("state", Text, nullable=False),
    plain("batch", Text, nullable=False),
    plain("put_off", Boolean, nullable=False),
    plain("created_at", Epoch, nullable=False),
    plain("next_try_at", Epoch, nullable=False),
    # Put off by what the other side answered to another message; no try of its own since.
    plain("paused_at", Epoch),
    plain("tries", Integer, nullable=False),
    plain("sent_at", Epoch),
    plain("acked_at", Epoch),
    plain("dead_at", Epoch),
    plain("error", Text),
    UniqueConstraint("notice_key", "account", "channel"),
)
Index("ix_deliveries_created_at", deliveries.c.created_at, deliveries.c.id)
Index("ix_deliveries_due", deliveries.c.state, deliveries.c.next_try_at)
Index("ix_deliveries_batch", deliveries.c.batch)
Index("ix_deliveries_account", deliveries.c.account, deliveries.c.created_at)

tries = Table(
    "tries",
    metadata,
    plain("seq", Integer, primary_key=True, autoincrement=True),
    plain("delivery_id", Text, nullable=False),
    plain("at", Epoch, nullable=False),
    # None: it went through.
    plain("error_class", Text),
    plain("status", Integer),
    plain("words", Text, nullable=False),
)
Index("ix_tries_delivery_id", tries.c.delivery_id, tries.c.seq)
Index("ix_tries_at", tries.c.at)

_REACH = "reaching who is on duty where they want to be reached"
channels = Table(
    "channels",
    metadata,
    personal("account", Text, primary_key=True, purpose=_REACH, keep_days=1),
    personal("phone", Text, purpose=_REACH, keep_days=1),
    personal("robot_id", Text, purpose=_REACH, keep_days=1),
    plain("mention", Boolean, nullable=False),
    personal("quiet_from", Integer, purpose="when not to disturb them", keep_days=1),
    personal("quiet_to", Integer, purpose="when not to disturb them", keep_days=1),
    plain("updated_at", Epoch, nullable=False),
)
