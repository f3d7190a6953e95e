"""Where a camera's streams come from: one address is one camera, whatever it is called."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import Connection

from hub.ingest.service import cameras
from hub.kit.errors import Refused
from hub.types.site import CameraSpec

Address = tuple[str, str]
"""Host and path: behind that stand profiles and ports of the same camera."""


def addresses(camera: CameraSpec) -> set[Address]:
    """Those of its streams."""
    streams = (camera.main, camera.sub)
    parts = [urlsplit(stream.url) for stream in streams if stream is not None]
    return {((part.hostname or "").lower(), part.path) for part in parts}


def cameras_at(tx: Connection, draft: CameraSpec) -> list[str]:
    """The registered cameras with one of the draft's addresses."""
    wanted = addresses(draft)
    return [e.spec.id for e in cameras().list(tx) if wanted & addresses(e.spec)]


def refuse_moved_password(before: CameraSpec, after: CameraSpec) -> None:
    """A password that is kept goes to the host it was given for, and to no other.

    Raises Refused (`password_wanted`).
    """
    kept = after.credentials is not None and not after.credentials.password.get_secret_value()
    known = {host for host, _ in addresses(before)}
    if kept and before.credentials is not None and {h for h, _ in addresses(after)} - known:
        raise Refused("another host wants the password again", code="password_wanted")
