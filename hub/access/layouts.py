"""Layouts of the wall: of one person, or shared with all who watch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection

from hub.access import repository
from hub.access.actions import Role, Subject
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import Ids

BODY_BYTES_MAX = 64 * 1024
LAYOUTS_MAX = 200
"""Of one owner."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What its owner says of a layout; the body is the page's own."""

    name: str
    shared: bool
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout; `owner` None: made with a token, and the administrators' to change."""

    id: str
    name: str
    owner: str | None
    shared: bool
    version: int
    body: dict[str, Any]
    mine: bool


def list_layouts(tx: Connection, who: Subject) -> list[Layout]:
    """The shared ones and one's own, by name."""
    return [_layout(row, who) for row in repository.visible_layouts(tx, who.account)]


def create(tx: Connection, who: Subject, draft: Draft, now: float, ids: Ids) -> Layout:
    """Save a new layout. Raises Refused (`invalid`, `too_large`, `too_many`)."""
    _small(draft)
    if repository.count_layouts(tx, who.account) >= LAYOUTS_MAX:
        raise Refused(f"nobody has more than {LAYOUTS_MAX} layouts", code="too_many")
    layout_id = ids()
    values = {**_values(draft, now), "id": layout_id, "owner_id": who.account, "version": 1}
    repository.insert_layout(tx, values)
    return _layout(_row(tx, layout_id, who), who)


def change(
    tx: Connection, who: Subject, layout_id: str, draft: Draft, version: int, now: float
) -> Layout:
    """Save a layout anew.

    Raises NotFound, Forbidden (`not_yours`), Conflict (`stale_version`), Refused (`invalid`,
    `too_large`).
    """
    _small(draft)
    row = _row(tx, layout_id, who)
    _may_change(row, who)
    if row.version != version:
        raise Conflict(
            f"layout {layout_id} is at version {row.version}, not {version}", code="stale_version"
        )
    repository.update_layout(tx, layout_id, {**_values(draft, now), "version": version + 1})
    return _layout(_row(tx, layout_id, who), who)


def delete(tx: Connection, who: Subject, layout_id: str) -> None:
    """Delete a layout. Raises NotFound, Forbidden (`not_yours`)."""
    _may_change(_row(tx, layout_id, who), who)
    repository.delete_layout(tx, layout_id)


def _values(draft: Draft, now: float) -> dict[str, Any]:
    return {"name": draft.name, "shared": draft.shared, "body": draft.body, "updated_at": now}


def _small(draft: Draft) -> None:
    """Return if the body is small, and can be told again: else it would break everybody's list.

    JSON that was read may hold half a character, a number without end, or nests too deep to write.
    """
    try:
        to_json(draft.body)  # as it goes out; the depth is its own bound
        told = json.dumps(draft.body, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise Refused("the body cannot be told again as JSON", code="invalid") from error
    if len(told) > BODY_BYTES_MAX:
        raise Refused(f"a layout has at most {BODY_BYTES_MAX} bytes", code="too_large")


def _row(tx: Connection, layout_id: str, who: Subject) -> Any:
    row = repository.layout_by_id(tx, layout_id)
    if row is None or not (row.shared or _owns(row, who) or _administers(who)):
        raise NotFound(f"there is no layout {layout_id}")
    return row


def _owns(row: Any, who: Subject) -> bool:
    return row.owner_id is not None and row.owner_id == who.account


def _administers(who: Subject) -> bool:
    """Layouts are of no town: whose rights end at one does not administer them."""
    return any(grant.role is Role.ADMIN and grant.grid is None for grant in who.grants)


def _may_change(row: Any, who: Subject) -> None:
    if not _owns(row, who) and not _administers(who):
        raise Forbidden("only its owner or an administrator changes a layout", code="not_yours")


def _layout(row: Any, who: Subject) -> Layout:
    return Layout(
        row.id, row.name, row.owner, row.shared, row.version, row.body, mine=_owns(row, who)
    )
