"""The alerts from which it is seen which rules fire too often."""

from __future__ import annotations

from sqlalchemy import Connection, select

from hub.alerts.tuning.propose import Fired
from hub.store.ground import looked_up
from hub.store.tables.alerts import alerts
from hub.types.finding import Policy, RuleKind, Verdict
from hub.types.scene import SourceKind
from hub.types.staff import Jurisdiction

MOST = 50_000
"""Alerts that are looked at, the newest."""


def fired(tx: Connection, since: float, within: Jurisdiction) -> list[Fired]:
    """The alerts of rules at cameras and sensors of that ground raised since then."""
    c = alerts.c
    query = (
        select(
            c.rule_id, c.rule_kind, c.source, c.raised_at, c.dwell_s, c.findings, c.policy,
            c.verdict, c.facts,
        )
        .where(
            c.raised_at >= since,
            c.source_kind.in_([SourceKind.CAMERA.value, SourceKind.SENSOR.value]),
            c.exercise.is_(False),
            looked_up(tx, c.grid_path, within),
        )
        .order_by(c.raised_at.desc())
        .limit(MOST)
    )  # fmt: skip
    return [
        Fired(
            row.rule_id,
            RuleKind(row.rule_kind),
            row.source,
            row.raised_at,
            row.dwell_s,
            row.findings,
            Policy(row.policy),
            None if row.verdict is None else Verdict(row.verdict),
            _value(row.facts),
        )
        for row in tx.execute(query)
    ]


def _value(facts: dict[str, object]) -> float | None:
    """What an upper threshold was crossed with: a sensor's value, or how many there were."""
    name = "value" if "above" in facts else "count" if "count_min" in facts else ""
    said = facts.get(name)
    number = isinstance(said, int | float) and not isinstance(said, bool)
    return float(str(said)) if number else None
