"""Who has been here since when: the memory of rules that let things dwell.

A track dwells on while the detector misses it for a moment, while the gate is shut (a thing that
stands still moves nothing), and when the tracker gives it a new number in the same spot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.types.scene import Track

MAX_GAP_S = 10.0
"""Two observations further apart, or in the wrong order, say nothing about the time between."""

SAME_SPOT_IOU = 0.3

Corners = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Presence:
    """One track in one place: there since `since`, last seen at `last` (UTC epoch seconds)."""

    since: float
    last: float
    kind: str
    box: Corners

    def dump(self) -> list[Any]:
        """As JSON."""
        return [self.since, self.last, self.kind, list(self.box)]

    @staticmethod
    def load(raw: Sequence[Any]) -> Presence:
        """From JSON."""
        since, last, kind, (x1, y1, x2, y2) = raw
        return Presence(since, last, kind, (x1, y1, x2, y2))


def follow(
    state: Mapping[str, Any], here: Sequence[Track], at: float, *, quiet: bool, gap_s: float
) -> dict[str, Presence]:
    """Presences by track number after an observation at `at` that shows the tracks `here`.

    `state` has `at` (time of the observation before) and `in` (presences as JSON). `quiet`: the
    gate was shut, so those seen last time still stand. Others lost for up to `gap_s` are kept.
    """
    before = float(state.get("at", at))
    if not 0 <= at - before <= MAX_GAP_S:
        known: dict[str, Presence] = {}
    else:
        known = {key: Presence.load(raw) for key, raw in state.get("in", {}).items()}
    if quiet:
        return {
            key: replace(presence, last=at) if presence.last == before else presence
            for key, presence in known.items()
            if presence.last == before or at - presence.last <= gap_s
        }
    return _seen(known, here, at, gap_s)


def _seen(
    known: dict[str, Presence], here: Sequence[Track], at: float, gap_s: float
) -> dict[str, Presence]:
    shown = {str(track.track_id) for track in here}
    lost = {key: presence for key, presence in known.items() if key not in shown}
    following: dict[str, Presence] = {}
    for track in here:
        key, box = str(track.track_id), corners(track)
        earlier = known.get(key)
        if earlier is None:
            heir = next((k for k, p in lost.items() if _same_thing(p, track, box)), None)
            earlier = lost.pop(heir) if heir is not None else None
        since = earlier.since if earlier is not None else at
        following[key] = Presence(since, at, track.kind.value, box)
    kept = {key: p for key, p in lost.items() if at - p.last <= gap_s}
    return following | kept


def corners(track: Track) -> Corners:
    """The track's box as plain numbers."""
    box = track.box
    return (box.x1, box.y1, box.x2, box.y2)


def _same_thing(presence: Presence, track: Track, box: Corners) -> bool:
    return presence.kind == track.kind.value and iou(presence.box, box) >= SAME_SPOT_IOU


def iou(a: Corners, b: Corners) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    total = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / total
