"""Figure 3: the queue server loses everything while work is under way, and is away for minutes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.chaos import until
from bench.prove.figures import Line, lines
from bench.prove.installation import Installation
from bench.prove.run import LEDGER, QUEUE, running

Told = Callable[[str], None]
BACKLOG_S = 120.0


@dataclass(frozen=True, slots=True)
class Size:
    """`rate`: findings a second of the extra producer, `posts`: readings a second over HTTP.

    4,900 cameras with a detection an hour make 1.4 a second; here it is ten times that. `down_s`:
    how long no server answers.
    """

    rate: float = 10.0
    posts: float = 5.0
    down_s: float = 600.0
    between_s: float = 10.0


SHORT = Size(rate=20.0, down_s=12.0, between_s=3.0)


def outage(place: Installation, size: Size, told: Told) -> list[Line]:
    """Figure 3."""
    options, server = place.options("outage", rate=size.rate, posts=size.posts)
    with running(options, server) as run:
        time.sleep(size.between_s)
        for number in range(2):
            run.chaos.queue_struck_at.append(time.time())
            run.wipe()
            told(f"wiped ({number + 1})")
            time.sleep(size.between_s)
        run.chaos.queue_struck_at.append(time.time())
        with run.queue_down():
            told(f"down for {size.down_s:.0f} s")
            time.sleep(size.down_s)
        until(lambda: run.roles()[QUEUE].life() is not None, 60.0, QUEUE)
        cleared_s = run.worked_off()
        told(f"backlog worked off in {cleared_s:.1f} s")
        run.chaos.kills["redis wiped"] = 3  # repeats of what was not acknowledged are due then
        run.chaos.finish()
        found = run.figures()
    wanted = ("findings with an outcome", *LEDGER, "duplicate incidents", "tasks")
    more = ("duplicate tasks after deduplication", "tasks never consumed", "alerts never queued")
    return [
        Line(3, "queue server away", size.down_s, None, "s"),
        Line(3, "findings and readings meanwhile, a second", size.rate + size.posts),
        Line(3, "backlog worked off after its return", round(cleared_s, 1), BACKLOG_S, "s"),
        *lines(3, found, (*wanted, *more, "repeated notices", "more than the strikes explain")),
    ]
