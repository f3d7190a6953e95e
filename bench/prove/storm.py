"""Figures 1 and 2: thousands of findings under random faults, ids compared from both ends."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.chaos import READY_S, NotReady, Watch, until
from bench.chaos_ledger import read_promised
from bench.chaos_targets import PRODUCER, Target, kill
from bench.prove.figures import Line, lines
from bench.prove.installation import Installation
from bench.prove.run import LEDGER, QUEUE, Run, running
from bench.prove.struck import CENTRE_POINTS, SENDER_POINTS, arm

Told = Callable[[str], None]
PASS_S = 30.0
"""How long a process may take to come by a point; then it is killed where it stands."""
LEDGER_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A role that dies: at a fail-point, or wherever it happens to be."""

    role: str
    process: str
    point: str | None = None

    @property
    def name(self) -> str:
        """As told."""
        return f"{self.role} at {self.point}" if self.point else f"{self.role} killed"


PLAIN = tuple(
    Fault(role, process)
    for role, process in (
        ("worker", "worker-0"),
        ("centre", "centre"),
        ("api", "api"),
        (PRODUCER, PRODUCER),
        (QUEUE, ""),
    )
)
POINTED = (
    *(Fault("centre", "centre", point) for point in CENTRE_POINTS),
    *(Fault(PRODUCER, PRODUCER, point) for point in SENDER_POINTS),
    *(Fault("api", "api", point) for point in SENDER_POINTS),
)


@dataclass(frozen=True, slots=True)
class Size:
    """`faults` in all; every plain one and every point at least once where they are enough.

    `rate`: findings a second. A hundred faults take a quarter of an hour, in most of which no
    centre is there: more would be a test of how long a backlog lasts.
    """

    findings: int = 10_000
    faults: int = 100
    rate: float = 10.0
    pause_s: tuple[float, float] = (0.2, 1.5)


SHORT = Size(findings=400, faults=12, rate=40.0, pause_s=(0.2, 0.5))


def plan(count: int, rng: random.Random) -> list[Fault]:
    """That many faults, half of them at points, in random order."""
    plain, pointed = list(PLAIN), list(POINTED)
    rng.shuffle(plain)
    rng.shuffle(pointed)
    half = (count + 1) // 2
    chosen = [(plain * count)[n] for n in range(count - half)]
    chosen += [(pointed * count)[n] for n in range(half)]
    rng.shuffle(chosen)
    return chosen


def storm(place: Installation, size: Size, seed: int, told: Told) -> list[Line]:
    """Figures 1 and 2."""
    options, server = place.options("storm", rate=size.rate, seed=seed)
    with running(options, server) as run:
        looks = Looks(run)
        run.chaos.supervisor.loop("ledger", looks.step)
        at_points = strike_all(
            run, plan(size.faults, random.Random(seed)), size.pause_s, seed, told
        )
        promised = run.chaos.site.promised
        until(lambda: len(read_promised(promised)) >= size.findings, 3600.0, "the findings", 1.0)
        told(f"enough findings; the backlog was worked off in {run.worked_off():.1f} s")
        run.chaos.finish()
        found = run.figures()
    return [
        *lines(1, found, ("findings with an outcome", *LEDGER)),
        Line(1, "ledger looked at while it ran", looks.count),
        Line(1, "records out of balance in those looks", looks.worst, 0),
        Line(2, "faults (SIGKILL)", size.faults),
        Line(2, "  of them at a fail-point", at_points),
        *lines(2, [each for each in found if each.name.strip() not in LEDGER][5:]),
    ]


@dataclass(slots=True)
class Looks:
    """The ledger while it runs, each minute."""

    run: Run
    count: int = 0
    worst: int = 0

    def step(self) -> float:
        """One look."""
        self.worst = max(self.worst, self.run.ledger_now())
        self.count += 1
        return LEDGER_EVERY_S


def strike_all(
    run: Run, faults: list[Fault], pause_s: tuple[float, float], seed: int, told: Told
) -> int:
    """One after the other, a role only after it has come back; returns how many died at points."""
    rng, watch, roles = random.Random(seed), Watch(), run.roles()
    run.chaos.supervisor.loop("watch", watch.step)
    at_points = 0
    for number, fault in enumerate(faults, start=1):
        time.sleep(rng.uniform(*pause_s))
        role = roles[fault.role]
        watch.wait_back(role.name)
        before = _life(role)
        if fault.role == QUEUE:
            run.chaos.queue_struck_at.append(time.time())
        hit = _strike(run, role, fault)
        at_points += hit
        run.chaos.kills[role.name] = run.chaos.kills.get(role.name, 0) + 1
        told(f"{number}/{len(faults)} {fault.name}" + ("" if hit or not fault.point else " (late)"))
        watch.add(role, before)
    for role in roles.values():
        watch.wait_back(role.name)
    run.chaos.back_s = watch.back_s
    return at_points


def _life(role: Target) -> object:
    until(lambda: role.alive() is not None and role.life() is not None, READY_S, role.name)
    return role.life()


def _strike(run: Run, role: Target, fault: Fault) -> bool:
    """Kill it; True if it died at its point."""
    if fault.point is None:
        role.strike()
        return False
    order = arm(run.orders, fault.process, fault.point)
    try:
        until(lambda: not order.exists(), PASS_S, fault.name)
    except NotReady:
        order.unlink(missing_ok=True)
        pid = role.alive()
        kill(pid if isinstance(pid, int) else None)
        return False
    return True
