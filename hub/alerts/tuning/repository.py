"""The alerts from which it is seen which rules fire too often."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from hub.alerts.tuning.propose import Fired
from hub.store.ground import looked_up
from hub.store.tables.alerts import REOPENED, alerts, outcomes
from hub.types.finding import Policy, RuleKind, Verdict
from hub.types.scene import SourceKind
from hub.types.staff import Jurisdiction

MOST = 50_000
"""Openings that are looked at, the newest: of new alerts, and of those that came back."""


def fired(tx: Connection, since: float, within: Jurisdiction) -> list[Fired]:
    """What rules at cameras and sensors of that ground opened since then, anew or again.

    With the usual `repeat_within_s` what fires each minute is one alert that comes back each time.
    """
    opened = _of(tx, alerts.c.raised_at, within).where(alerts.c.raised_at >= since)
    again = (
        _of(tx, outcomes.c.at, within)
        .join(outcomes, outcomes.c.alert_id == alerts.c.id)
        .where(REOPENED, outcomes.c.at >= since)
    )
    queries = (opened.order_by(alerts.c.raised_at.desc()), again.order_by(outcomes.c.at.desc()))
    return [_fired(row) for query in queries for row in tx.execute(query.limit(MOST))]


def _of(tx: Connection, at: ColumnElement[float], within: Jurisdiction) -> Select[Any]:
    c = alerts.c
    return select(
        c.id, c.rule_id, c.rule_kind, c.source, at.label("fired_at"), c.dwell_s, c.findings,
        c.policy, c.verdict, c.facts,
    ).where(
        c.source_kind.in_([SourceKind.CAMERA.value, SourceKind.SENSOR.value]),
        c.exercise.is_(False),
        looked_up(tx, c.grid_path, within),
    )  # fmt: skip


def _fired(row: Row[Any]) -> Fired:
    return Fired(
        row.id,
        row.rule_id,
        RuleKind(row.rule_kind),
        row.source,
        row.fired_at,
        row.dwell_s,
        row.findings,
        Policy(row.policy),
        None if row.verdict is None else Verdict(row.verdict),
        _value(row.facts),
    )


def _value(facts: dict[str, object]) -> float | None:
    """What an upper threshold was crossed with: a sensor's value, or how many there were."""
    name = "value" if "above" in facts else "count" if "count_min" in facts else ""
    said = facts.get(name)
    number = isinstance(said, int | float) and not isinstance(said, bool)
    return float(str(said)) if number else None
