"""How long cameras were there to be seen: from the spans of their use and faults. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hub.types.finding import RuleKind

OFFLINE = frozenset({RuleKind.CAMERA_OFFLINE})
FAULTS = OFFLINE | {RuleKind.CAMERA_FROZEN}
"""What makes a camera less than whole."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fault:
    """A camera's fault from `start` to `end`, UTC epoch seconds."""

    camera: str
    kind: RuleKind
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class There:
    """A camera at a path from `since` to `until` (None: to this day), in use or not.

    `path` None: it has not been seen where it stands yet.
    """

    camera: str
    since: float
    until: float | None
    enabled: bool
    path: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Known:
    """A camera as it is registered and bound now; `changed_at` is when its entry was last."""

    enabled: bool
    path: tuple[str, ...]
    changed_at: float


@dataclass(frozen=True, slots=True)
class Seconds:
    """Camera seconds: of those in use in all, offline, with any fault; and of those not in use."""

    cameras: int = 0
    in_all: float = 0.0
    offline: float = 0.0
    faulty: float = 0.0
    disabled: float = 0.0

    def plus(self, other: Seconds) -> Seconds:
        """Both together, of other cameras or of another span."""
        return Seconds(
            self.cameras + other.cameras,
            self.in_all + other.in_all,
            self.offline + other.offline,
            self.faulty + other.faulty,
            self.disabled + other.disabled,
        )


def followed(
    open_spans: Mapping[str, There], known: Mapping[str, Known], now: float
) -> tuple[list[There], list[There]]:
    """The spans that end or learn their path now, and those that begin.

    A camera enters or leaves use when its entry said so; where it stands is seen from now on.
    """
    changed: list[There] = []
    begun: list[There] = []
    for camera, span in open_spans.items():
        entry = known.get(camera)
        if entry is not None and entry.enabled is span.enabled and span.path is None:
            changed.append(replace(span, path=entry.path))
        elif entry is None or (entry.enabled, entry.path) != (span.enabled, span.path):
            at = now if entry is None or entry.enabled is span.enabled else _said(entry, now)
            changed.append(replace(span, until=max(span.since, at)))
    over = {span.camera: span.until for span in changed if span.until is not None}
    for camera, entry in known.items():
        if camera in open_spans and camera not in over:
            continue
        since = over.get(camera) or _said(entry, now)
        begun.append(There(camera, since, None, entry.enabled, entry.path))
    return changed, begun


def _said(entry: Known, now: float) -> float:
    return min(entry.changed_at, now)


def united_s(spans: Iterable[Span]) -> float:
    """How long the union of spans is; what overlaps counts once."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


def seconds(span: There, faults: Iterable[Fault], start: float, end: float) -> Seconds:
    """What a camera was in its span between two moments; `faults` are its own."""
    start = max(start, span.since)
    end = end if span.until is None else min(end, span.until)
    if end <= start:
        return Seconds()
    if not span.enabled:
        return Seconds(disabled=end - start)
    clipped = [
        (fault.kind, (max(fault.start, start), min(fault.end, end)))
        for fault in faults
        if fault.kind in FAULTS and fault.start < end and fault.end > start
    ]
    offline = united_s(lasted for kind, lasted in clipped if kind in OFFLINE)
    return Seconds(1, end - start, offline, united_s(lasted for _, lasted in clipped))
