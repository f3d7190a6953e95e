"""The message of the dispatch queue: documented JSON, `docs/ref/dispatch-message.md`.

A message tells one errand completely: a centre's program needs nothing else to act. It is made
in two steps: each alert of the matter becomes a report when it is filed, and the message is
composed of the reports when the matter goes out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.dispatch.config import CentreConfig
from hub.dispatch.routing import Route
from hub.kit.clock import iso
from hub.types.finding import Alert, Binding, Facts, Policy, RuleKind, Severity
from hub.types.scene import SourceKind
from hub.types.site import OwnerKind
from hub.types.work import Due

SCHEMA_VERSION = 2
MAJOR_DIGITS = 2
"""A code of a class begins with that of its major class."""
MAX_REPORTS = 20
"""Alerts told in full; a thousand cameras that vanish at once still fit into one message."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SourceCard:
    """Who speaks and who owns it; `owner_kind` is None for the hub's own voice."""

    name: str
    owner: str
    owner_kind: OwnerKind | None


@dataclass(frozen=True, slots=True)
class Errand:
    """What the message says beyond its reports. Times are UTC epoch seconds.

    `class_code` is that of the minor class, "" for a matter of no class.
    """

    task_id: str
    incident_id: str
    alert_ids: tuple[str, ...]
    opened_at: float
    dispatched_at: float
    due: Due
    class_code: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """What a person reported, as far as the message tells of it."""

    incident_id: str
    severity: Severity
    title: str
    description: str
    binding: Binding
    exercise: bool


def report(alert: Alert, source: SourceCard, rule_name: str, evidence_path: str) -> Json:
    """One alert as it stands in the message."""
    return {
        "alert_id": alert.id,
        "severity": alert.severity.value,
        "policy": alert.policy.value,
        "rule": {"id": alert.rule_id, "kind": alert.rule_kind.value, "name": rule_name},
        "source": {
            "id": alert.source,
            "kind": alert.source_kind.value,
            "name": source.name,
            "owner": source.owner,
            "owner_kind": None if source.owner_kind is None else source.owner_kind.value,
        },
        "place": alert.place or None,
        "grid": _grid(alert.binding),
        "secondary_grids": [
            {"code": share.code, "kind": share.kind, "share": share.share}
            for share in alert.binding.secondary
        ],
        "position": _position(alert.binding),
        "captured_at": iso(alert.captured_at),
        "raised_at": iso(alert.raised_at),
        "dwell_s": alert.dwell_s,
        "evidence": _evidence(alert.evidence_id, evidence_path),
        "facts": _finite(alert.facts),
        "exercise": alert.exercise,
    }


def reported(case: Reported, origin: str, at: float) -> Json:
    """What a person reported, in the form of an alert of the incident's own id."""
    return {
        "alert_id": case.incident_id,
        "severity": case.severity.value,
        "policy": Policy.VERIFY_FIRST.value,
        "rule": {"id": "report", "kind": RuleKind.REPORT.value, "name": case.title},
        "source": {
            "id": origin,
            "kind": SourceKind.HUB.value,
            "name": origin,
            "owner": "",
            "owner_kind": None,
        },
        "place": None,
        "grid": _grid(case.binding),
        "secondary_grids": [],
        "position": _position(case.binding),
        "captured_at": iso(at),
        "raised_at": iso(at),
        "dwell_s": 0.0,
        "evidence": None,
        "facts": {"title": case.title, "description": case.description},
        "exercise": case.exercise,
    }


def moved(reports: Sequence[Json], binding: Binding) -> list[Json]:
    """The reports of a matter that was handed over to another grid."""
    return [{**each, "grid": _grid(binding)} for each in reports]


def _grid(binding: Binding) -> Json:
    return {
        "code": binding.grid_code,
        "path": list(binding.grid_path),
        "unbound": binding.unbound,
        "why": binding.why.value,
        "confidence": binding.confidence,
        "camera_grid": binding.camera_grid,
        "event_grid": binding.event_grid,
    }


def _position(binding: Binding) -> Json | None:
    if binding.position is None:
        return None
    return {"lon": binding.position.lon, "lat": binding.position.lat, "datum": "wgs84"}


def _evidence(evidence_id: str | None, evidence_path: str) -> Json | None:
    if evidence_id is None:
        return None
    base = f"{evidence_path}/{evidence_id}"
    return {"id": evidence_id, "picture": f"{base}/picture", "clip": f"{base}/clip"}


def _finite(facts: Facts) -> Json:
    # JSON knows no NaN; a reading of bad quality may carry one.
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in facts.items()
    }


def add_report(reports: Sequence[Json], new: Json) -> list[Json]:
    """The reports with a new one, the most severe and among equals the earliest first.

    No more than `MAX_REPORTS`; the message counts those that it leaves out, and the incident's log
    and its alerts know all.
    """
    ranked = sorted([*reports, new], key=lambda each: (each["severity"], each["captured_at"]))
    return ranked[:MAX_REPORTS]


def worsened(reports: Sequence[Json], alert_id: str, severity: Severity) -> list[Json]:
    """The reports after that alert became graver, in their order."""
    raised = [
        {**each, "severity": severity.value} if each["alert_id"] == alert_id else each
        for each in reports
    ]
    return sorted(raised, key=lambda each: (each["severity"], each["captured_at"]))


def hastened(told: Json, severity: Severity, due: Due) -> Json:
    """A message whose matter became graver: its head says so, and by when."""
    return {**told, "severity": severity.value, "due": _due(due)}


def compose(errand: Errand, reports: Sequence[Json], route: Route) -> Json:
    """The message; its head speaks of the first report, the most severe one.

    `reports` holds at least one. It is an exercise only if every report is one.
    """
    lead = reports[0]
    return {
        "schema_version": SCHEMA_VERSION,
        "task_id": errand.task_id,
        "incident_id": errand.incident_id,
        "centre": _centre(route.centre, route),
        "severity": lead["severity"],
        "policy": lead["policy"],
        "exercise": all(each["exercise"] for each in reports),
        "class": _class(errand.class_code),
        "rule": lead["rule"],
        "source": lead["source"],
        "place": lead["place"],
        "grid": lead["grid"],
        "secondary_grids": lead["secondary_grids"],
        "position": lead["position"],
        "evidence": [each["evidence"] for each in reports if each["evidence"] is not None],
        "facts": lead["facts"],
        "times": {
            "captured_at": min(each["captured_at"] for each in reports),
            "raised_at": min(each["raised_at"] for each in reports),
            "opened_at": iso(errand.opened_at),
            "dispatched_at": iso(errand.dispatched_at),
        },
        "due": _due(errand.due),
        "alert_ids": list(errand.alert_ids),
        "alerts_left_out": len(set(errand.alert_ids) - {each["alert_id"] for each in reports}),
        "alerts": list(reports),
    }


def _centre(centre: CentreConfig, route: Route) -> Json:
    return {
        "id": centre.id,
        "name": centre.name,
        "why": route.why.value,
        "named_by": route.named_by,
    }


def _class(code: str) -> Json | None:
    return {"code": code, "major": code[:MAJOR_DIGITS]} if code else None


def _due(due: Due) -> Json:
    return {
        "accept_by": iso(due.accept_by),
        "on_scene_by": None if due.on_scene_by is None else iso(due.on_scene_by),
        "handle_by": iso(due.handle_by),
    }
