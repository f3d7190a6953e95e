"""Which faults a camera has at a moment: a timetable, and orders given while it runs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hub.ingest.simulate.scenario import Fault, FaultKind


@dataclass(frozen=True, slots=True)
class Change:
    """A fault that began or ended; `at_s` is when it was due, in seconds of the timetable."""

    fault: Fault
    began: bool
    at_s: float


@dataclass(frozen=True, slots=True)
class _Entry:
    fault: Fault
    begin_s: float
    end_s: float


class FaultBook:
    """The faults of one camera over time, in seconds since the timetable's start."""

    def __init__(self, scheduled: Sequence[Fault] = ()) -> None:
        self._waiting: list[_Entry] = []
        self._active: list[_Entry] = []
        for fault in scheduled:
            self.order(fault, 0.0)

    def order(self, fault: Fault, now_s: float) -> None:
        """Enter a fault that begins `fault.at_s` from `now_s`."""
        begin_s = now_s + fault.at_s
        end_s = float("inf") if fault.for_s is None else begin_s + fault.for_s
        self._waiting.append(_Entry(fault, begin_s, end_s))

    def clear(self) -> None:
        """Forget what waits, and end at the next `advance` what is active."""
        self._waiting.clear()
        self._active = [_Entry(e.fault, e.begin_s, float("-inf")) for e in self._active]

    def advance(self, now_s: float) -> list[Change]:
        """Go to `now_s`; returns what ended and began, in that order."""
        ended = [entry for entry in self._active if entry.end_s <= now_s]
        begun = [entry for entry in self._waiting if entry.begin_s <= now_s]
        if not ended and not begun:
            return []
        self._active = [e for e in self._active if e not in ended] + begun
        self._waiting = [e for e in self._waiting if e not in begun]
        return [Change(e.fault, False, max(e.end_s, e.begin_s)) for e in ended] + [
            Change(e.fault, True, e.begin_s) for e in begun
        ]

    def active(self, kind: FaultKind) -> Fault | None:
        """The newest active fault of a kind."""
        return next((e.fault for e in reversed(self._active) if e.fault.kind is kind), None)

    def kinds(self) -> list[str]:
        """Names of the active faults."""
        return [entry.fault.kind.value for entry in self._active]

    def jump_s(self) -> float:
        """By how much the camera's clock is wrong: all active jumps together."""
        jumps = (e.fault.jump_s for e in self._active if e.fault.kind is FaultKind.CLOCK_JUMP)
        return sum(jumps)


def spoilt(payloads: Sequence[bytes], share: float, rng: random.Random) -> list[bytes]:
    """The payloads with a `share` of them corrupted, cut short or empty."""
    result = []
    for payload in payloads:
        if rng.random() >= share:
            result.append(payload)
            continue
        way = rng.randrange(3)
        if way == 0:
            result.append(b"")
        elif way == 1:
            result.append(payload[: rng.randrange(1, len(payload) + 1)])
        else:
            wrong = bytearray(payload)
            for _ in range(max(1, len(wrong) // 50)):
                wrong[rng.randrange(len(wrong))] = rng.randrange(256)
            result.append(bytes(wrong))
    return result
