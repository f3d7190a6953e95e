"""The hub's numbers in the text form that Prometheus reads (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from hub.alerts import repository as alerts
from hub.api.deps import Deps
from hub.dispatch.auditing import repository as audit
from hub.dispatch.outbox import repository as outbox
from hub.kit.errors import Retryable
from hub.types.scene import HealthState

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_OF_CAMERA = {
    "packets": "hub_camera_packets_total",
    "frames_decoded": "hub_camera_frames_decoded_total",
    "frames_analysed": "hub_camera_frames_analysed_total",
    "reconnects": "hub_camera_reconnects_total",
    "dropped": "hub_camera_dropped_total",
    "late": "hub_camera_late_total",
    "fps": "hub_camera_fps",
    "bitrate_bps": "hub_camera_bitrate_bps",
}
_OF_WORKER = {
    "cpu_s": "hub_worker_cpu_seconds_total",
    "rss_bytes": "hub_worker_memory_bytes",
    "threads": "hub_worker_threads",
    "spool_pending": "hub_worker_spool_pending",
}


class Sample(NamedTuple):
    """One number of one series."""

    name: str
    labels: Mapping[str, str]
    value: float


def text_of(samples: Iterable[Sample]) -> str:
    """All samples, each name's together; a name that ends in `_total` is a counter."""
    lines: list[str] = []
    for name, group in groupby(sorted(samples, key=lambda s: s.name), key=lambda s: s.name):
        lines.append(f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}")
        lines += [f"{name}{_labels(sample.labels)} {_number(sample.value)}" for sample in group]
    return "\n".join(lines) + "\n"


def samples_of(hub: Deps) -> Iterator[Sample]:
    """This process's own, the workers', the centres', the queues' and the ledger's numbers."""
    for name, labels, value in hub.metrics.snapshot():
        yield Sample(name, {**labels, "process": "api"}, value)
    yield Sample("hub_api_spool_pending", {}, hub.spool.pending())
    try:
        bodies, centres = hub.heartbeats.all(), hub.centres.all()
    except Retryable:
        bodies, centres = {}, {}
    yield Sample("hub_workers", {}, len(bodies))
    for worker, body in bodies.items():
        yield from _worker(worker, body)
    for name, body in centres.items():
        yield from _own(name, body)
    with hub.db.read() as tx:
        for (outcome, reason), count in alerts.outcome_counts(tx).items():
            labels = {"outcome": outcome.value, "reason": reason.value}
            yield Sample("hub_findings_total", labels, count)
        for centre in hub.dispatch.centres:
            yield from _backlog(outbox.backlog(tx, centre.id), hub.clock.now())
        beat = audit.last_beat(tx)
    if beat is not None:
        yield Sample("hub_auditor_age_seconds", {}, hub.clock.now() - beat.at)


def _worker(worker: str, body: Mapping[str, Any]) -> Iterator[Sample]:
    for key, name in _OF_WORKER.items():
        if key in body:
            yield Sample(name, {"worker": worker}, body[key])
    yield from _own(worker, body)
    for camera in body.get("cameras", []):
        where = {"camera": camera["id"], "worker": worker}
        online = camera["state"] == HealthState.ONLINE
        yield Sample("hub_camera_online", where, online)
        for key, name in _OF_CAMERA.items():
            if camera.get(key) is not None:
                yield Sample(name, where, camera[key])


def _own(process: str, body: Mapping[str, Any]) -> Iterator[Sample]:
    for name, labels, value in body.get("metrics", []):
        yield Sample(name, {**labels, "process": process}, value)


def _backlog(backlog: outbox.Backlog, now: float) -> Iterator[Sample]:
    where = {"centre": backlog.centre}
    yield Sample("hub_outbox_unsent", where, backlog.unsent)
    yield Sample("hub_outbox_unacked", where, backlog.unacked)
    yield Sample("hub_outbox_dead", where, backlog.dead)
    yield Sample("hub_outbox_acked_total", where, backlog.acked)
    oldest = backlog.oldest_unacked_at
    yield Sample("hub_outbox_age_seconds", where, 0.0 if oldest is None else now - oldest)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    parts = (f'{key}="{str(value).translate(_ESCAPES)}"' for key, value in sorted(labels.items()))
    return "{" + ",".join(parts) + "}"


def _number(value: float) -> str:
    return repr(float(value)) if float(value) != int(value) else str(int(value))
