"""What a soak must keep to, judged from what was seen; and its tables."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from bench.soak_watch import Recovery, Sample, Sight
from hub.ingest.simulate import FaultKind
from hub.types.scene import HealthState

Json = dict[str, Any]

WINDOW_S = 600.0
WARM_S = 180.0
"""Left out at the start of a run too short for two whole windows: models load, rings fill."""
CALM_THREADS = 2
CALM_DESCRIPTORS = 4
NOTICED_S: Mapping[FaultKind, float] = {
    FaultKind.STALL: 8.0,
    FaultKind.VANISH: 8.0,
    FaultKind.WRONG_PASSWORD: 8.0,
    FaultKind.FREEZE: 18.0,
}
"""A fault of such a kind that lasts so long must be seen in the camera's state."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may change between the two windows.

    Of the memory a share, or for small processes `memory_mib`. `recovery_s` is how long a camera
    may need to be online again, beside its keyframe interval; None asks only that it is in the end.
    """

    memory_share: float = 0.05
    memory_mib: float = 3.0
    threads: float = 1.0
    descriptors: float = 4.0
    recovery_s: float | None = 10.0


@dataclass(frozen=True, slots=True)
class Bound:
    """One thing that must hold."""

    name: str
    found: str
    limit: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """The mean of a number in the last window and in the one before."""

    before: float
    last: float

    @property
    def change(self) -> float:
        """By how much it grew."""
        return self.last - self.before

    def text(self) -> str:
        """Both means."""
        return f"{self.before:.1f} → {self.last:.1f}"


def window_s(seconds: float) -> float:
    """Length of each of the two windows at the end of a run."""
    return min(WINDOW_S, max(seconds / 3.0, (seconds - WARM_S) / 2.0))


def drift(samples: Sequence[Sample], value: Callable[[Sample], float]) -> Drift:
    """Means of one process's numbers over the two windows."""
    end_s = samples[-1].at_s
    window = window_s(end_s)
    ages = [(end_s - sample.at_s, value(sample)) for sample in samples]
    last = [found for age_s, found in ages if age_s < window]
    before = [found for age_s, found in ages if window <= age_s < 2 * window]
    return Drift(statistics.fmean(before or last), statistics.fmean(last))


def ageing(samples: Sequence[Sample], limits: Limits) -> list[Bound]:
    """Memory, threads and descriptors of every process; none may have been started again."""
    bounds = []
    for name, mine in by_process(samples).items():
        # Not by share: that of common libraries grows when any other program on the machine ends.
        memory = drift(mine, lambda sample: sample.rss_mib)
        allowed = max(limits.memory_share * memory.before, limits.memory_mib)
        bounds.append(_kept(f"{name}: memory, MiB", memory, allowed))
        threads = drift(mine, lambda sample: sample.threads)
        bounds.append(_kept(f"{name}: threads", threads, limits.threads))
        files = drift(mine, lambda sample: sample.descriptors)
        bounds.append(_kept(f"{name}: descriptors", files, limits.descriptors))
        starts = len({sample.pid for sample in mine})
        bounds.append(Bound(f"{name}: starts", str(starts), "1", starts == 1))
    return bounds


def at_rest(samples: Sequence[Sample], first_fault_s: float) -> list[Bound]:
    """Threads and descriptors of a calm hub: after all faults as many as before the first."""
    bounds = []
    for name, mine in by_process(samples).items():
        before = [sample for sample in mine if sample.at_s < first_fault_s][-1]
        threads = Drift(before.threads, mine[-1].threads)
        bounds.append(_kept(f"{name}: threads, calm", threads, CALM_THREADS))
        files = Drift(before.descriptors, mine[-1].descriptors)
        bounds.append(_kept(f"{name}: descriptors, calm", files, CALM_DESCRIPTORS))
    return bounds


def by_process(samples: Sequence[Sample]) -> dict[str, list[Sample]]:
    """The samples of each process."""
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        found.setdefault(sample.process, []).append(sample)
    return found


def _kept(name: str, found: Drift, allowed: float) -> Bound:
    return Bound(name, found.text(), f"± {allowed:.1f}", abs(found.change) <= allowed)


def recovered(found: Sequence[Recovery], limit_s: float) -> list[Bound]:
    """Every camera online again in time, and no long fault unseen."""
    late = [r for r in found if r.seconds is None or r.seconds > limit_s]
    unseen = [r for r in found if not noticed(r)]
    return [
        Bound("faults", str(len(found)), "≥ 1", bool(found)),
        Bound(f"online again later than {limit_s:.0f} s", _told(late), "none", not late),
        Bound("long faults that no state told of", _told(unseen), "none", not unseen),
    ]


def back(sights: Mapping[str, Sequence[Sight]]) -> list[Bound]:
    """Faults were felt, and every camera is well in the end."""
    hit = [camera for camera, mine in sights.items() if not all(sight.well for sight in mine)]
    gone = [camera for camera, mine in sights.items() if not mine[-1].well]
    return [
        Bound("cameras that felt a fault", str(len(hit)), "≥ 1", bool(hit)),
        Bound("cameras not well in the end", ", ".join(gone) or "none", "none", not gone),
    ]


def noticed(found: Recovery) -> bool:
    """Whether the camera's state told of a fault that it must tell of."""
    fault = found.order.fault
    if (fault.for_s or 0.0) < NOTICED_S.get(fault.kind, float("inf")):
        return True
    if fault.kind is FaultKind.FREEZE:
        return HealthState.FROZEN in found.states
    return not {HealthState.STALE, HealthState.OFFLINE}.isdisjoint(found.states)


def _told(found: Sequence[Recovery]) -> str:
    named = [
        f"{r.order.camera} {r.order.fault.kind.value} at {r.order.at_s:.0f} s"
        + ("" if r.seconds is None else f" ({r.seconds:.1f} s)")
        for r in found
    ]
    return ", ".join(named) or "none"


def nothing_lost(ledger: Json) -> list[Bound]:
    """The ledger by sets of ids."""
    return [
        Bound(f"ledger: {key}", str(ledger[key]), "0", ledger[key] == 0)
        for key in ("missing", "unexpected")
    ]


def quiet_log(text: str, minutes: float) -> list[Bound]:
    """No stack traces, and no flood of lines."""
    traces = text.count("Traceback (most recent call last)")
    a_minute = text.count("\n") / minutes
    return [
        Bound("stack traces in the log", str(traces), "0", traces == 0),
        Bound("log lines a minute", f"{a_minute:.0f}", "≤ 120", a_minute <= 120),
    ]


def recovery_table(found: Sequence[Recovery]) -> Table:
    """Recovery times by kind of fault."""
    made = Table(title="seconds from a fault's end until its camera is online for good")
    made.add_column("fault")
    for heading in ("n", "p50", "max", "not in time to see"):
        made.add_column(heading, justify="right")
    made.add_column("states")
    for kind in FaultKind:
        mine = [r for r in found if r.order.fault.kind is kind]
        if not mine:
            continue
        times = sorted(r.seconds for r in mine if r.seconds is not None)
        states = dict.fromkeys(state.value for r in mine for state in r.states)
        made.add_row(
            kind.value,
            str(len(mine)),
            f"{statistics.median(times):.1f}" if times else "–",
            f"{times[-1]:.1f}" if times else "–",
            str(len(mine) - len(times)),
            " ".join(states),
        )
    return made


def bound_table(bounds: Sequence[Bound]) -> Table:
    """All bounds; what does not hold stands out."""
    made = Table(title="bounds (means of the last window and of the one before)")
    for heading in ("", "found", "limit", ""):
        made.add_column(heading)
    for bound in bounds:
        verdict = "[green]holds[/]" if bound.holds else "[bold red]BROKEN[/]"
        made.add_row(bound.name, bound.found, bound.limit, verdict)
    return made
