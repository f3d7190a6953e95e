"""Who is on duty, as others may ask it. Transactions are opened by the caller."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hub.duty import repository
from hub.duty.onduty import Holder, Scene, decide, keeps_roster
from hub.duty.turns import Turn, Week, week_of
from hub.store import ground
from hub.types.duty import OnDuty, Roster
from hub.types.staff import Role

SITE_ZONE = ZoneInfo("Asia/Shanghai")
"""Of a site that names none (hub.yaml, `site.time_zone`)."""


def roster(
    tx: Connection,
    path: Sequence[str],
    role: Role,
    at: float,
    unit: str | None = None,
    *,
    zone: ZoneInfo = SITE_ZONE,
) -> Sequence[OnDuty]:
    """Who answers for a grid in a role at a moment (UTC epoch seconds), else for its parent.

    `path` is the codes of the grid from the root down, () of what no grid contains. Nobody is an
    empty sequence. Whether an account is disabled is asked of the present. `unit`: of those who
    hold the role for that department, as if there were no others.
    """
    week = week_of(at, zone)
    held = (h for h in repository.holders(tx, role, path, at) if h.counts(at, zone))
    holders = [h for h in held if unit is None or h.unit == unit]
    people = {holder.account for holder in holders}
    if not people:
        return ()
    scene = Scene(
        at,
        week,
        holders,
        _turns(tx, role, path, week, unit, at),
        {
            turn.account
            for turned, turn in repository.turns_of(tx, people, week)
            if turned is role and turn.begins_in(week)
        },
        repository.away(tx, people, at),
    )
    return decide(path, role, scene)


def _turns(
    tx: Connection, role: Role, path: Sequence[str], week: Week, unit: str | None, at: float
) -> Sequence[Turn]:
    """The turns of a role there; a department keeps its roster with its own people."""
    found = repository.turns_on(tx, role, path, week) if path else ()
    if unit is None:
        return found
    own = repository.of_unit(tx, {turn.account for turn in found}, role, unit, at)
    return [turn for turn in found if turn.account in own]


def roster_in(zone: ZoneInfo) -> Roster:
    """`roster` for a site of that time zone."""
    return partial(roster, zone=zone)


def is_on_duty(tx: Connection, account: str, at: float, *, zone: ZoneInfo = SITE_ZONE) -> bool:
    """Whether an account is on duty anywhere, in whatever role, as `roster` would tell.

    False for one that is disabled, on leave, or holds no role at that moment.
    """
    held = [h for h in repository.held_by(tx, account, at) if h.counts(at, zone)]
    if not held or repository.away(tx, {account}, at):
        return False
    week = week_of(at, zone)
    own = repository.turns_of(tx, {account}, week)
    if any(turn.in_force(at) and _entitled(tx, role, turn, held) for role, turn in own):
        return True
    rostered = {role for role, turn in own if turn.begins_in(week)}
    return any(h.role not in rostered and not _is_kept(tx, h, at, week) for h in held)


def _entitled(tx: Connection, role: Role, turn: Turn, held: Sequence[Holder]) -> bool:
    """Whether the account still holds the role where its turn is."""
    on = {h.grid for h in held if h.role is role}
    if None in on or turn.grid in on:
        return True
    return bool(on) and not on.isdisjoint(ground.paths(tx, [turn.grid])[turn.grid])


def _is_kept(tx: Connection, holder: Holder, at: float, week: Week) -> bool:
    """Whether a roster is kept where this role is held."""
    if holder.grid is None:
        return False
    turns = _turns(tx, holder.role, [holder.grid], week, holder.unit, at)
    return keeps_roster(holder.grid, turns, at, week)
