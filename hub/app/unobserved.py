"""Cameras that no living worker watches: a dead worker cannot say so itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.kit.clock import Clock

GRACE_S = 15.0
"""A worker that restarts takes its cameras up again within this time."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Cameras of one grid that nobody watches, since `since` (UTC epoch seconds)."""

    grid_code: str | None
    cameras: tuple[str, ...]
    since: float


@dataclass(frozen=True, slots=True)
class Unwatched:
    """Cameras without a watcher at this moment.

    `missing`: all of them. `overdue`: those for longer than the grace, with the moment it began
    (UTC epoch seconds). What is told of goes on while anything of it is missing: a centre that has
    just begun to look has no `overdue` yet and cannot say that all is well.
    """

    missing: frozenset[str] = frozenset()
    overdue: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Watch:
    """Remembers since when each camera has been without a watcher.

    On the monotonic clock: that of the wall may be set while a camera is missing.
    """

    clock: Clock
    _since: dict[str, float] = field(default_factory=dict)

    def look(self, wanted: Iterable[str], observed: Iterable[str]) -> Unwatched:
        """The cameras that are wanted and that nobody observes now."""
        now, passed = self.clock.now(), self.clock.monotonic()
        missing = frozenset(wanted) - frozenset(observed)
        self._since = {camera: self._since.get(camera, passed) for camera in missing}
        for_s = {camera: passed - since for camera, since in self._since.items()}
        overdue = {camera: now - s for camera, s in for_s.items() if s >= GRACE_S}
        return Unwatched(missing, overdue)


def by_grid(missing: Mapping[str, float], grid_of: Mapping[str, str | None]) -> list[Gap]:
    """One gap a grid: a worker lost is one alert a grid, not one a camera."""
    found: dict[str | None, list[str]] = {}
    for camera in sorted(missing):
        found.setdefault(grid_of.get(camera), []).append(camera)
    return [
        Gap(code, tuple(cameras), min(missing[c] for c in cameras))
        for code, cameras in sorted(found.items(), key=lambda item: item[0] or "")
    ]
