"""Which sending a number on the screen belongs to: the simulator's send log, loop by loop."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bench.frame_code import FPS, FRAMES, GOP


@dataclass(frozen=True, slots=True)
class SendLine:
    """One camera's sendings. `sent`: UTC seconds by the camera's count; `first`: count of number 0.

    A camera counts on while its clip begins again and again: count `first + number + k * FRAMES`
    showed `number` in loop `k`.
    """

    first: int
    sent: dict[int, float]

    def sent_at(self, number: int, seen_at: float) -> float | None:
        """When the picture `number` seen at `seen_at` (UTC seconds) was sent: the last one before.

        A delay is thus known up to the length of the clip. None where it was sent in no loop.
        """
        begins = range(self.first + number, max(self.sent, default=0) + 1, FRAMES)
        before = (self.sent[n] for n in begins if n in self.sent and self.sent[n] <= seen_at)
        return max(before, default=None)

    def within(self, since: float, until: float) -> int:
        """How many pictures were sent in a span of UTC seconds, both ends included."""
        return sum(since <= at <= until for at in self.sent.values())


def send_line(lines: Iterable[str], camera: str) -> SendLine:
    """The sendings of a camera whose playlist is the clip alone, from the send log's lines.

    The log tells when the clips began (`begin`) but not at which count. By the camera's own beat
    that moment lies near one count; keyframes come at each number that GOP divides, so of the
    counts near it only one can be number 0. Raises ValueError where the log does not fit that.
    """
    began_at: float | None = None
    sent: dict[int, float] = {}
    keyframes: set[int] = set()
    for line in lines:
        if not line.endswith("\n"):
            continue  # just being written
        said = json.loads(line)
        if said.get("event") == "begin":
            began_at = said["at"]
        elif said.get("camera") == camera and "n" in said:
            sent[said["n"]] = said["sent_at"]
            if said["keyframe"]:
                keyframes.add(said["n"] % GOP)
    if began_at is None or len(keyframes) != 1:
        raise ValueError(f"{camera}: the send log does not tell where its clip begins")
    # No sending is early: the least late of them tells the beat.
    beat_s = min(at - n / FPS for n, at in sent.items())
    near, phase = (began_at - beat_s) * FPS, keyframes.pop()
    return SendLine(phase + GOP * round((near - phase) / GOP), sent)
