"""Storms of which nobody speaks any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection

from hub.alerts import lifecycle
from hub.alerts.journal import change
from hub.alerts.storms import repository
from hub.alerts.storms.repository import Size
from hub.types.finding import Alert, Life


def silent(tx: Connection, before: float, limit: int) -> list[str]:
    """The storms with cameras that are lost and not spoken of since `before`."""
    return repository.silent_storms(tx, before, limit)


def end_silent(
    tx: Connection, before: float, now: float, storm_ids: Collection[str]
) -> list[Alert]:
    """Cameras of these storms not spoken of since `before` are no longer lost.

    Returns the storms that ended with them.
    """
    touched = repository.end_silent(tx, before, now, storm_ids)
    sizes = repository.sizes(tx, touched)
    ended: list[Alert] = []
    for alert in repository.by_id(tx, touched):
        size = sizes.get(alert.id, Size())
        after = replace(alert, facts={**alert.facts, "lost": size.lost})
        if size.lost or alert.life is Life.CLEARED:
            change(tx, alert, after, now, "shrink", reason="silent")
        else:
            reason = f"silent; {size.cameras} cameras"
            ended.append(
                change(tx, alert, lifecycle.clear(after, now), now, "clear", reason=reason)
            )
    return ended
