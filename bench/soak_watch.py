"""What is seen from outside: each process's memory, threads, descriptors, each camera's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

from bench.soak_plan import Order
from hub.types.scene import HealthState

PICTURE_AGE_S = 3.0
"""An online camera whose newest picture is older than this is not really there."""
MIB = 1024.0 * 1024.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at one moment, `at_s` after the start. Memory in MiB.

    `pss_mib` counts memory shared with other processes by share, `rss_mib` in full.
    """

    process: str
    pid: int
    at_s: float
    rss_mib: float
    pss_mib: float
    threads: int
    descriptors: int


def sample(processes: Mapping[str, int | None], at_s: float) -> list[Sample]:
    """All processes now; one that is just being restarted is left out."""
    return [
        found
        for name, pid in processes.items()
        if pid is not None and (found := _sample(name, pid, at_s)) is not None
    ]


def _sample(name: str, pid: int, at_s: float) -> Sample | None:
    try:
        process = psutil.Process(pid)
        memory = process.memory_full_info()
        return Sample(
            name,
            pid,
            round(at_s, 1),
            memory.rss / MIB,
            memory.pss / MIB,
            process.num_threads(),
            process.num_fds(),
        )
    except psutil.NoSuchProcess:
        return None


@dataclass(frozen=True, slots=True)
class Sight:
    """A camera as one heartbeat tells of it, `at_s` after the start."""

    at_s: float
    state: HealthState
    picture_age_s: float | None

    @property
    def well(self) -> bool:
        """Online, and with a picture of now."""
        age_s = self.picture_age_s
        return self.state is HealthState.ONLINE and age_s is not None and age_s < PICTURE_AGE_S


@dataclass(frozen=True, slots=True)
class Recovery:
    """One fault and what came of it.

    `states`: what the camera was said to be from the fault's begin until it was well again.
    `seconds`: from the fault's end until it was well and stayed so up to its next fault; None
    if it never was.
    """

    order: Order
    states: tuple[HealthState, ...]
    seconds: float | None


def recoveries(orders: Sequence[Order], sights: Mapping[str, Sequence[Sight]]) -> list[Recovery]:
    """Every fault judged by the heartbeats up to its camera's next fault."""
    found = []
    for order in orders:
        later = [o.at_s for o in orders if o.camera == order.camera and o.at_s > order.at_s]
        until_s = min(later, default=float("inf"))
        seen = [s for s in sights.get(order.camera, ()) if order.at_s <= s.at_s < until_s]
        found.append(_recovery(order, seen))
    return found


def _recovery(order: Order, seen: Sequence[Sight]) -> Recovery:
    unwell = [number for number, sight in enumerate(seen) if not sight.well]
    again = unwell[-1] + 1 if unwell else 0
    states = tuple(dict.fromkeys(sight.state for sight in seen[: again + 1]))
    after = [sight.at_s for sight in seen[again:] if sight.at_s >= order.end_s]
    if not after:
        return Recovery(order, states, None)
    # Well before the fault was over, and ever since: nothing to recover from.
    early = not unwell or seen[again].at_s < order.end_s
    return Recovery(order, states, 0.0 if early else after[0] - order.end_s)
