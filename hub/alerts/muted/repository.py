"""A camera's fault under a mute has no alert; how long it lasted is known all the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, case
from sqlalchemy.dialects import postgresql, sqlite

from hub.store.tables.alerts import muted_faults
from hub.types.finding import Finding


def keep(tx: Connection, findings: Iterable[Finding]) -> None:
    """Write down what was said: an episode lasts from where it began to the last word of it."""
    rows: dict[str, dict[str, Any]] = {}
    for finding in findings:
        row = rows.setdefault(finding.episode_id, _row(finding))
        row["since"] = min(row["since"], finding.captured_at)
        row["seen_at"] = max(row["seen_at"], finding.raised_at)
    if not rows:
        return
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(muted_faults)
    said, kept = fresh.excluded.seen_at, muted_faults.c.seen_at
    later = {"seen_at": case((said > kept, said), else_=kept)}
    query = fresh.on_conflict_do_update(index_elements=["episode_id"], set_=later)
    tx.execute(query, list(rows.values()))


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "episode_id": finding.episode_id,
        "source": finding.source,
        "rule_kind": finding.rule_kind.value,
        "since": finding.captured_at,
        "seen_at": finding.raised_at,
    }
