"""Which alerts become one incident: those of one grid and kind within the group wait. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hub.types.finding import Alert

UNBOUND = "unbound"


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts with the same `key` that come within `wait_s` seconds go out together."""

    key: str
    wait_s: float


def plan(alert: Alert) -> Group:
    """The group of an alert. An exercise never joins the real thing."""
    parts = [alert.binding.grid_code or UNBOUND, alert.rule_kind.value]
    if alert.exercise:
        parts.append("exercise")
    return Group(key="/".join(parts), wait_s=alert.group_wait_s)
