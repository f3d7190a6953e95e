"""Alerts of which nobody speaks any more: the source says no word, so it is over."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from hub.alerts import lifecycle, repository
from hub.alerts.journal import change
from hub.alerts.storms import silence
from hub.types.finding import Alert

SILENT_AFTER_S = 30.0
"""Three updates of an open episode missed: whoever watched it is dead, or it is over."""


def silent_episodes(
    tx: Connection, now: float, *, awake_since: float = 0.0, limit: int = 1000
) -> list[str]:
    """The alerts, storms aside, that `close_silent_episodes` would clear."""
    deaf = now - awake_since < SILENT_AFTER_S
    return [] if deaf else repository.silent_ids(tx, now - SILENT_AFTER_S, limit)


def silent_storms(
    tx: Connection, now: float, *, awake_since: float = 0.0, limit: int = 1000
) -> list[str]:
    """The storms with cameras that `end_silent_storms` would count as back."""
    deaf = now - awake_since < SILENT_AFTER_S
    return [] if deaf else silence.silent(tx, now - SILENT_AFTER_S, limit)


def end_silent_storms(tx: Connection, now: float, storm_ids: Collection[str]) -> list[Alert]:
    """The cameras of these storms of which nobody speaks are over; the storms that ended."""
    return silence.end_silent(tx, now - SILENT_AFTER_S, now, storm_ids)


def close_silent_episodes(
    tx: Connection,
    now: float,
    *,
    awake_since: float = 0.0,
    limit: int = 1000,
    only: Collection[str] | None = None,
) -> list[Alert]:
    """Clear the alerts of cameras that nobody has updated for 30 s.

    Open episodes are updated every 10 s. `awake_since`: when the centre began to listen or had
    worked off its backlog; before that silence means nothing. An alert of a sensor goes only when
    its rule is gone: the rules of sensors run in the centre, and what they remember is stored.
    `only`: none but these alerts.
    """
    silent = only
    if silent is None:
        silent = silent_episodes(tx, now, awake_since=awake_since, limit=limit)
    return [
        change(tx, alert, lifecycle.clear(alert, now), now, "clear", reason="silent")
        for alert in repository.silent_alerts(tx, now - SILENT_AFTER_S, silent)
    ]
