"""Queries on what could not be told: dead letters, and notices that find nobody.

What its person has read on another channel, and what is of a matter that is over, does not count.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from hub.dispatch.notices.repository import DEAD
from hub.store.tables.notices import deliveries, notices
from hub.store.tellings import over


def dead_letters() -> Select[Any]:
    """The channels of dead letters, the oldest first."""
    return (
        select(deliveries.c.channel)
        .join(notices, notices.c.key == deliveries.c.notice_key)
        .where(deliveries.c.state == DEAD, deliveries.c.acked_at.is_(None), ~over())
        .order_by(deliveries.c.dead_at)
    )


def unheard() -> Select[Any]:
    """Notices that found nobody on duty for so long that they were given up, the oldest first."""
    return (
        select(notices.c.key)
        .where(notices.c.resolved_at.is_(None), notices.c.told == 0, ~over())
        .order_by(notices.c.at)
    )


def has_dead_letter(tx: Connection, channel: str) -> bool:
    """Whether any of a channel stands."""
    query = dead_letters().where(deliveries.c.channel == channel).limit(1)
    return tx.execute(query).first() is not None


def has_unheard(tx: Connection) -> bool:
    """Whether anything that was given up still finds nobody."""
    return tx.execute(unheard().limit(1)).first() is not None
