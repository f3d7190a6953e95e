"""A producer of findings, as a worker is one: its own spool, its own sender, killed like the rest.

    python -m bench.chaos_producer --spool FILE --promised FILE --rate 40     (REDIS_URL is read)

What `append` has promised to be on the disk it writes down in a second file, so that the spool
itself can be convicted. On SIGTERM it hands over what it has and ends.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from bench.chaos_site import CAMERAS, ZONE_RULE
from hub.app.handover import hand_over
from hub.kit.clock import RealClock
from hub.kit.ids import random_id
from hub.kit.log import start_logging
from hub.kit.supervise import Supervisor
from hub.store.records import finding_to_json
from hub.store.spool import RecordKind, Spool
from hub.store.stream import Sender, connect
from hub.types.finding import Finding, Phase, RuleKind, Severity
from hub.types.scene import SourceKind

TURN_S = 0.1
PLACES = 400
LONGEST_S = 12.0
"""The centre closes what nobody spoke of for 30 s; no episode here comes near that."""
HAND_OVER_S = 120.0


@dataclass(slots=True)
class Author:
    """Invents episodes: at a random camera and place one opens, goes on, or closes."""

    rng: random.Random
    live: dict[tuple[str, str], Finding]

    def next(self, now: float) -> Finding:
        """The next finding, raised now."""
        key = (self.rng.choice(CAMERAS), f"p{self.rng.randrange(PLACES)}")
        key = min(self.live, key=lambda k: self.live[k].captured_at) if self._overdue(now) else key
        known = self.live.get(key)
        if known is None:
            opened = self._opened(*key, now)
            self.live[key] = opened
            return opened
        if self.rng.random() < 0.3 and not self._overdue(now):
            return replace(known, phase=Phase.UPDATED, raised_at=now)
        del self.live[key]
        return replace(known, phase=Phase.CLOSED, raised_at=now)

    def _overdue(self, now: float) -> bool:
        oldest = min((each.captured_at for each in self.live.values()), default=now)
        return now - oldest > LONGEST_S

    def _opened(self, camera: str, place: str, now: float) -> Finding:
        return Finding(
            episode_id=random_id(),
            phase=Phase.OPENED,
            rule_id=ZONE_RULE,
            rule_kind=RuleKind.ZONE_INTRUSION,
            source=camera,
            source_kind=SourceKind.CAMERA,
            place=place,
            severity=Severity.P3,
            captured_at=now,
            raised_at=now,
            picture_point=(0.5, 0.5),
        )


def produce(spool: Spool, promised: Path, rate: float, stopped: threading.Event) -> None:
    """Append `rate` findings a second until `stopped`."""
    clock, author = RealClock(), Author(random.Random(), {})
    owed = 0.0
    with promised.open("ab", buffering=0) as file:
        while not stopped.wait(TURN_S):
            owed += rate * TURN_S
            batch = [finding_to_json(author.next(clock.now())) for _ in range(int(owed))]
            owed -= len(batch)
            numbers = spool.append(RecordKind.FINDING, batch)
            file.write(b"".join(b"%s:%d\n" % (spool.producer.encode(), n) for n in numbers))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spool", type=Path, required=True)
    parser.add_argument("--promised", type=Path, required=True)
    parser.add_argument("--rate", type=float, required=True, help="findings a second")
    args = parser.parse_args()
    start_logging("producer", "INFO")
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    clock = RealClock()
    spool = Spool(args.spool, args.spool.stem, clock)
    supervisor = Supervisor(clock)
    sender = Sender(connect(os.environ["REDIS_URL"]), spool, clock)
    supervisor.loop("send", sender.step, wake=spool.wake)
    produce(spool, args.promised, args.rate, stopped)
    left = hand_over(spool, clock, supervisor.stopping, HAND_OVER_S, HAND_OVER_S)
    supervisor.stop()
    spool.close()
    return 1 if left else 0


if __name__ == "__main__":
    raise SystemExit(main())
