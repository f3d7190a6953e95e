"""Layouts of the wall: list, save, delete."""

from __future__ import annotations

from typing import Annotated

from hub.access import layouts
from hub.access.actions import Action, Subject
from hub.access.layouts import Draft
from hub.api.guard import Hub, domain, may
from hub.api.layouts.schemas import LayoutChangeIn, LayoutIn, LayoutOut
from hub.api.schemas import Page

router = domain("wall")


@router.get("/wall/layouts")
def list_layouts(hub: Hub, who: Annotated[Subject, may(Action.LAYOUTS_READ)]) -> Page[LayoutOut]:
    """My layouts and the shared ones, by name."""
    with hub.db.read() as tx:
        found = layouts.list_layouts(tx, who)
    return Page(items=[LayoutOut.model_validate(layout) for layout in found])


@router.post("/wall/layouts", status_code=201)
def create_layout(
    body: LayoutIn, hub: Hub, who: Annotated[Subject, may(Action.LAYOUTS_WRITE)]
) -> LayoutOut:
    """Save a new layout."""
    draft = Draft(body.name, body.shared, body.body)
    with hub.write() as tx:
        made = layouts.create(tx, who, draft, hub.clock.now(), hub.ids)
    return LayoutOut.model_validate(made)


@router.put("/wall/layouts/{layout_id}")
def update_layout(
    layout_id: str,
    body: LayoutChangeIn,
    hub: Hub,
    who: Annotated[Subject, may(Action.LAYOUTS_WRITE)],
) -> LayoutOut:
    """Save a layout anew; 409 `stale_version` if somebody else has done so meanwhile."""
    draft = Draft(body.name, body.shared, body.body)
    with hub.write() as tx:
        changed = layouts.change(tx, who, layout_id, draft, body.version, hub.clock.now())
    return LayoutOut.model_validate(changed)


@router.delete("/wall/layouts/{layout_id}", status_code=204)
def delete_layout(
    layout_id: str, hub: Hub, who: Annotated[Subject, may(Action.LAYOUTS_WRITE)]
) -> None:
    """Delete a layout."""
    with hub.write() as tx:
        layouts.delete(tx, who, layout_id)
