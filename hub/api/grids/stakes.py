"""What a redraw would move and strand: sources, grants, posts, incidents, centres."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from hub.access import accounts
from hub.access import service as access
from hub.access.actions import Role
from hub.access.granting import Given
from hub.api.grids.schemas import GrantStakeOut, GridMoveOut, GridStakesOut, PostStakeOut
from hub.grids.index import GridIndex
from hub.grids.rebinding import rebinding
from hub.grids.redraw import Preview
from hub.grids.tree import GridTree
from hub.ingest import service as sources
from hub.store.stranded import stranded
from hub.types.site import CameraSpec, SensorSpec


def moves(tx: Connection, preview: Preview) -> tuple[GridMoveOut, ...]:
    """The cameras and sensors that would stand elsewhere, those that are disabled as well."""
    if not preview.sound or not preview.redraw.changes:
        return ()
    registered: list[CameraSpec | SensorSpec] = [
        *(entry.spec for entry in sources.cameras().list(tx)),
        *(entry.spec for entry in sources.sensors().list(tx)),
    ]
    before = GridIndex(GridTree(stored.grid for stored in preview.redraw.before))
    after = GridIndex(GridTree(preview.redraw.after))
    return tuple(GridMoveOut.model_validate(move) for move in rebinding(registered, before, after))


def stakes(tx: Connection, preview: Preview, now: float) -> GridStakesOut:
    """What stands on the grids that would end."""
    heirs = preview.retired
    held = tuple(
        GrantStakeOut(
            id=given.id,
            holder=holder,
            account=given.holder.account,
            token_id=given.holder.token,
            role=given.grant.role,
            grid=grid,
            heirs=heirs[grid],
        )
        for holder, given, grid in grants_on(tx, heirs, now)
    )
    left = stranded(tx, heirs, now)
    return GridStakesOut(
        grants=held,
        people=len({stake.account for stake in held if stake.account is not None}),
        posts=tuple(
            PostStakeOut(
                id=post.id,
                grid=post.grid,
                role=Role(post.role),
                title=post.title,
                wanted=post.wanted,
            )
            for post in left.posts
        ),
        turns=left.turns,
        mutes=left.mutes,
        incidents=left.incidents,
        centres_lost=preview.centres_lost,
    )


def grants_on(tx: Connection, codes: Collection[str], now: float) -> list[tuple[str, Given, str]]:
    """Name of the holder, grant and grid, for all grants on these grids that are not over.

    Of accounts and tokens that are open.
    """
    if not codes:
        return []
    open_to = [
        *((a.name, a.grants) for a in accounts.list_accounts(tx, now) if a.disabled_at is None),
        *((t.name, t.grants) for t in access.list_tokens(tx) if t.revoked_at is None),
    ]
    return [
        (name, given, given.grant.grid)
        for name, grants in open_to
        for given in grants
        if given.grant.grid in codes and given.grant.grid is not None and not _over(given, now)
    ]


def _over(given: Given, now: float) -> bool:
    window = given.grant.window
    return window is not None and window.ends_at is not None and window.ends_at <= now
