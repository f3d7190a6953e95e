"""The roster of a grid, week by week, and leave."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from sqlalchemy import Connection

from hub.access.actions import Action, Subject
from hub.api.deps import Deps
from hub.api.duty.grounds import grid_in, readable, refuse_strangers, staff_in, writable
from hub.api.duty.schemas import (
    CandidateOut,
    CopyIn,
    CopyOut,
    LeaveIn,
    LeaveOut,
    RosterOut,
    SwapIn,
    TurnOut,
    TurnsIn,
)
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Page
from hub.duty import leave, repository, rostering, shifts
from hub.duty.config import POSTED
from hub.duty.rostering import Entry, Wanted
from hub.duty.turns import week_from, week_of
from hub.kit.errors import NotFound, Refused

router = domain("duty")

Writer = Annotated[Subject, may(Action.DUTY_WRITE)]


@router.get("/duty/roster")
def read_roster(
    hub: Hub,
    who: Annotated[Subject, may(Action.DUTY_READ)],
    grid: Annotated[str, Query(min_length=1, max_length=64)],
    week: date | None = None,
) -> RosterOut:
    """The turns of a grid in a week (any day of it names it; without: this week)."""
    path, zone = grid_in(hub, grid, readable(who)), _zone(hub)
    now, keeps = hub.clock.now(), writable(who).covers(path)
    asked = week_of(now, zone) if week is None else week_from(_day(week), zone)
    with hub.db.read() as tx:
        turns = rostering.of_week(tx, grid, asked)
        people = _candidates(tx, grid, path, now) if keeps else []
        known = {person.account for person in people} | {turn.account for turn in turns}
        off = leave.lasting(tx, asked.starts_at, asked.ends_at) if keeps else []
        # Who has a right above may stand here; when they are away is told where they belong.
        mine = staff_in(tx, {each.account for each in off}, writable(who))
    return RosterOut(
        grid=grid,
        week=asked.monday,
        days=asked.days,
        writable=keeps,
        turns=tuple(TurnOut.of(each) for each in turns),
        people=tuple(people),
        leave=tuple(LeaveOut.of(each) for each in off if each.account in known & mine),
    )


def _candidates(tx: Connection, grid: str, path: tuple[str, ...], now: float) -> list[CandidateOut]:
    """Who may be given turns there: those with a role of a post, there or above."""
    held = [h for h in repository.holders_on(tx, path, now) if h.role in POSTED]
    names = {h.account: h.name for h in held}
    return [
        CandidateOut(
            account=account,
            name=name,
            roles=tuple(sorted({h.role for h in held if h.account == account})),
            here=any(h.account == account and h.grid == grid for h in held),
        )
        for account, name in names.items()
    ]


@router.post("/duty/turns", status_code=201)
def give_turns(body: TurnsIn, hub: Hub, who: Writer) -> Page[TurnOut]:
    """Give turns to one person, all or none; days that are over are left out.

    409 `overlaps`, 422 `not_entitled`, `turn_over`, `bad_turn`, `no_posted_role`.
    """
    path, now = grid_in(hub, body.grid, writable(who)), hub.clock.now()
    with hub.write() as tx:
        wanted = _wanted(hub, tx, body, path)
        made = rostering.add(tx, wanted, path, who.name, now, hub.ids)
    return Page(items=[TurnOut.of(each) for each in made])


def _wanted(hub: Deps, tx: Connection, body: TurnsIn, path: tuple[str, ...]) -> list[Wanted]:
    zone, now = _zone(hub), hub.clock.now()
    if body.starts_at is not None and body.ends_at is not None:
        span = body.starts_at.timestamp(), body.ends_at.timestamp()
        return [rostering.by_hours(body.account, body.grid, body.role, *span, zone)]
    there = shifts.on(shifts.all_shifts(tx, hub.duty), path)
    shift = next((each for each in there if each.id == body.shift), None)
    if shift is None:
        raise Refused(f"there is no shift {body.shift} on this grid", code="unknown_shift")
    days = sorted({_day(day) for day in body.days})
    return rostering.by_shift(body.account, body.grid, body.role, shift, days, zone, now)


@router.post("/duty/turns/{turn_id}/end")
def end_turn(turn_id: str, hub: Hub, who: Writer) -> TurnOut:
    """End a turn now, or take it back before it begins. 409 `turn_over`."""
    with hub.write() as tx:
        entry, _path = _own(hub, tx, turn_id, who)
        ended = rostering.end(tx, entry, who.name, hub.clock.now())
    return TurnOut.of(ended)


@router.post("/duty/turns/{turn_id}/swap")
def swap_turn(turn_id: str, body: SwapIn, hub: Hub, who: Writer) -> TurnOut:
    """Another takes what is left of a turn: the old one ends, a new one begins."""
    with hub.write() as tx:
        entry, path = _own(hub, tx, turn_id, who)
        now = hub.clock.now()
        made = rostering.swap(tx, entry, body.account, path, who.name, now, hub.ids)
    return TurnOut.of(made)


def _own(hub: Deps, tx: Connection, turn_id: str, who: Subject) -> tuple[Entry, tuple[str, ...]]:
    """A turn on the ground where one keeps the roster, and the path of its grid."""
    entry = rostering.get(tx, turn_id)
    try:
        return entry, grid_in(hub, entry.grid, writable(who))
    except NotFound as error:
        raise NotFound(rostering.no_turn(turn_id)) from error


@router.post("/duty/roster/copy")
def copy_roster(body: CopyIn, hub: Hub, who: Writer) -> CopyOut:
    """The turns of one week once more in another, at the same hours of the clock."""
    path, zone = grid_in(hub, body.grid, writable(who)), _zone(hub)
    week, to = week_from(_day(body.week), zone), week_from(_day(body.to), zone)
    with hub.write() as tx:
        done = rostering.copy_week(
            tx, body.grid, path, week, to, zone, who.name, hub.clock.now(), hub.ids
        )
    return CopyOut(turns=tuple(TurnOut.of(each) for each in done.made), left=done.left)


@router.get("/duty/absences")
def list_absences(hub: Hub, who: Writer) -> Page[LeaveOut]:
    """Leave that is not over, of the people of one's ground, by when it begins."""
    with hub.db.read() as tx:
        found = leave.lasting(tx, hub.clock.now())
        seen = staff_in(tx, {each.account for each in found}, writable(who))
    return Page(items=[LeaveOut.of(each) for each in found if each.account in seen])


@router.post("/duty/absences", status_code=201)
def add_absence(body: LeaveIn, hub: Hub, who: Writer) -> LeaveOut:
    """Enter leave; it begins now where it should have begun before. 422 `bad_leave`."""
    span = body.starts_at.timestamp(), body.ends_at.timestamp()
    with hub.write() as tx:
        refuse_strangers(tx, body.account, writable(who))
        made = leave.add(tx, body.account, *span, who.name, hub.clock.now(), hub.ids)
    return LeaveOut.of(made)


@router.post("/duty/absences/{absence_id}/end")
def end_absence(absence_id: str, hub: Hub, who: Writer) -> LeaveOut:
    """Somebody is back, or does not go. 409 `leave_over`."""
    with hub.write() as tx:
        found = leave.get(tx, absence_id)
        if not staff_in(tx, [found.account], writable(who)):
            raise NotFound(leave.no_leave(absence_id))
        ended = leave.end(tx, found, who.name, hub.clock.now())
    return LeaveOut.of(ended)


def _zone(hub: Deps) -> ZoneInfo:
    return ZoneInfo(hub.site.time_zone)


def _day(day: date) -> date:
    """Raises Refused (`bad_day`) for one that has no week before or after it."""
    if not 2000 <= day.year <= 2200:
        raise Refused("a day is of the years 2000 to 2200", code="bad_day")
    return day
