"""Cameras that no living worker watches: a dead worker cannot say so itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

GRACE_S = 15.0
"""A worker that restarts takes its cameras up again within this time."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Cameras of one grid that nobody watches, since `since` (UTC epoch seconds)."""

    grid_code: str | None
    cameras: tuple[str, ...]
    since: float


@dataclass(slots=True)
class Watch:
    """Remembers since when each camera has been without a watcher."""

    _since: dict[str, float] = field(default_factory=dict)

    def look(self, wanted: Iterable[str], observed: Iterable[str], now: float) -> dict[str, float]:
        """Cameras without a watcher for longer than the grace, with the moment it began."""
        missing = set(wanted) - set(observed)
        self._since = {camera: self._since.get(camera, now) for camera in missing}
        return {camera: at for camera, at in self._since.items() if now - at >= GRACE_S}


def by_grid(missing: Mapping[str, float], grid_of: Mapping[str, str | None]) -> list[Gap]:
    """One gap a grid: a worker lost is one alert a grid, not one a camera."""
    found: dict[str | None, list[str]] = {}
    for camera in sorted(missing):
        found.setdefault(grid_of.get(camera), []).append(camera)
    return [
        Gap(code, tuple(cameras), min(missing[c] for c in cameras))
        for code, cameras in sorted(found.items(), key=lambda item: item[0] or "")
    ]
