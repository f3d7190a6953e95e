"""Alerts: list, one, its log, acknowledge, judge; and mutes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.alerts import group, merging, service
from hub.alerts.mute import MuteDraft
from hub.alerts.service import Actor
from hub.api.alerts.schemas import (
    AcknowledgeIn,
    AlertOut,
    AlertQuery,
    MergeIn,
    MoveOut,
    MuteIn,
    MuteOut,
    NamesOut,
    StoryOut,
    UnmergeIn,
    VerdictIn,
)
from hub.api.alerts.silence import silenced
from hub.api.alerts.story import names, story
from hub.api.guard import Hub, domain, may
from hub.api.reach import Within, refuse_outside
from hub.api.schemas import Page
from hub.api.searches import note_search
from hub.dispatch import merging as incidents
from hub.dispatch.timers import service as clocks
from hub.flow import merge_flow

router = domain("alerts")


@router.get("/alerts")
def list_alerts(
    hub: Hub,
    wanted: Annotated[AlertQuery, Query()],
    who: Annotated[Subject, may(Action.ALERTS_READ)],
    within: Within,
) -> Page[AlertOut]:
    """Alerts, newest first or by urgency; a search is noted in the register."""
    note_search(hub, who, Action.ALERTS_READ, "alerts", wanted, wanted.reason)
    with hub.db.read() as tx:
        chosen = wanted.chosen(within)
        page = service.list_alerts(tx, chosen, wanted.limit, wanted.after, wanted.order)
    return Page(items=[AlertOut.model_validate(alert) for alert in page.items], next=page.next)


@router.get("/names")
def read_names(
    hub: Hub, _who: Annotated[Subject, may(Action.ALERTS_READ)], within: Within
) -> NamesOut:
    """All names that a list of alerts needs, once for all its rows."""
    with hub.db.read() as tx:
        return names(tx, hub, within)


@router.get("/alerts/{alert_id}")
def read_alert(
    alert_id: str, hub: Hub, _who: Annotated[Subject, may(Action.ALERTS_READ)], within: Within
) -> AlertOut:
    """One alert."""
    with hub.db.read() as tx:
        return AlertOut.model_validate(service.get(tx, alert_id, within=within))


@router.get("/alerts/{alert_id}/story")
def read_alert_story(
    alert_id: str, hub: Hub, who: Annotated[Subject, may(Action.ALERTS_READ)], within: Within
) -> StoryOut:
    """One alert with everything the desk shows of it."""
    with hub.db.read() as tx:
        return story(tx, hub, who, service.get(tx, alert_id, within=within))


@router.get("/alerts/{alert_id}/log")
def read_alert_log(
    alert_id: str, hub: Hub, _who: Annotated[Subject, may(Action.ALERTS_READ)], within: Within
) -> Page[MoveOut]:
    """What happened to an alert, oldest first."""
    with hub.db.read() as tx:
        service.get(tx, alert_id, within=within)
        moves = service.history(tx, alert_id)
    return Page(items=[MoveOut.model_validate(move) for move in moves])


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge_alert(
    alert_id: str,
    body: AcknowledgeIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.ALERTS_ACKNOWLEDGE)],
    within: Within,
) -> AlertOut:
    """Somebody has taken note."""
    with hub.write() as tx:
        service.get(tx, alert_id, within=within)
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
    within: Within,
) -> AlertOut:
    """Somebody has judged; a confirmed `verify_first` alert goes to the queue."""
    with hub.write() as tx:
        service.get(tx, alert_id, within=within)
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


@router.post("/alerts/{alert_id}/merge")
def merge_alert(
    alert_id: str,
    body: MergeIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.ALERTS_MERGE)],
    within: Within,
) -> AlertOut:
    """This alert and another are one matter: it becomes a duplicate of the other."""
    now = hub.clock.now()

    def say(tx: Connection) -> merging.Pair:
        return merging.merge(
            tx,
            alert_id,
            body.into,
            actor=Actor(who.name),
            now=now,
            note=body.note,
            version=body.version,
        )

    def follow(tx: Connection, pair: merging.Pair) -> None:
        clocks.end_verdict(tx, pair.duplicate.id, now)
        incidents.join(tx, pair.duplicate.id, pair.into.id, by=who.name, now=now)

    with hub.write() as tx:
        for one in (alert_id, body.into):
            service.get(tx, one, within=within)
        merge_flow(tx, say, follow)
        return AlertOut.model_validate(service.get(tx, alert_id))


@router.post("/alerts/{alert_id}/unmerge")
def unmerge_alert(
    alert_id: str,
    body: UnmergeIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.ALERTS_MERGE)],
    within: Within,
) -> AlertOut:
    """A merge is taken back: the alert stands for itself again and waits for a verdict."""
    now = hub.clock.now()

    def say(tx: Connection) -> merging.Pair:
        return merging.unmerge(
            tx, alert_id, actor=Actor(who.name), now=now, note=body.note, version=body.version
        )

    def follow(tx: Connection, pair: merging.Pair) -> None:
        clocks.resume_verdicts(tx, [pair.duplicate], hub.dispatch, now)
        grouped = group.plan(pair.duplicate)
        incidents.part(
            tx,
            pair.duplicate,
            group_key=grouped.key,
            wait_s=grouped.wait_s,
            config=hub.dispatch,
            by=who.name,
            now=now,
            ids=hub.ids,
        )

    with hub.write() as tx:
        merged_into = service.get(tx, alert_id, within=within).merged_into
        if merged_into is not None:
            refuse_outside(within, service.get(tx, merged_into).binding.grid_path)
        merge_flow(tx, say, follow)
        return AlertOut.model_validate(service.get(tx, alert_id))


@router.get("/mutes")
def list_mutes(
    hub: Hub,
    _who: Annotated[Subject, may(Action.MUTES_READ)],
    within: Within,
    in_force: bool = False,
) -> Page[MuteOut]:
    """Mutes, newest first; all of them, or those in force now."""
    with hub.db.read() as tx:
        mutes = service.list_mutes(tx, hub.clock.now() if in_force else None, within=within)
    return Page(items=[MuteOut.of(mute) for mute in mutes])


@router.post("/mutes", status_code=201)
def create_mute(
    body: MuteIn, hub: Hub, who: Annotated[Subject, may(Action.MUTES_CREATE)], within: Within
) -> MuteOut:
    """Let no new alerts open for a while; whoever asks answers for it.

    403 `outside_jurisdiction` where it would also silence what lies elsewhere.
    """
    now, tree = hub.clock.now(), hub.binder().tree
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
        path = silenced(tx, draft, tree, within)
        made = service.mute(tx, draft, path=path, actor=Actor(who.name), now=now, ids=hub.ids)
    return MuteOut.of(made)


@router.delete("/mutes/{mute_id}")
def end_mute(
    mute_id: str, hub: Hub, who: Annotated[Subject, may(Action.MUTES_END)], within: Within
) -> MuteOut:
    """End a mute before its time; it stays on the list."""
    now = hub.clock.now()
    with hub.write() as tx:
        ended = service.end_mute(tx, mute_id, within=within, actor=Actor(who.name), now=now)
    return MuteOut.of(ended)
