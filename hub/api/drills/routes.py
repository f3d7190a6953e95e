"""Roll calls: planned, called, answered, counted and taken away. All of it is exercise."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Response
from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.access.service import LookReason
from hub.api.drills.schemas import (
    ChecklistOut,
    CountOut,
    DrillAnswerIn,
    DrillCallIn,
    DrillItemOut,
    DrillOut,
    DrillPlanOut,
    PlanIn,
)
from hub.api.guard import Hub, domain, may
from hub.api.reach import Within
from hub.api.schemas import Limit, Page
from hub.api.searches import note_export
from hub.drills import repository, service
from hub.drills.checklist import FAULTS, Kind, Result
from hub.drills.drill import Count, Drill, Item
from hub.drills.schedule import Weekly
from hub.drills.service import Answer, Place
from hub.kit.clock import iso
from hub.kit.csvfile import csv_file
from hub.kit.errors import NotFound
from hub.store.ground import is_grid, paths
from hub.types.staff import Jurisdiction

router = domain("drills")

Reader = Annotated[Subject, may(Action.DRILLS_READ)]
Planner = Annotated[Subject, may(Action.DRILLS_PLAN)]


@router.get("/drills/checklists")
def list_checklists(_who: Reader) -> list[ChecklistOut]:
    """What may be wrong with a camera and with a post."""
    return [ChecklistOut(kind=kind, faults=dict(FAULTS[kind])) for kind in Kind]


@router.get("/drills/plans")
def list_drill_plans(hub: Hub, _who: Reader, within: Within) -> list[DrillPlanOut]:
    """What is held each week, the soonest first."""
    with hub.db.read() as tx:
        return [
            DrillPlanOut.of(plan, gone=plan.grid is not None and not is_grid(tx, plan.grid))
            for plan in repository.plans(tx, within)
        ]


@router.post("/drills/plans", status_code=201)
def plan_drill(body: PlanIn, hub: Hub, who: Planner, within: Within) -> DrillPlanOut:
    """Hold a roll call each week."""
    week = Weekly(body.weekly.weekday, body.weekly.minute, body.weekly.lasts_s)
    zone = ZoneInfo(hub.site.time_zone)
    with hub.write() as tx:
        place = _place(tx, body.grid, within)
        now = hub.clock.now()
        return DrillPlanOut.of(
            service.plan(tx, body.title.strip(), place, week, who.name, now, zone, hub.ids)
        )


@router.delete("/drills/plans/{plan_id}", status_code=204)
def end_drill_plan(plan_id: str, hub: Hub, who: Planner, within: Within) -> None:
    """Hold it no more; what was held stays."""
    with hub.write() as tx:
        plan = service.get_plan(tx, plan_id, within)
        service.end_plan(tx, plan, who.name, hub.clock.now())


@router.get("/drills")
def list_drills(
    hub: Hub, _who: Reader, within: Within, after: str | None = None, limit: Limit = 50
) -> Page[DrillOut]:
    """Roll calls, the newest first."""
    with hub.db.read() as tx:
        found = service.listed(tx, within, after, limit)
        counted = repository.counts(tx, [drill.id for drill in found.items], within)
    items = [_told(drill, counted[drill.id]) for drill in found.items]
    return Page(items=items, next=found.next)


@router.post("/drills", status_code=201)
def call_drill(body: DrillCallIn, hub: Hub, who: Planner, within: Within) -> DrillOut:
    """Hold a roll call now."""
    with hub.write() as tx:
        place = _place(tx, body.grid, within)
        now = hub.clock.now()
        drill = service.call(
            tx, body.title.strip(), place, body.lasts_s, who.name, now, hub.roll, hub.ids
        )
        return _drill(tx, drill, within)


@router.get("/drills/{drill_id}")
def read_drill(drill_id: str, hub: Hub, _who: Reader, within: Within) -> DrillOut:
    """One roll call."""
    with hub.db.read() as tx:
        return _drill(tx, service.get(tx, drill_id, within), within)


@router.get("/drills/{drill_id}/items")
def list_drill_items(
    drill_id: str,
    hub: Hub,
    _who: Reader,
    within: Within,
    kind: Kind | None = None,
    result: Result | None = None,
) -> list[DrillItemOut]:
    """What is called on the asker's ground, by grid and name."""
    with hub.db.read() as tx:
        service.get(tx, drill_id, within)
        found = repository.items(tx, drill_id, within, kind=kind, result=result)
    return [DrillItemOut.of(item) for item in found]


@router.post("/drills/{drill_id}/answers")
def answer_drill(
    drill_id: str,
    body: DrillAnswerIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.DRILLS_ANSWER)],
    within: Within,
) -> DrillItemOut:
    """Say what came of a camera or a post; until the end it may be said anew."""
    said = Answer(body.result, body.faults, body.note.strip(), body.version)
    with hub.write() as tx:
        item = service.answer(
            tx, drill_id, body.kind, body.subject, said, within, who.name, hub.clock.now()
        )
    return DrillItemOut.of(item)


@router.post("/drills/{drill_id}/finish")
def finish_drill(drill_id: str, hub: Hub, _who: Planner, within: Within) -> DrillOut:
    """End it before its time; what nobody answered was missed."""
    with hub.write() as tx:
        service.finish(tx, drill_id, within, hub.clock.now())
        return _drill(tx, service.get(tx, drill_id, within), within)


@router.get("/drills/{drill_id}/export", response_class=Response)
def export_drill(
    drill_id: str,
    hub: Hub,
    who: Reader,
    within: Within,
    reason: Annotated[LookReason, Query()] = LookReason.EXERCISE,
) -> Response:
    """The whole list as CSV."""
    with hub.db.read() as tx:
        drill = service.get(tx, drill_id, within)
        found = repository.items(tx, drill_id, within)
    note_export(hub, who, Action.DRILLS_READ, "drill", reason)
    head = ("类别 kind", "名称 name", "网格 grid", "系统 found", "结果 result")
    more = ("问题 faults", "备注 note", "填写 by", "时间 at")
    rows = [("演练 exercise", drill.title, iso(drill.starts_at)), (*head, *more), *map(_row, found)]
    return Response(
        csv_file(rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="drill-{drill_id}.csv"'},
    )


def _row(item: Item) -> tuple[str, ...]:
    called = item.called
    grid = called.grid_path[-1] if called.grid_path else ""
    words = "、".join(FAULTS[called.kind][code] for code in item.faults)
    at = "" if item.answered_at is None else iso(item.answered_at)
    said = (called.found, item.result, words, item.note, item.answered_by or "", at)
    return (called.kind, called.label, grid, *said)


def _place(tx: Connection, grid: str | None, within: Jurisdiction) -> Place:
    """Where it is to be held. Raises NotFound beyond the asker's ground."""
    if grid is None:
        if not within.everywhere:
            raise NotFound("the whole site is not your ground: name a grid")
        return Place(None)
    path = paths(tx, [grid])[grid]
    if not is_grid(tx, grid) or not within.covers(path):
        raise NotFound(f"there is no grid {grid}")
    return Place(grid, path)


def _drill(tx: Connection, drill: Drill, within: Jurisdiction) -> DrillOut:
    return _told(drill, repository.count(tx, drill.id, within))


def _told(drill: Drill, counted: Count) -> DrillOut:
    counts = tuple(
        CountOut(
            kind=kind,
            open=of.get(Result.OPEN, 0),
            good=of.get(Result.GOOD, 0),
            faulty=of.get(Result.FAULTY, 0),
            missed=of.get(Result.MISSED, 0),
            share=counted.share(kind),
        )
        for kind, of in counted.results.items()
    )
    return DrillOut.of(drill, counts)
