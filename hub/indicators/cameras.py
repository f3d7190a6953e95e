"""How long cameras were there to be seen: from the spans of their faults. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
class Seconds:
    """Camera seconds: in all, offline, and with any fault."""

    cameras: int
    in_all: float
    offline: float
    faulty: float


def united_s(spans: Iterable[Span]) -> float:
    """How long the union of spans is; what overlaps counts once."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


def seconds(cameras: Sequence[str], faults: Iterable[Fault], start: float, end: float) -> Seconds:
    """What these cameras were between two moments; faults of others do not count."""
    offline: Mapping[str, list[Span]] = defaultdict(list)
    faulty: Mapping[str, list[Span]] = defaultdict(list)
    known = set(cameras)
    for fault in faults:
        span = (max(fault.start, start), min(fault.end, end))
        if fault.camera not in known or fault.kind not in FAULTS or span[0] >= span[1]:
            continue
        faulty[fault.camera].append(span)
        if fault.kind in OFFLINE:
            offline[fault.camera].append(span)
    return Seconds(
        len(known),
        len(known) * (end - start),
        sum(united_s(spans) for spans in offline.values()),
        sum(united_s(spans) for spans in faulty.values()),
    )
