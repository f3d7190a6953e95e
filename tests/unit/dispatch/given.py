"""A small town for the tests of the dispatch room: alerts, a configuration, filing by one line."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, insert

from hub.dispatch import service
from hub.dispatch.config import DispatchConfig
from hub.dispatch.matter import Filing
from hub.dispatch.message import SourceCard, report
from hub.kit.ids import Ids, counted_ids
from hub.store.tables.alerts import alerts
from hub.store.tables.grids import grids
from hub.types.finding import (
    Ack,
    Alert,
    Binding,
    GridShare,
    GridWhy,
    Life,
    Policy,
    RuleKind,
    Severity,
)
from hub.types.scene import SourceKind
from hub.types.site import LonLat, OwnerKind
from hub.types.staff import Role
from hub.types.work import Incident, Receipt, TaskAction

NOW = 1_700_000_000.0
IN_FIELD = frozenset({Role.WORKER})
"""In which roles an errand is worked, where nothing else is told."""
PATH = ("370682000000000", "370682100000000", "370682100201000", "370682100201003")
SCHOOL = SourceCard("学校东门", "第一中学", OwnerKind.SCHOOL)

CONFIG = DispatchConfig.model_validate(
    {
        "centres": [
            {"id": "town", "name": "黎山镇治理中心"},
            {"id": "city", "name": "市治理中心"},
        ],
        "default_centre": "city",
        "departments": [
            {"id": "fire", "name": "消防救援大队"},
            {"id": "housing", "name": "住建局"},
            {"id": "water", "name": "水利局"},
        ],
        "redelivery_idle_s": 0.2,
        "dead_letter_after": 3,
        "keep_acked_s": 0,
    }
)

HERE = Binding(
    camera_grid=PATH[-1],
    event_grid=PATH[-1],
    grid_code=PATH[-1],
    grid_path=PATH,
    why=GridWhy.GROUND_POINT,
    confidence=0.93,
    position=LonLat(120.7113, 36.9758),
    secondary=(GridShare("370682100201004", "civil", 0.21),),
)
NOWHERE = Binding(None, None, None, (), GridWhy.NO_POSITION, 0.0, None)


def an_alert(alert_id: str = "alert-1", **changes: Any) -> Alert:
    alert = Alert(
        id=alert_id,
        fingerprint=f"cam-1/intrusion/{alert_id}",
        rule_id="night-intrusion",
        rule_kind=RuleKind.ZONE_INTRUSION,
        source="cam-1",
        source_kind=SourceKind.CAMERA,
        place="yard",
        severity=Severity.P1,
        policy=Policy.AUTO_DISPATCH,
        life=Life.ACTIVE,
        ack=Ack.UNACKED,
        verdict=None,
        episode_id=f"episode-{alert_id}",
        binding=HERE,
        captured_at=NOW - 3.5,
        raised_at=NOW - 0.25,
        updated_at=NOW - 0.25,
        cleared_at=None,
        dwell_s=3.0,
        group_wait_s=0.0,
        findings=1,
        evidence_id="e1",
        incident_id=None,
        facts={"dwell_s": 3.0, "count": 2, "kind": "person", "inside": True},
    )
    return replace(alert, **changes)


def store_alert(tx: Connection, alert: Alert) -> None:
    """Write the alert's row, as the alerts room does before it hands the alert on."""
    row = {
        key: value
        for key, value in asdict(alert).items()
        if key in alerts.c and key not in ("binding", "box", "picture_point")
    }
    bound = alert.binding
    position = bound.position
    tx.execute(
        insert(alerts).values(
            **row,
            camera_grid=bound.camera_grid,
            event_grid=bound.event_grid,
            grid_code=bound.grid_code,
            grid_path=list(bound.grid_path),
            grid_why=bound.why.value,
            grid_confidence=bound.confidence,
            secondary=[asdict(share) for share in bound.secondary],
            lon=None if position is None else position.lon,
            lat=None if position is None else position.lat,
        )
    )


def store_grid(tx: Connection, code: str, centre: str | None) -> None:
    tx.execute(
        insert(grids).values(
            id=f"grid-{code}", code=code, scheme="cn15", kind="civil", tier=1, name=code,
            parent_code=None, geometry={}, centre=centre, valid_from=0.0, managed_by="file",
        )
    )  # fmt: skip


def file(
    tx: Connection,
    alert: Alert,
    *,
    now: float = NOW,
    wait_s: float = 0.0,
    group_key: str = "yard",
    config: DispatchConfig = CONFIG,
    ids: Ids | None = None,
) -> Incident:
    store_alert(tx, alert)
    made = ids or counted_ids(f"of-{alert.id}")
    filed = [a_filing(alert, group_key, wait_s)]
    (incident,) = service.file(tx, filed, config=config, now=now, ids=made)
    return incident


def a_filing(alert: Alert, group_key: str = "yard", wait_s: float = 0.0) -> Filing:
    told = report(alert, SCHOOL, "夜间闯入", CONFIG.evidence_path)
    return Filing(alert, told, group_key, wait_s)


def a_receipt(task_id: str, action: TaskAction, key: str, **changes: Any) -> Receipt:
    return replace(Receipt(task_id, action, NOW + 30, "网格员小王", key, roles=IN_FIELD), **changes)
