"""How the cameras' pictures are, from what the workers last said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.api.cameras.schemas import CameraState
from hub.api.deps import Beats
from hub.kit.errors import Retryable


def states_of(beats: Beats) -> dict[str, CameraState]:
    """State by camera id; a camera nobody speaks of is missing, all are while Redis is away."""
    try:
        return states_in(beats.all())
    except Retryable:
        return {}


def states_in(bodies: Mapping[str, dict[str, Any]]) -> dict[str, CameraState]:
    """State by camera id, from the workers' words.

    While a camera moves from one worker to another both may speak of it: the newer word counts.
    """
    said = sorted(bodies.items(), key=lambda item: float(item[1].get("at", 0.0)))
    return {
        camera["id"]: CameraState(
            state=camera["state"],
            worker=worker,
            fps=camera["fps"],
            bitrate_bps=camera["bitrate_bps"],
            last_picture_at=camera["last_picture_at"],
            last_error=camera["last_error"] or None,
            analysis_error=camera.get("analysis_error") or None,
        )
        for worker, body in said
        for camera in body.get("cameras", [])
    }
