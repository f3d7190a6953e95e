"""Two alerts that a person says are one matter: the one becomes a duplicate of the other.

Findings, evidence and log of the duplicate stay where they are. What becomes of its incident is
another room's; `hub/flow.py` joins the two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from hub.alerts import lifecycle, repository
from hub.alerts.journal import Actor, change, locked
from hub.kit.errors import Conflict
from hub.types.finding import Alert, Verdict


@dataclass(frozen=True, slots=True)
class Pair:
    """A duplicate and the alert it belongs to, as they stand now."""

    duplicate: Alert
    into: Alert


def merge(
    tx: Connection,
    alert_id: str,
    into_id: str,
    *,
    actor: Actor,
    now: float,
    note: str = "",
    version: int | None = None,
) -> Pair:
    """Say that an alert is a duplicate of another one.

    Raises NotFound (`no_such_alert`) and Conflict: `stale_version` and `already_judged` as a
    verdict does, and what `refuse` says of the two.
    """
    before, into = _both(tx, alert_id, into_id, version)
    refuse(before, into)
    if repository.has_duplicates(tx, alert_id):
        raise Conflict(f"others were merged into alert {alert_id}", code="has_duplicates")
    judged = lifecycle.give_verdict(before, Verdict.DUPLICATE)
    after = replace(judged, merged_into=into_id)
    return Pair(
        change(tx, before, after, now, f"merge_into:{into_id}", reason=note, actor=actor),
        change(tx, into, into, now, f"merge:{alert_id}", reason=note, actor=actor),
    )


def refuse(duplicate: Alert, into: Alert) -> None:
    """What cannot be one matter, or would lose one.

    Raises Conflict: `same_alert`; `into_is_dismissed` (judged false and the like, or a duplicate
    itself); `into_is_less_severe` (the clocks of the graver one would be lost: merge the other
    way round); `exercise_and_real`.
    """
    if duplicate.id == into.id:
        raise Conflict("an alert is no duplicate of itself", code="same_alert")
    if into.verdict not in (None, Verdict.CONFIRMED):
        raise Conflict(f"alert {into.id} was judged {into.verdict}", code="into_is_dismissed")
    if into.severity > duplicate.severity:
        raise Conflict(
            f"alert {into.id} is {into.severity}, less severe than {duplicate.severity}",
            code="into_is_less_severe",
        )
    if into.exercise != duplicate.exercise:
        raise Conflict("an exercise and the real thing", code="exercise_and_real")


def unmerge(
    tx: Connection,
    alert_id: str,
    *,
    actor: Actor,
    now: float,
    note: str = "",
    version: int | None = None,
) -> Pair:
    """Take a merge back: the alert stands for itself again and waits for a verdict.

    Raises NotFound (`no_such_alert`), Conflict (`stale_version`, `not_merged`).
    """
    known = repository.get_alert(tx, alert_id)
    into_id = None if known is None else known.merged_into
    if known is not None and into_id is None:
        raise Conflict(f"alert {alert_id} is not merged into another", code="not_merged")
    before, into = _both(tx, alert_id, into_id or alert_id, version)
    if before.merged_into != into_id:
        raise Conflict(f"alert {alert_id} was changed meanwhile", code="stale_version")
    after = replace(before, verdict=None, merged_into=None)
    return Pair(
        change(tx, before, after, now, f"unmerge_from:{into.id}", reason=note, actor=actor),
        change(tx, into, into, now, f"unmerge:{alert_id}", reason=note, actor=actor),
    )


def _both(tx: Connection, alert_id: str, into_id: str, version: int | None) -> tuple[Alert, Alert]:
    """Both, locked in the order of their ids like every batch; the version is the first one's."""
    found = {
        one: locked(tx, one, version if one == alert_id else None)
        for one in sorted({alert_id, into_id})
    }
    return found[alert_id], found[into_id]
