"""Who is on duty now; posts and vacancies, shifts."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query

from hub.access.actions import Action, Role, Subject
from hub.api.duty.grounds import grid_in, readable, refuse_unless_all, writable
from hub.api.duty.schemas import (
    NowOut,
    OnDutyOut,
    PostIn,
    PostOut,
    RoleNowOut,
    ShiftIn,
    ShiftOut,
)
from hub.api.guard import Hub, domain, may
from hub.api.schemas import Page
from hub.duty import posts, shifts
from hub.duty.config import POSTED
from hub.duty.posts import Post
from hub.duty.service import roster
from hub.grids.tree import GridTree
from hub.kit.errors import NotFound

router = domain("duty")

VACANCIES_SHOWN = 500


@router.get("/duty/now")
def read_on_duty(
    hub: Hub,
    who: Annotated[Subject, may(Action.DUTY_READ)],
    grid: Annotated[str, Query(min_length=1, max_length=64)],
    role: Role | None = None,
) -> NowOut:
    """Who answers for a grid at this moment, in one role or in each that somebody is there for."""
    path, now = grid_in(hub, grid, readable(who)), hub.clock.now()
    zone, tree = ZoneInfo(hub.site.time_zone), hub.binder().tree
    name = tree.get(grid).name
    told = []
    with hub.db.read() as tx:
        for asked in [role] if role is not None else sorted(POSTED):
            found = roster(tx, path, asked, now, zone=zone)
            people = [
                OnDutyOut.of(each, tree.get(each.grid).name if each.grid else "", name)
                for each in found
            ]
            told.append(RoleNowOut(role=asked, people=tuple(people)))
    return NowOut(grid=grid, at=now, roles=tuple(told))


@router.get("/duty/posts")
def list_posts(
    hub: Hub,
    who: Annotated[Subject, may(Action.DUTY_READ)],
    grid: Annotated[str, Query(min_length=1, max_length=64)],
) -> Page[PostOut]:
    """The posts of a grid with who holds them."""
    grid_in(hub, grid, readable(who))
    with hub.db.read() as tx:
        found = posts.standings(tx, hub.duty, hub.clock.now(), grid=grid)
    return Page(items=[PostOut.of(each) for each in found])


@router.get("/duty/vacancies")
def list_vacancies(
    hub: Hub, who: Annotated[Subject, may(Action.DUTY_READ)], under: str | None = None
) -> Page[PostOut]:
    """Posts with too few holders: those that were held once, or were set by hand; the first 500."""
    within = readable(who)
    if under is not None:
        grid_in(hub, under, within)
    with hub.db.read() as tx:
        found = posts.standings(tx, hub.duty, hub.clock.now(), within=within)
    vacant = [each for each in found if each.told and under in (None, *each.path)]
    return Page(items=[PostOut.of(each) for each in vacant[:VACANCIES_SHOWN]])


@router.put("/duty/posts")
def put_post(body: PostIn, hub: Hub, who: Annotated[Subject, may(Action.DUTY_WRITE)]) -> PostOut:
    """Set a post by hand, in place of what stands for this grid and role."""
    grid_in(hub, body.grid, writable(who))
    now = hub.clock.now()
    with hub.write() as tx:
        post = Post(body.grid, body.role, body.wanted, body.title)
        made = posts.put(tx, post, who.name, now, hub.ids)
        found = posts.standings(tx, hub.duty, now, grid=body.grid)
    return next(PostOut.of(each) for each in found if each.post.id == made.id)


@router.post("/duty/posts/{post_id}/end", status_code=204)
def end_post(post_id: str, hub: Hub, who: Annotated[Subject, may(Action.DUTY_WRITE)]) -> None:
    """Take a post back that was set by hand: what duty.yaml says counts again."""
    with hub.write() as tx:
        post = posts.get(tx, post_id)
        if not writable(who).covers(_path(hub.binder().tree, post.grid)):
            raise NotFound(posts.no_post(post_id))
        posts.end(tx, post, who.name, hub.clock.now())


def _path(tree: GridTree, code: str) -> tuple[str, ...]:
    """Of a grid that may be gone: then it stands for itself."""
    return tree.path(code) if code in tree else (code,)


@router.get("/duty/shifts")
def list_shifts(
    hub: Hub, who: Annotated[Subject, may(Action.DUTY_READ)], grid: str | None = None
) -> Page[ShiftOut]:
    """The shifts that may be given on a grid; without one, all that one may see."""
    within = readable(who)
    path = None if grid is None else grid_in(hub, grid, within)
    with hub.db.read() as tx:
        found = shifts.all_shifts(tx, hub.duty)
    if path is not None:
        found = shifts.on(found, path)
    else:
        tree = hub.binder().tree
        found = [s for s in found if s.grid is None or within.covers(_path(tree, s.grid))]
    return Page(items=[ShiftOut.of(each) for each in found])


@router.post("/duty/shifts", status_code=201)
def add_shift(body: ShiftIn, hub: Hub, who: Annotated[Subject, may(Action.DUTY_WRITE)]) -> ShiftOut:
    """Put a shift on file for a grid and all below it."""
    within = writable(who)
    if body.grid is None:
        refuse_unless_all(within)
    else:
        grid_in(hub, body.grid, within)
    with hub.write() as tx:
        made = shifts.add(tx, body.shift(), hub.clock.now(), hub.ids)
    return ShiftOut.of(made)


@router.post("/duty/shifts/{shift_id}/end", status_code=204)
def end_shift(shift_id: str, hub: Hub, who: Annotated[Subject, may(Action.DUTY_WRITE)]) -> None:
    """Give a shift no more; its turns stay. 409 `managed_by_file`."""
    within = writable(who)
    with hub.write() as tx:
        shift = shifts.get(tx, hub.duty, shift_id)
        if shift.grid is None:
            refuse_unless_all(within)
        elif not within.covers(_path(hub.binder().tree, shift.grid)):
            raise NotFound(shifts.no_shift(shift_id))
        shifts.end(tx, shift, hub.clock.now())
