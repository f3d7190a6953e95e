"""The demo's report: made after everything stopped, from the database and the files left behind."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from hub.alerts import repository as alerts
from hub.dispatch.outbox import repository as outbox
from hub.kit.clock import from_iso, iso
from hub.store.spooled import Spooled
from hub.types.finding import Alert
from hub.types.scene import SourceKind

Json = dict[str, Any]

FRAME_SLACK_S = 0.02
"""The envelope's estimate of a capture time may precede the send time by this much."""


class SendLog:
    """When the simulator sent each frame of the analysed stream, by camera."""

    def __init__(self, path: Path) -> None:
        self._sent: dict[str, list[float]] = {}
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                self._add(json.loads(line))
        for times in self._sent.values():
            times.sort()

    def _add(self, entry: Json) -> None:
        if "sent_at" in entry and entry.get("stream") == "sub":
            self._sent.setdefault(entry["camera"], []).append(entry["sent_at"])

    def last_before(self, camera: str, at: float) -> float | None:
        """When the last frame at or before `at` left the camera, None if none did."""
        times = self._sent.get(camera, [])
        index = bisect_right(times, at + FRAME_SLACK_S)
        return times[index - 1] if index else None


def alert_entry(alert: Alert) -> Json:
    """One alert as the report shows it."""
    binding = alert.binding
    evidence = alert.evidence_id and {
        "id": alert.evidence_id,
        "picture": f"/api/v1/evidence/{alert.evidence_id}/picture",
        "clip": f"/api/v1/evidence/{alert.evidence_id}/clip",
    }
    position = binding.position
    return {
        "id": alert.id,
        "rule": alert.rule_kind.value,
        "rule_id": alert.rule_id,
        "severity": alert.severity.value,
        "source_id": alert.source,
        "source_kind": alert.source_kind.value,
        "camera_grid": binding.camera_grid,
        "event_grid": binding.event_grid,
        "grid_code": binding.grid_code,
        "grid_path": list(binding.grid_path),
        "grid_why": binding.why.value,
        "unbound": binding.unbound,
        "position": [position.lon, position.lat] if position else None,
        "captured_at": iso(alert.captured_at),
        "dwell_s": round(alert.dwell_s, 3),
        "raised_at": iso(alert.raised_at),
        "group_wait_s": alert.group_wait_s,
        "evidence": evidence or None,
    }


def dispatch_entry(row: Mapping[str, Any], consumed: Mapping[str, float]) -> Json:
    """One delivery as the report shows it."""
    consumed_at = consumed.get(row["task_id"])
    return {
        "task_id": row["task_id"],
        "incident_id": row["incident_id"],
        "alert_ids": list(row["alert_ids"]),
        "grid_code": row["grid_code"],
        "queued_at": _iso_or_none(row["queued_at"]),
        "acked_at": _iso_or_none(row["acked_at"]),
        "consumed_at": _iso_or_none(consumed_at),
    }


def camera_entry(camera: Json) -> Json:
    """One camera as the report shows it, from its worker's last heartbeat."""
    analysed = camera["frames_analysed"]
    return {
        "id": camera["id"],
        "state": camera["state"],
        "packets": camera["packets"],
        "frames_decoded": camera["frames_decoded"],
        "frames_analysed": analysed,
        "gate_open_share": round(camera["gate_open"] / analysed, 4) if analysed else 0.0,
        "detector_share": round(camera["looked"] / analysed, 4) if analysed else 0.0,
        "reconnects": camera["reconnects"],
    }


def ledger_entry(spooled: Spooled, outcomes: Mapping[str, set[str]]) -> Json:
    """The ledger by sets of ids; `outcomes` are the ids in the database by outcome.

    The id of a finding that the centre derived from a reading is that of the reading and a tail.
    """
    settled: set[str] = set().union(*outcomes.values())
    derived = {i for i in settled if "/" in i}
    missing = (spooled.findings - settled) | spooled.unread
    unexpected = {i for i in settled - derived if i not in spooled.findings}
    unexpected |= {i for i in derived if not spooled.holds(i.partition("/")[0])}
    return {
        "findings": len(spooled.findings | derived),
        **{k: len(outcomes.get(k, ())) for k in ("opened", "merged", "muted", "rejected")},
        "missing": len(missing),
        "unexpected": len(unexpected),
    }


def latencies_ms(
    alert_list: Iterable[Alert], queued_at: Mapping[str, float], log: SendLog
) -> list[float]:
    """Capture to queue per dispatched alert, beyond dwell and group wait, milliseconds."""
    found = []
    for alert in alert_list:
        if alert.id not in queued_at:
            continue
        tipped_at = alert.captured_at + alert.dwell_s
        sent_at = (
            log.last_before(alert.source, tipped_at)
            if alert.source_kind is SourceKind.CAMERA and alert.picture_point is not None
            else None
        )
        start = sent_at if sent_at is not None else tipped_at
        found.append(1000.0 * (queued_at[alert.id] - start - alert.group_wait_s))
    return found


def quantiles(values: Sequence[float]) -> Json:
    """p50, p90 (nearest rank) and the maximum; null for an empty list."""
    ordered = sorted(values)

    def rank(share: float) -> float | None:
        return round(ordered[math.ceil(share * len(ordered)) - 1], 1) if ordered else None

    return {"p50": rank(0.5), "p90": rank(0.9), "max": rank(1.0), "n": len(ordered)}


def consumed_times(paths: Iterable[Path]) -> dict[str, float]:
    """First time an independent consumer read each task, from its own file."""
    times: dict[str, float] = {}
    for path in paths:
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            entry = json.loads(line)
            times.setdefault(entry["task_id"], from_iso(entry["received_at"]))
    return times


def ledger_part(tx: Connection, spooled: Spooled) -> Json:
    """`ledger` from the spool files on one side and the database on the other."""
    ids = alerts.finding_ids(tx)
    return ledger_entry(spooled, {outcome.value: found for outcome, found in ids.items()})


def queue_part(tx: Connection, consumer_files: Iterable[Path], log: SendLog) -> Json:
    """`alerts`, `dispatch`, `latency_ms` from the database."""
    alert_list = alerts.all_alerts(tx)
    deliveries = outbox.deliveries(tx)
    consumed = consumed_times(consumer_files)
    queued_at = {
        alert_id: row["queued_at"]
        for row in reversed(deliveries)
        if row["queued_at"] is not None
        for alert_id in row["alert_ids"]
    }
    return {
        "alerts": [alert_entry(alert) for alert in alert_list],
        "dispatch": [dispatch_entry(row, consumed) for row in deliveries],
        "latency_ms": {"capture_to_queue": quantiles(latencies_ms(alert_list, queued_at, log))},
    }


def _iso_or_none(at: float | None) -> str | None:
    return None if at is None else iso(at)
