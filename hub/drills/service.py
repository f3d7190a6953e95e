"""What others may do with roll calls. Transactions are opened by the caller."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.drills import repository
from hub.drills.checklist import Kind, Result, checked
from hub.drills.drill import Called, Drill, Item, Plan, State
from hub.drills.schedule import Weekly
from hub.kit.errors import Conflict, NotFound, Refused
from hub.kit.ids import Ids
from hub.store import feed
from hub.store.page import Cursor, Page, page
from hub.types.staff import Jurisdiction

log = logging.getLogger(__name__)

Roll = Callable[[Connection, str | None, float], Sequence[Called]]
"""(tx, grid or None for everywhere, now) to what is to be called there."""


def nobody_to_call(_tx: Connection, _grid: str | None, _now: float) -> Sequence[Called]:
    """Where nothing is registered."""
    return ()


BY_PLAN = "hub"
"""Who calls what was planned."""
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a roll call is held: `grid` None is the whole site, of the empty path."""

    grid: str | None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says of a camera or a post; `version` is the one that was looked at."""

    result: Result
    faults: tuple[str, ...] = ()
    note: str = ""
    version: int | None = None


def plan(
    tx: Connection, title: str, place: Place, weekly: Weekly, by: str, now: float,
    zone: ZoneInfo, ids: Ids,
) -> Plan:  # fmt: skip
    """Hold a roll call each week from now on. Raises Refused (`bad_schedule`)."""
    weekly.check()
    made = Plan(ids(), title, place.grid, place.path, weekly, weekly.after(now, zone), by)
    repository.insert_plan(tx, made, now)
    return made


def get_plan(tx: Connection, plan_id: str, within: Jurisdiction) -> Plan:
    """One plan of that ground. Raises NotFound."""
    found = repository.plan(tx, plan_id)
    if found is None or not within.covers(found.grid_path):
        raise NotFound(f"there is no plan {plan_id}")
    return found


def end_plan(tx: Connection, plan: Plan, by: str, now: float) -> None:
    """It is held no more. Raises Conflict (`plan_is_ended`)."""
    if plan.ended_at is not None:
        raise Conflict("this plan has ended", code="plan_is_ended")
    repository.end_plan(tx, plan.id, by, now)


def call(
    tx: Connection, title: str, place: Place, lasts_s: int, by: str, now: float,
    roll: Roll, ids: Ids,
) -> Drill:  # fmt: skip
    """Hold a roll call now. Raises Refused (`bad_schedule`, `nobody_to_call`)."""
    Weekly(1, 0, lasts_s).check()
    drill = Drill(ids(), title, place.grid, place.path, now, now + lasts_s, State.CALLED, by)
    called = roll(tx, place.grid, now)
    if not called:
        raise Refused("nothing stands there that could be called", code="nobody_to_call")
    _begin(tx, drill, called)
    return drill


def call_due(tx: Connection, now: float, zone: ZoneInfo, roll: Roll, ids: Ids) -> list[Drill]:
    """Call what was planned for now, once each; what was slept through is called once, late."""
    found = []
    for each in repository.due(tx, now, AT_ONCE):
        drill = Drill(
            ids(), each.title, each.grid, each.grid_path,
            each.next_at, now + each.weekly.lasts_s, State.CALLED, BY_PLAN, plan_id=each.id,
        )  # fmt: skip
        called = roll(tx, each.grid, now)
        if not called:
            log.warning("roll call %r: nothing stands on %s to be called", each.title, each.grid)
        elif _begin(tx, drill, called):
            found.append(drill)
        repository.put_next(tx, each.id, each.weekly.after(now, zone))
    return found


def _begin(tx: Connection, drill: Drill, called: Sequence[Called]) -> bool:
    if not repository.insert_drill(tx, drill):
        return False
    repository.insert_items(tx, drill.id, called)
    _tell(tx, drill, drill.starts_at)
    return True


def _tell(tx: Connection, drill: Drill, at: float) -> None:
    """Everybody hears of it on whose ground something is called."""
    body = {"id": drill.id, "title": drill.title, "state": drill.state.value, "exercise": True}
    codes = dict.fromkeys((*drill.grid_path, *repository.ground(tx, drill.id)))
    feed.append(tx, "drill", drill.id, body, at, tuple(codes))


def finish_over(tx: Connection, now: float) -> int:
    """End those whose time is over; returns how many."""
    found = repository.over(tx, now)
    for drill in found:
        _finish(tx, drill, now)
    return len(found)


def finish(tx: Connection, drill_id: str, within: Jurisdiction, now: float) -> None:
    """End one of the own ground before its time.

    Raises NotFound, Conflict (`drill_is_finished`).
    """
    drill = repository.drill(tx, drill_id, lock=True)
    if drill is None or not within.covers(drill.grid_path):
        raise NotFound(f"there is no roll call {drill_id}")
    if drill.state is State.FINISHED:
        raise Conflict("this roll call is over", code="drill_is_finished")
    _finish(tx, drill, now)


def _finish(tx: Connection, drill: Drill, now: float) -> None:
    repository.finish(tx, drill.id, now)
    ended = repository.drill(tx, drill.id)
    if ended is not None:
        _tell(tx, ended, now)


def get(tx: Connection, drill_id: str, within: Jurisdiction) -> Drill:
    """A roll call in which something of that ground is called. Raises NotFound."""
    return _seen(tx, repository.drill(tx, drill_id), drill_id, within)


def _seen(tx: Connection, found: Drill | None, drill_id: str, within: Jurisdiction) -> Drill:
    if found is None or not (
        within.covers(found.grid_path) or repository.items(tx, drill_id, within)
    ):
        raise NotFound(f"there is no roll call {drill_id}")
    return found


def listed(
    tx: Connection, within: Jurisdiction, after: str | None = None, limit: int = 50
) -> Page[Drill]:
    """Roll calls, newest first. Raises Refused (`bad_cursor`)."""
    return page(
        lambda cursor, count: repository.list_drills(tx, within, cursor, count),
        lambda drill: Cursor(drill.starts_at, drill.id),
        after,
        limit,
    )


def answer(
    tx: Connection, drill_id: str, kind: Kind, subject: str, said: Answer,
    within: Jurisdiction, by: str, now: float,
) -> Item:  # fmt: skip
    """Say what came of a camera or a post; until the end it may be said anew.

    Raises NotFound, Conflict (`drill_is_finished`, `stale_version`), Refused as `checked` does.
    """
    checked(kind, said.result, said.faults)
    drill = _seen(tx, repository.drill(tx, drill_id, lock=True), drill_id, within)
    if drill.state is State.FINISHED:
        raise Conflict("this roll call is over", code="drill_is_finished")
    found = repository.item(tx, drill_id, kind, subject)
    if found is None or not within.covers(found.called.grid_path):
        raise NotFound(f"{kind} {subject} is not called in this")
    if said.version is not None and said.version != found.version:
        raise Conflict(f"it is at version {found.version}", code="stale_version")
    values = {
        "result": said.result.value,
        "faults": list(said.faults),
        "note": said.note,
        "answered_by": by,
        "answered_at": now,
    }
    repository.put_answer(tx, drill_id, kind, subject, values)
    changed = repository.item(tx, drill_id, kind, subject)
    if changed is None:
        raise NotFound(f"{kind} {subject} is not called in this")
    return changed
