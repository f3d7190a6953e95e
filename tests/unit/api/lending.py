"""Owners who agree, as somebody would have put it on file."""

from __future__ import annotations

from hub.access.consent import Consent, Mode, Terms
from hub.access.consents import service as consents
from hub.access.grants import Window
from hub.types.staff import Role
from tests.unit.api.conftest import Desk

OWNER = "No. 2 Primary School"
"""Of the camera that most stories of the API tell of."""


def lend(
    desk: Desk,
    owner: str = OWNER,
    mode: Mode = Mode.ALWAYS,
    *,
    camera: str | None = None,
    windows: tuple[Window, ...] = (),
    roles: frozenset[Role] = frozenset(),
) -> Consent:
    """A consent from now on."""
    with desk.deps.db.write() as tx:
        return consents.give(
            tx,
            Terms(owner, mode, camera, windows, roles),
            agreed_by="its head",
            document="letter 1",
            starts_at=None,
            entered_by="the camera_admin",
            now=desk.clock.now(),
            ids=desk.deps.ids,
        )


def unlend(desk: Desk, consent: Consent) -> None:
    """It ends now."""
    with desk.deps.db.write() as tx:
        consents.end(tx, consent.id, "the camera_admin", desk.clock.now())
