"""Whether the centre hears what producers say as they say it: else their silence means nothing."""

from __future__ import annotations

from hub.kit.clock import Clock, Steady

LATE_S = 10.0
"""An open episode is told of every 10 s and taken for over after 30 s of silence: who hears later
than this by more cannot tell silence from delay."""


class Hearing:
    """Since when all is heard in time. `heard` is said after each turn of the intake."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None
        self._all_heard_at = 0.0
        self._offset_s = 0.0

    @property
    def since(self) -> float | None:
        """UTC epoch seconds; None while it hears nothing, or late.

        Late is also who has not come to the end of what waits for a while, whatever the reason.
        After a jump of the wall clock, by which silence is counted, it begins anew.
        """
        late = self._clock.monotonic() - self._all_heard_at > LATE_S
        jumped = abs(self._offset() - self._offset_s) > Steady.JUMP_S
        return None if late or jumped else self._since

    def heard(self, waited_s: float, everything: bool) -> None:
        """A turn: how long the oldest record had waited for it, and whether it was all there is."""
        if waited_s > LATE_S:
            self.lost()
        elif everything:
            if self.since is None:
                self._since, self._offset_s = self._clock.now(), self._offset()
            self._all_heard_at = self._clock.monotonic()

    def lost(self) -> None:
        """Nothing is heard any more."""
        self._since = None

    def _offset(self) -> float:
        return self._clock.now() - self._clock.monotonic()
