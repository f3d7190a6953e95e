"""The comparison of sets of ids after a run, from both ends: spool files and consumers' files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from bench.chaos_client import Promises
from hub.alerts import repository as alerts
from hub.app.demo.report import ledger_entry
from hub.dispatch.outbox import repository as outbox
from hub.kit.clock import from_iso
from hub.store import marks
from hub.store.spooled import Spooled
from hub.store.tables.dispatch import tasks
from hub.types.finding import Alert, Policy, RuleKind
from hub.types.work import TaskState

_SUMMARY = re.compile(r"(\d+) tasks, (\d+) repeats")
IN_DOUBT_S = 2.0
"""How long the queue server holds back its log while the disk is busy, and how long at most a
consumer needs from reading an entry to writing it down."""


ON_THE_DESK = {RuleKind.UNDELIVERED, RuleKind.VACANCY, RuleKind.AUDIT}
"""What the hub says of itself and nobody drives out for."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result: the bound is an upper one, None where the number only informs."""

    name: str
    measured: float
    bound: float | None = None
    unit: str = ""

    @property
    def broken(self) -> bool:
        """Whether the bound does not hold."""
        return self.bound is not None and self.measured > self.bound


@dataclass(frozen=True, slots=True)
class Consumed:
    """What the centres' programs hold: their tasks after deduplication, and repeats they saw."""

    incident_of: Mapping[str, str]
    received_at: Mapping[str, float]
    repeats: int
    stated_twice: int


def read_promised(path: Path) -> set[str]:
    """Ids in whole lines; the one that was cut off by a kill was promised to nobody."""
    text = path.read_text("utf-8") if path.exists() else ""
    return {line.strip() for line in text.splitlines(keepends=True) if line.endswith("\n")}


def read_consumed(files: Iterable[Path], logs: Iterable[Path]) -> Consumed:
    """From the files of JSON lines, and the last line each consumer printed."""
    lines = [json.loads(line) for f in files if f.exists() for line in f.open(encoding="utf-8")]
    incident_of = {line["task_id"]: line["message"]["incident_id"] for line in lines}
    received_at = {line["task_id"]: from_iso(line["received_at"]) for line in lines}
    summaries = [_SUMMARY.findall(log.read_text("utf-8", "replace")) for log in logs]
    repeats = sum(int(found[-1][1]) for found in summaries if found)
    return Consumed(incident_of, received_at, repeats, len(lines) - len(incident_of))


def ledger_figures(
    tx: Connection, spooled: Spooled, promised: set[str], promises: Promises
) -> list[Figure]:
    """Findings and readings: what was promised against the spools, the spools against outcomes."""
    outcomes = {kind.value: ids for kind, ids in alerts.finding_ids(tx).items()}
    settled: set[str] = set().union(*outcomes.values())
    entry = ledger_entry(spooled, outcomes)
    reached = marks.read(tx)
    return [
        Figure("findings with an outcome", entry["findings"]),
        Figure("  opened", entry["opened"]),
        Figure("  merged", entry["merged"]),
        Figure("  muted", entry["muted"]),
        Figure("  rejected", entry["rejected"]),
        Figure("records promised and not in the spool", len(promised - spooled.findings), 0),
        Figure("findings lost", entry["missing"], 0),
        Figure("outcomes unexpected", entry["unexpected"], 0),
        Figure("readings answered 202", len(promises.accepted)),
        Figure("  of them not settled", len(_unsettled(promises.accepted, reached)), 0),
        Figure("findings those must lead to", len(promises.findings)),
        Figure("  of them without an outcome", len(set(promises.findings) - settled), 0),
        Figure("readings not answered", promises.unanswered),
        Figure("readings refused", promises.refused),
    ]


def _unsettled(record_ids: Iterable[str], reached: Mapping[str, int]) -> list[str]:
    """Records above the mark of their producer."""
    parts = ((record_id, *record_id.rsplit(":", 1)) for record_id in record_ids)
    return [whole for whole, producer, seq in parts if int(seq) > reached.get(producer, 0)]


def queue_figures(
    tx: Connection, consumed: Consumed, queue_struck_at: Sequence[float], *, wiped: bool
) -> list[Figure]:
    """Alerts, incidents and tasks in the database against what the consumers hold.

    Of a queue that was `wiped` everything not known to be acknowledged is sent again, as it must
    be: then only what the strikes do not explain is judged, and the share of repeats informs.
    """
    made = alerts.all_alerts(tx)
    rows = outbox.deliveries(tx)
    gone = _withdrawn(tx)
    standing = [row for row in rows if row["task_id"] not in gone]
    errands = [of for task, of in consumed.incident_of.items() if task not in gone]
    queued = {row["task_id"] for row in rows}
    dispatched = {alert_id for row in rows for alert_id in row["alert_ids"]}
    auto = {alert.id for alert in made if _goes_out(alert)}
    held = set(consumed.incident_of)
    repeats = consumed.repeats + consumed.stated_twice
    acked_at = {row["task_id"]: row["acked_at"] for row in rows}
    doubted = sum(in_doubt(acked_at, consumed.received_at, at) for at in queue_struck_at)
    return [
        Figure("alerts", len(made)),
        Figure("alerts never queued", len(auto - dispatched), 0),
        Figure("duplicate incidents", _duplicate_incidents(made, standing), 0),
        Figure("tasks", len(queued)),
        Figure("  void, since the grid above was asked", len(gone)),
        Figure("duplicate tasks after deduplication", _extra(errands), 0),
        Figure("tasks never consumed", len(queued - held), 0),
        Figure("tasks consumed that nobody made", len(held - queued), 0),
        Figure("repeated notices", repeats),
        Figure("  more than the strikes explain", max(0, repeats - doubted), 0),
        Figure(
            "repeated notices",
            round(100.0 * repeats / max(1, len(queued)), 3),
            None if wiped else 1.0,
            "%",
        ),
    ]


def in_doubt(
    acked_at: Mapping[str, float | None], received_at: Mapping[str, float], struck_at: float
) -> int:
    """How many notices one strike at the queue may repeat.

    Those that a consumer held while the hub did not know it yet: acknowledgements stand nowhere
    but in the queue until the hub has looked. Times are UTC epoch seconds.
    """
    return sum(
        received <= struck_at + IN_DOUBT_S
        and ((noted := acked_at.get(task_id)) is None or noted >= struck_at - IN_DOUBT_S)
        for task_id, received in received_at.items()
    )


def _goes_out(alert: Alert) -> bool:
    return alert.policy is Policy.AUTO_DISPATCH and alert.rule_kind not in ON_THE_DESK


def _withdrawn(tx: Connection) -> set[str]:
    """Errands that are void: nobody accepted them in time, and the grid above was asked instead."""
    return set(tx.execute(select(tasks.c.id).where(tasks.c.state == TaskState.VOID)).scalars())


def _duplicate_incidents(made: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> int:
    """One episode in two alerts, one alert in two incidents, or one incident queued twice."""
    incident_of_alert = {(a, row["incident_id"]) for row in rows for a in row["alert_ids"]}
    return (
        _extra(alert.episode_id for alert in made)
        + _extra(alert_id for alert_id, _ in incident_of_alert)
        + _extra(row["incident_id"] for row in rows)
    )


def _extra(values: Iterable[str]) -> int:
    """How many there are beyond one of each."""
    return sum(count - 1 for count in Counter(values).values())
