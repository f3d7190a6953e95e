"""The only place where a loop is restarted, and the only broad `except` in the hub."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub.kit.clock import Clock
from hub.kit.errors import HubError
from hub.kit.log import redact

log = logging.getLogger(__name__)

Step = Callable[[], float]
"""One turn of a loop; returns the pause before the next, in seconds."""

AsyncStep = Callable[[], Awaitable[float]]
"""The same on an event loop."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses after failures: doubling from `first_s`, jittered, capped, never giving up.

    For the first `eager_s` of failing the cap is `eager_cap_s`, then `cap_s`. The jitter is
    uniform in [½, 1] of the nominal pause, so that a fleet that failed together does not
    come back together (after "Exponential Backoff And Jitter", M. Brooker, 2015).
    """

    first_s: float = 0.5
    eager_cap_s: float = 5.0
    eager_s: float = 300.0
    cap_s: float = 60.0

    def pause_s(self, failures: int, failing_for_s: float, rng: random.Random) -> float:
        """Pause before attempt number `failures` + 1."""
        cap = self.eager_cap_s if failing_for_s < self.eager_s else self.cap_s
        nominal = min(cap, self.first_s * 2.0 ** min(failures - 1, 16))
        return nominal * rng.uniform(0.5, 1.0)


class Supervisor:
    """Runs named loops, each in its own thread, and restarts the turn that failed.

    `failures` counts failed turns by name. No error ends a loop: what must not go on, such as a
    wrong configuration, is refused before loops are started.
    """

    def __init__(self, clock: Clock, rng: random.Random | None = None) -> None:
        self._clock = clock
        self._rng = rng or random.Random()
        self._threads: dict[str, threading.Thread] = {}
        self._bells: dict[str, tuple[threading.Event, ...]] = {}
        self._failures: dict[str, int] = {}
        self._last_error: dict[str, str] = {}
        self.stopping = threading.Event()

    @property
    def failures(self) -> dict[str, int]:
        """Failed turns by loop name."""
        return dict(self._failures)

    @property
    def last_error(self) -> dict[str, str]:
        """The newest error's text by loop name; absent after a good turn."""
        return dict(self._last_error)

    def loop(
        self,
        name: str,
        step: Step,
        *,
        backoff: Backoff = Backoff(),
        wake: threading.Event | None = None,
        stop: threading.Event | None = None,
    ) -> threading.Thread:
        """Run `step` again and again in a thread of its own until `stop` (or the supervisor's).

        `wake` cuts a pause short, but not one after a failure; it is cleared before each turn, so
        each loop needs one of its own, and who sets `stop` of a loop that has one sets both.
        """
        ended = stop or self.stopping
        thread = threading.Thread(
            target=self._run, args=(name, step, backoff, wake, ended), name=name, daemon=True
        )
        self._threads[name] = thread
        self._bells[name] = (ended,) if wake is None else (ended, wake)
        thread.start()
        return thread

    def _run(
        self,
        name: str,
        step: Step,
        backoff: Backoff,
        wake: threading.Event | None,
        stop: threading.Event,
    ) -> None:
        failures = 0
        failing_since = 0.0
        while not (stop.is_set() or self.stopping.is_set()):
            if wake is not None:
                wake.clear()
            try:
                pause_s = step()
                failures = 0
                self._last_error.pop(name, None)
            except Exception as error:
                if failures == 0:
                    failing_since = self._clock.monotonic()
                failures += 1
                self._note(name, error, failures)
                pause_s = backoff.pause_s(
                    failures, self._clock.monotonic() - failing_since, self._rng
                )
            # One wait for the whole pause: hundreds of loops that look up now and then add up.
            if pause_s > 0 and not (stop.is_set() or self.stopping.is_set()):
                self._clock.wait(stop if wake is None or failures else wake, pause_s)

    def attempt(self, name: str, work: Callable[[], None], failures: int = 0) -> float:
        """Run `work` once here; 0.0 if it went well, else the pause to keep before its next turn.

        For threads that serve many in turn: one whose work fails is noted under `name`, as a
        loop's failed turn would be, and costs the others nothing. `failures` tells how many of
        its turns failed in a row before this one.
        """
        try:
            work()
        except Exception as error:
            self._note(name, error, failures + 1)
            return Backoff().pause_s(failures + 1, 0.0, self._rng)
        self._last_error.pop(name, None)
        return 0.0

    def _note(self, name: str, error: Exception, failures: int) -> None:
        self._failures[name] = self._failures.get(name, 0) + 1
        self._last_error[name] = redact(f"{type(error).__name__}: {error}")
        _tell(name, error, failures)

    def stop(self, timeout_s: float = 10.0) -> list[str]:
        """Ask all loops to end and wait; returns the names of those that did not in time."""
        self.stopping.set()
        for bell in [bell for bells in list(self._bells.values()) for bell in bells]:
            bell.set()
        deadline = self._clock.monotonic() + timeout_s
        threads = dict(self._threads)  # a loop that still runs may start another
        for thread in threads.values():
            thread.join(max(0.0, deadline - self._clock.monotonic()))
        return [name for name, thread in threads.items() if thread.is_alive()]


async def keep(name: str, step: AsyncStep, clock: Clock, *, backoff: Backoff = Backoff()) -> None:
    """Run `step` again and again in the calling task until that is cancelled.

    For event loops that have another owner (the web server's); pauses are the event loop's.
    """
    rng = random.Random()
    failures = 0
    failing_since = 0.0
    while True:
        try:
            pause_s = await step()
            failures = 0
        except Exception as error:
            if failures == 0:
                failing_since = clock.monotonic()
            failures += 1
            _tell(name, error, failures)
            pause_s = backoff.pause_s(failures, clock.monotonic() - failing_since, rng)
        await asyncio.sleep(pause_s)


def _tell(name: str, error: Exception, failures: int) -> None:
    level = logging.WARNING if failures & (failures - 1) == 0 else logging.DEBUG
    # An error with a name says all by itself; of any other the way there is wanted too.
    unnamed = not isinstance(error, HubError)
    log.log(level, "loop %s failed (%d in a row): %s", name, failures, error, exc_info=unnamed)
