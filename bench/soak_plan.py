"""Which camera gets which fault when: drawn from a seed before anything runs."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hub.ingest.simulate import Fault, FaultKind

Range = tuple[float, float]

LENGTH_S: Mapping[FaultKind, Range] = {
    FaultKind.STALL: (4, 45),
    FaultKind.FREEZE: (12, 40),
    FaultKind.VANISH: (4, 60),
    FaultKind.GARBAGE: (5, 30),
    FaultKind.CLOCK_JUMP: (5, 30),
    FaultKind.WRONG_PASSWORD: (4, 60),
    FaultKind.SLOW_LINK: (8, 30),
    FaultKind.LONG_GOP: (12, 30),
    FaultKind.RESOLUTION: (5, 30),
}
JUMPS_S = (-86_400.0, -3_600.0, -5.0, 5.0, 3_600.0, 86_400.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard it gets. Seconds; `length` scales how long faults last.

    `calm_s` before the first and after the last fault, `rest_s` between two of one camera: long
    enough to see that it has recovered. At most `at_once` cameras suffer at the same time.
    """

    calm_s: float = 40.0
    rest_s: Range = (16.0, 45.0)
    length: float = 1.0
    at_once: int = 5


@dataclass(frozen=True, slots=True)
class Order:
    """A fault of a camera that begins `at_s` seconds after the start and ends at `end_s`."""

    camera: str
    at_s: float
    fault: Fault

    @property
    def end_s(self) -> float:
        """When it ends, in seconds after the start."""
        return self.at_s + (self.fault.for_s or 0.0)


def timetable(
    rng: random.Random, kinds: Mapping[str, Sequence[FaultKind]], seconds: float, pace: Pace
) -> list[Order]:
    """Faults for the cameras in `kinds` (with what each may suffer) over a run of `seconds`.

    Each camera goes through its kinds in an order of its own and begins again.
    """
    decks = {camera: _deck(rng, some) for camera, some in kinds.items()}
    ready = [(pace.calm_s + rng.uniform(0.0, 5.0), camera) for camera in sorted(kinds)]
    heapq.heapify(ready)
    orders: list[Order] = []
    while ready:
        at_s, camera = heapq.heappop(ready)
        ends = sorted(order.end_s for order in orders if order.end_s > at_s)
        if len(ends) >= pace.at_once:
            heapq.heappush(ready, (ends[0] + rng.uniform(0.1, 2.0), camera))
            continue
        order = Order(camera, at_s, drawn(rng, next(decks[camera]), pace.length))
        if order.end_s <= seconds - pace.calm_s:
            orders.append(order)
            heapq.heappush(ready, (order.end_s + rng.uniform(*pace.rest_s), camera))
    return orders


def drawn(rng: random.Random, kind: FaultKind, length: float) -> Fault:
    """One fault of a kind, of a random strength. Round numbers: they are printed."""
    shortest, longest = LENGTH_S[kind]
    return Fault(
        kind=kind,
        for_s=round(length * rng.uniform(shortest, longest), 1),
        jump_s=rng.choice(JUMPS_S),
        rate_kbps=round(rng.uniform(60.0, 400.0)),
        share=round(rng.uniform(0.05, 0.5), 2),
    )


def _deck(rng: random.Random, kinds: Sequence[FaultKind]) -> Iterator[FaultKind]:
    while True:
        yield from rng.sample(list(kinds), len(kinds))
