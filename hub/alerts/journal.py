"""Every change of an alert is three writes in one transaction: the row, the log, the feed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.alerts import repository
from hub.alerts.admission import HUB, TOPIC
from hub.alerts.repository import Move
from hub.alerts.rows import alert_row
from hub.kit.errors import Conflict, NotFound
from hub.store import feed
from hub.types.finding import Alert


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from which device."""

    name: str
    device: str | None = None


def locked(tx: Connection, alert_id: str, version: int | None) -> Alert:
    """One alert that nobody else changes until this transaction ends.

    Raises NotFound (`no_such_alert`), Conflict (`stale_version` when `version` is given and is
    not the present one).
    """
    alert = repository.get_alert(tx, alert_id, lock=True)
    if alert is None:
        raise NotFound(f"there is no alert {alert_id!r}", code="no_such_alert")
    if version is not None and version != alert.version:
        raise Conflict(
            f"alert {alert_id} is at version {alert.version}, not {version}", code="stale_version"
        )
    return alert


def change(
    tx: Connection,
    before: Alert,
    after: Alert,
    now: float,
    what: str,
    *,
    reason: str,
    actor: Actor = Actor(HUB),
) -> Alert:
    """Write one move of an alert; returns it as it stands now."""
    after = replace(after, version=before.version + 1, updated_at=max(now, before.updated_at))
    repository.update_alerts(tx, [after])
    move = Move(
        entity=TOPIC,
        entity_id=after.id,
        version=after.version,
        at=now,
        what=what,
        from_state=before.life.value,
        to_state=after.life.value,
        reason=reason,
        actor=actor.name,
        device=actor.device,
    )
    repository.insert_moves(tx, [move])
    feed.append(tx, TOPIC, after.id, alert_row(after), now, after.binding.grid_path)
    return after
