"""The moves of an alert on its two axes. Pure: each returns the alert as it is afterwards.

What the source says: pending → active → cleared (and back, when it comes again).
What a person said: unacknowledged → acknowledged, and a verdict. An alert that waits for a verdict
(`verify_first`) is pending until it is confirmed. A verdict never clears: only the source does.
"""

from __future__ import annotations

from dataclasses import replace

from hub.kit.errors import Conflict
from hub.types.finding import Ack, Alert, Life, Policy, Verdict


def life_of(policy: Policy, verdict: Verdict | None) -> Life:
    """Where an alert stands while its source still speaks."""
    if policy is Policy.VERIFY_FIRST and verdict is not Verdict.CONFIRMED:
        return Life.PENDING
    return Life.ACTIVE


def clear(alert: Alert, at: float) -> Alert:
    """The source says it is over. Raises Conflict (`already_cleared`)."""
    if alert.life is Life.CLEARED:
        raise Conflict(f"alert {alert.id} is cleared already", code="already_cleared")
    return replace(alert, life=Life.CLEARED, cleared_at=at)


def reopen(alert: Alert) -> Alert:
    """It came again soon after. Raises Conflict (`not_cleared`)."""
    if alert.life is not Life.CLEARED:
        raise Conflict(f"alert {alert.id} is still live", code="not_cleared")
    return replace(alert, life=life_of(alert.policy, alert.verdict), cleared_at=None)


def acknowledge(alert: Alert) -> Alert:
    """Somebody has taken note. Raises Conflict (`already_acknowledged`)."""
    if alert.ack is Ack.ACKED:
        raise Conflict(f"alert {alert.id} is acknowledged already", code="already_acknowledged")
    return replace(alert, ack=Ack.ACKED)


def give_verdict(alert: Alert, verdict: Verdict) -> Alert:
    """Somebody has judged it, which acknowledges it too.

    A confirmed alert stays so (its incident is under way and is voided there); any other verdict
    may still be corrected to confirmed, but a merge has to be taken back first. Raises Conflict
    (`already_judged`, `merged`) otherwise.
    """
    if alert.merged_into is not None:
        raise Conflict(f"alert {alert.id} is merged into {alert.merged_into}", code="merged")
    if alert.verdict is not None and (
        verdict is not Verdict.CONFIRMED or alert.verdict is Verdict.CONFIRMED
    ):
        raise Conflict(f"alert {alert.id} was judged {alert.verdict}", code="already_judged")
    life = alert.life if alert.life is Life.CLEARED else life_of(alert.policy, verdict)
    return replace(alert, verdict=verdict, ack=Ack.ACKED, life=life)


def must_dispatch(before: Alert, after: Alert) -> bool:
    """Whether this move sends the alert to the queue: confirmed, and it waited for that.

    Also when it was cleared meanwhile: somebody should still go and look.
    """
    confirmed = after.verdict is Verdict.CONFIRMED and before.verdict is not Verdict.CONFIRMED
    waited = after.policy is Policy.VERIFY_FIRST and after.incident_id is None
    return confirmed and waited
