"""Second 0 of a scenario, shared by everything that happens at a time."""

from __future__ import annotations

from hub.kit.clock import Clock


class Timetable:
    """Seconds since the scenario began; `begin` starts it anew and counts up `turn`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self.turn = 0

    def begin(self) -> None:
        """It is second 0 now."""
        self._began = self._clock.monotonic()
        self.turn += 1

    def second(self) -> float:
        """Seconds since it began."""
        return self._clock.monotonic() - self._began
