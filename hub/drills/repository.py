"""Queries on plans, roll calls and what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from hub.drills.checklist import Kind, Result
from hub.drills.drill import Called, Count, Drill, Item, Plan, State
from hub.drills.schedule import Weekly
from hub.store.ground import inside
from hub.store.page import Cursor, newest_first
from hub.store.tables.drills import drill_items, drill_plans, drills
from hub.types.staff import Jurisdiction

# -- plans -----------------------------------------------------------------------------------


def insert_plan(tx: Connection, plan: Plan, now: float) -> None:
    """A new plan."""
    row = {
        "id": plan.id,
        "title": plan.title,
        "grid": plan.grid,
        "grid_path": list(plan.grid_path),
        "weekday": plan.weekly.weekday,
        "minute": plan.weekly.minute,
        "lasts_s": plan.weekly.lasts_s,
        "next_at": plan.next_at,
        "made_at": now,
        "made_by": plan.made_by,
    }
    tx.execute(insert(drill_plans).values(**row))


def plans(tx: Connection, within: Jurisdiction) -> list[Plan]:
    """The plans that go on, the soonest first."""
    query = (
        select(drill_plans)
        .where(drill_plans.c.ended_at.is_(None), inside(drill_plans.c.grid_path, within))
        .order_by(drill_plans.c.next_at, drill_plans.c.id)
    )
    return [_plan(row) for row in tx.execute(query)]


def plan(tx: Connection, plan_id: str) -> Plan | None:
    """One plan, also one that ended."""
    row = tx.execute(select(drill_plans).where(drill_plans.c.id == plan_id)).first()
    return None if row is None else _plan(row)


def end_plan(tx: Connection, plan_id: str, by: str, now: float) -> None:
    """It is held no more."""
    tx.execute(
        update(drill_plans).where(drill_plans.c.id == plan_id).values(ended_at=now, ended_by=by)
    )


def is_due(tx: Connection, now: float) -> bool:
    """Whether a plan's time has come, or that of a roll call is over."""
    plan = select(drill_plans.c.id).where(
        drill_plans.c.ended_at.is_(None), drill_plans.c.next_at <= now
    )
    called = select(drills.c.id).where(
        drills.c.state == State.CALLED.value, drills.c.ends_at <= now
    )
    return any(tx.execute(query.limit(1)).first() is not None for query in (plan, called))


def due(tx: Connection, now: float, limit: int) -> list[Plan]:
    """The plans whose time has come, locked until the transaction ends."""
    query = (
        select(drill_plans)
        .where(drill_plans.c.ended_at.is_(None), drill_plans.c.next_at <= now)
        .order_by(drill_plans.c.next_at)
        .limit(limit)
        .with_for_update()
    )
    return [_plan(row) for row in tx.execute(query)]


def put_next(tx: Connection, plan_id: str, next_at: float) -> None:
    """When it is held next."""
    tx.execute(update(drill_plans).where(drill_plans.c.id == plan_id).values(next_at=next_at))


def _plan(row: Row[Any]) -> Plan:
    return Plan(
        row.id,
        row.title,
        row.grid,
        tuple(row.grid_path),
        Weekly(row.weekday, row.minute, row.lasts_s),
        row.next_at,
        row.made_by,
        row.ended_at,
    )


# -- roll calls ------------------------------------------------------------------------------


def insert_drill(tx: Connection, drill: Drill) -> bool:
    """A roll call that begins; False where this one of the plan was called before."""
    row = {
        "id": drill.id,
        "plan_id": drill.plan_id,
        "title": drill.title,
        "grid": drill.grid,
        "grid_path": list(drill.grid_path),
        "starts_at": drill.starts_at,
        "ends_at": drill.ends_at,
        "state": drill.state.value,
        "called_by": drill.called_by,
    }
    try:
        with tx.begin_nested():
            tx.execute(insert(drills).values(**row))
    except IntegrityError:
        return False
    return True


def insert_items(tx: Connection, drill_id: str, called: Sequence[Called]) -> None:
    """What is called, with nothing answered yet."""
    rows = [
        {
            "drill_id": drill_id,
            "kind": each.kind.value,
            "subject": each.subject,
            "label": each.label,
            "grid_code": each.grid_path[-1] if each.grid_path else None,
            "grid_path": list(each.grid_path),
            "found": each.found,
            "result": Result.OPEN.value,
            "faults": [],
            "note": "",
            "version": 1,
        }
        for each in called
    ]
    if rows:
        tx.execute(insert(drill_items), rows)


def drill(tx: Connection, drill_id: str, *, lock: bool = False) -> Drill | None:
    """One roll call; `lock`: nobody else ends it before the transaction does."""
    query = select(drills).where(drills.c.id == drill_id)
    row = tx.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _drill(row)


def ground(tx: Connection, drill_id: str) -> tuple[str, ...]:
    """The codes of all grids in which something is called, and of those above them."""
    paths = tx.execute(select(drill_items.c.grid_path).where(drill_items.c.drill_id == drill_id))
    return tuple(dict.fromkeys(code for path in paths.scalars() for code in path))


def list_drills(
    tx: Connection, within: Jurisdiction, after: Cursor | None, limit: int
) -> list[Drill]:
    """Roll calls in which something of that ground was called, the newest first."""
    query = newest_first(select(drills), drills.c.starts_at, drills.c.id, after, limit)
    if not within.everywhere:
        mine = select(drill_items.c.drill_id).where(inside(drill_items.c.grid_path, within))
        query = query.where(or_(drills.c.id.in_(mine), inside(drills.c.grid_path, within)))
    return [_drill(row) for row in tx.execute(query)]


def over(tx: Connection, now: float) -> list[Drill]:
    """Roll calls whose time is over and which nobody finished."""
    query = select(drills).where(drills.c.state == State.CALLED.value, drills.c.ends_at <= now)
    return [_drill(row) for row in tx.execute(query.with_for_update())]


def finish(tx: Connection, drill_id: str, now: float) -> None:
    """It is over; what nobody answered was missed."""
    tx.execute(
        update(drills)
        .where(drills.c.id == drill_id)
        .values(state=State.FINISHED.value, finished_at=now)
    )
    tx.execute(
        update(drill_items)
        .where(drill_items.c.drill_id == drill_id, drill_items.c.result == Result.OPEN.value)
        .values(result=Result.MISSED.value, version=drill_items.c.version + 1)
    )


def _drill(row: Row[Any]) -> Drill:
    return Drill(
        row.id,
        row.title,
        row.grid,
        tuple(row.grid_path),
        row.starts_at,
        row.ends_at,
        State(row.state),
        row.called_by,
        row.finished_at,
        row.plan_id,
    )


# -- items -----------------------------------------------------------------------------------


def items(
    tx: Connection,
    drill_id: str,
    within: Jurisdiction,
    *,
    kind: Kind | None = None,
    result: Result | None = None,
) -> list[Item]:
    """What was called on that ground, by grid and name."""
    at = drill_items.c
    query = (
        select(drill_items)
        .where(at.drill_id == drill_id, inside(at.grid_path, within))
        .order_by(at.grid_code, at.kind, at.label, at.subject)
    )
    if kind is not None:
        query = query.where(at.kind == kind.value)
    if result is not None:
        query = query.where(at.result == result.value)
    return [_item(row) for row in tx.execute(query)]


def item(tx: Connection, drill_id: str, kind: Kind, subject: str) -> Item | None:
    """One of them, locked until the transaction ends."""
    at = drill_items.c
    query = select(drill_items).where(
        at.drill_id == drill_id, at.kind == kind.value, at.subject == subject
    )
    row = tx.execute(query.with_for_update()).first()
    return None if row is None else _item(row)


def put_answer(
    tx: Connection, drill_id: str, kind: Kind, subject: str, values: Mapping[str, object]
) -> None:
    """What came of one."""
    at = drill_items.c
    tx.execute(
        update(drill_items)
        .where(at.drill_id == drill_id, at.kind == kind.value, at.subject == subject)
        .values(**values, version=at.version + 1)
    )


def count(tx: Connection, drill_id: str, within: Jurisdiction) -> Count:
    """How many came to what on that ground."""
    return counts(tx, [drill_id], within)[drill_id]


def counts(tx: Connection, drill_ids: Sequence[str], within: Jurisdiction) -> dict[str, Count]:
    """The same of many roll calls, by their ids."""
    at = drill_items.c
    query = (
        select(at.drill_id, at.kind, at.result, func.count().label("n"))
        .where(at.drill_id.in_(drill_ids), inside(at.grid_path, within))
        .group_by(at.drill_id, at.kind, at.result)
    )
    found: dict[str, dict[Kind, dict[Result, int]]] = {
        id_: {kind: {} for kind in Kind} for id_ in drill_ids
    }
    for row in tx.execute(query):
        found[row.drill_id][Kind(row.kind)][Result(row.result)] = row.n
    return {id_: Count(results) for id_, results in found.items()}


def _item(row: Row[Any]) -> Item:
    path = tuple(row.grid_path)
    return Item(
        Called(Kind(row.kind), row.subject, row.label, path, row.found),
        Result(row.result),
        tuple(row.faults),
        row.note,
        row.answered_by,
        row.answered_at,
        row.version,
    )
