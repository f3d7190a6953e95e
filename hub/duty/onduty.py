"""Who is on duty: decided from what stands in the registers at a moment. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hub.duty.turns import Turn, Week
from hub.types.duty import OnDuty
from hub.types.staff import Role
from hub.types.window import Window

SHIFT, POST, PARENT = "shift", "post", "parent"
"""Why somebody is on duty: by the roster, by the post where no roster is kept, or further up."""


@dataclass(frozen=True, slots=True)
class Holder:
    """An account, not disabled, with a grant of `role` on a grid (None: on the whole site)."""

    account: str
    name: str
    role: Role
    grid: str | None
    unit: str | None = None
    window: Window | None = None

    def counts(self, at: float, zone: ZoneInfo) -> bool:
        """Whether the grant's hours say so."""
        return self.window is None or self.window.in_force(at, zone)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of one role at a moment.

    `holders`: whose grant counts at that moment. `turns`: of the grids on the path, those that may
    reach into the week. `rostered`: accounts with a turn in this role that begins this week, on
    whatever grid: they are on duty in their turns only. `away`: accounts on leave at that moment.
    """

    at: float
    week: Week
    holders: Sequence[Holder]
    turns: Sequence[Turn]
    rostered: Collection[str] = frozenset()
    away: Collection[str] = frozenset()


def decide(path: Sequence[str], role: Role, scene: Scene) -> tuple[OnDuty, ...]:
    """Who answers for the last grid of `path`, or for the nearest above it where anybody does.

    A grid keeps a roster in a week when a turn of the role begins there in that week, or one of the
    week before still runs. Where it does only those in their turn count, else all who hold the
    post. Whoever holds the role on the whole site is the last to be asked.
    """
    for depth in range(len(path), 0, -1):
        here = path[depth - 1]
        found = _at(here, frozenset(path[:depth]), scene)
        if found:
            nearest = depth == len(path)
            return tuple(_told(holder, role, here, why, nearest) for holder, why in found)
    everywhere = [h for h in scene.holders if h.grid is None and _by_post(h.account, scene)]
    return tuple(_told(h, role, None, POST, not path) for h in _each_once(everywhere))


def keeps_roster(grid: str, turns: Iterable[Turn], at: float, week: Week) -> bool:
    """Whether a roster is kept on that grid in that week."""
    return any(t.grid == grid and (t.in_force(at) or t.begins_in(week)) for t in turns)


def _at(grid: str, above: Collection[str], scene: Scene) -> list[tuple[Holder, str]]:
    if not keeps_roster(grid, scene.turns, scene.at, scene.week):
        posted = [h for h in scene.holders if h.grid == grid and _by_post(h.account, scene)]
        return [(holder, POST) for holder in _each_once(posted)]
    running = {t.account for t in scene.turns if t.grid == grid and t.in_force(scene.at)}
    # A turn alone gives no right: whoever lost the role since is not on duty.
    entitled = [
        holder
        for holder in scene.holders
        if holder.account in running - set(scene.away)
        and (holder.grid is None or holder.grid in above)
    ]
    return [(holder, SHIFT) for holder in _each_once(entitled)]


def _by_post(account: str, scene: Scene) -> bool:
    return account not in scene.rostered and account not in scene.away


def _each_once(holders: Iterable[Holder]) -> list[Holder]:
    """One an account, by name: a person may hold a role for two units."""
    by_account = {holder.account: holder for holder in holders}
    return sorted(by_account.values(), key=lambda holder: (holder.name, holder.account))


def _told(holder: Holder, role: Role, grid: str | None, why: str, nearest: bool) -> OnDuty:
    said = why if nearest else PARENT
    return OnDuty(holder.account, holder.name, role, grid, said, holder.unit)
