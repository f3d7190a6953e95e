"""Alerts: list, one, its log, acknowledge, judge; and mutes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from hub.access.actions import Action, Subject
from hub.alerts import service
from hub.alerts.mute import MuteDraft
from hub.alerts.service import Actor
from hub.api.alerts.schemas import (
    AcknowledgeIn,
    AlertOut,
    AlertQuery,
    MoveOut,
    MuteIn,
    MuteOut,
    VerdictIn,
)
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Page

router = domain("alerts")


@router.get("/alerts")
def list_alerts(
    hub: Hub,
    wanted: Annotated[AlertQuery, Query()],
    _who: Annotated[Subject, may(Action.ALERTS_READ)],
) -> Page[AlertOut]:
    """Alerts, newest first."""
    with hub.db.read() as tx:
        page = service.list_alerts(tx, wanted.chosen(), wanted.limit, wanted.after)
    return Page(items=[AlertOut.model_validate(alert) for alert in page.items], next=page.next)


@router.get("/alerts/{alert_id}")
def read_alert(
    alert_id: str, hub: Hub, _who: Annotated[Subject, may(Action.ALERTS_READ)]
) -> AlertOut:
    """One alert."""
    with hub.db.read() as tx:
        return AlertOut.model_validate(service.get(tx, alert_id))


@router.get("/alerts/{alert_id}/log")
def read_alert_log(
    alert_id: str, hub: Hub, _who: Annotated[Subject, may(Action.ALERTS_READ)]
) -> Page[MoveOut]:
    """What happened to an alert, oldest first."""
    with hub.db.read() as tx:
        service.get(tx, alert_id)
        moves = service.history(tx, alert_id)
    return Page(items=[MoveOut.model_validate(move) for move in moves])


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge_alert(
    alert_id: str,
    body: AcknowledgeIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.ALERTS_ACKNOWLEDGE)],
) -> AlertOut:
    """Somebody has taken note."""
    with hub.write() as tx:
        alert = service.acknowledge(
            tx,
            alert_id,
            actor=Actor(who.name),
            now=hub.clock.now(),
            reason=body.note,
            version=body.version,
        )
    return AlertOut.model_validate(alert)


@router.post("/alerts/{alert_id}/verdict")
def judge_alert(
    alert_id: str,
    body: VerdictIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.ALERTS_JUDGE)],
) -> AlertOut:
    """Somebody has judged; a confirmed `verify_first` alert goes to the queue."""
    with hub.write() as tx:
        alert = hub.judge(
            tx,
            alert_id,
            body.verdict,
            who.name,
            hub.clock.now(),
            note=body.note,
            version=body.version,
        )
    return AlertOut.model_validate(alert)


@router.get("/mutes")
def list_mutes(
    hub: Hub, _who: Annotated[Subject, may(Action.MUTES_READ)], in_force: bool = False
) -> Page[MuteOut]:
    """Mutes, newest first; all of them, or those in force now."""
    with hub.db.read() as tx:
        mutes = service.list_mutes(tx, hub.clock.now() if in_force else None)
    return Page(items=[MuteOut.of(mute) for mute in mutes])


@router.post("/mutes", status_code=201)
def create_mute(
    body: MuteIn, hub: Hub, who: Annotated[Subject, may(Action.MUTES_CREATE)]
) -> MuteOut:
    """Let no new alerts open for a while; whoever asks answers for it."""
    now = hub.clock.now()
    draft = MuteDraft(
        reason=body.reason,
        owner=who.name,
        starts_at=body.starts_at.timestamp() if body.starts_at else now,
        ends_at=body.ends_at.timestamp(),
        source=body.source,
        rule_id=body.rule_id,
        grid_prefix=body.grid_prefix,
    )
    with hub.write() as tx:
        return MuteOut.of(service.mute(tx, draft, actor=Actor(who.name), now=now, ids=hub.ids))


@router.delete("/mutes/{mute_id}")
def end_mute(mute_id: str, hub: Hub, who: Annotated[Subject, may(Action.MUTES_END)]) -> MuteOut:
    """End a mute before its time; it stays on the list."""
    with hub.write() as tx:
        return MuteOut.of(service.end_mute(tx, mute_id, actor=Actor(who.name), now=hub.clock.now()))
