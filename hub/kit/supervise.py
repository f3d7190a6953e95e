"""The only place where a loop is restarted, and the only broad `except` in the hub."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from hub.kit.clock import Clock
from hub.kit.errors import HubError, Retryable
from hub.kit.log import redact
from hub.kit.metrics import Metrics

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
        self._cpu_s: dict[str, float] = {}
        self.stopping = threading.Event()

    @property
    def failures(self) -> dict[str, int]:
        """Failed turns by loop name."""
        return dict(self._failures)

    @property
    def last_error(self) -> dict[str, str]:
        """The newest error's text by loop name; absent after a good turn."""
        return dict(self._last_error)

    @property
    def cpu_s(self) -> dict[str, float]:
        """CPU seconds that each loop has used up to its newest turn, user and system."""
        return dict(self._cpu_s)

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
            self._cpu_s[name] = time.thread_time()
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


Key = tuple[str, ...]
"""The name of one piece of work among those of its kind."""


@dataclass(frozen=True, slots=True)
class _Failing:
    """A piece that was put aside. `own`: for a reason of its own; else it was only kept waiting."""

    failures: int
    since: float
    until: float
    own: bool


class Aside:
    """Work in pieces, of which one that fails is put aside for a while and stops no other.

    It is tried again after a pause that grows (`REST`), and forgotten when it went well or is not
    due any more. `passes`: errors that are of the whole and of no piece end a run at once.
    """

    REST = Backoff(first_s=2.0, eager_cap_s=60.0, eager_s=600.0, cap_s=600.0)

    def __init__(
        self,
        clock: Clock,
        metrics: Metrics,
        passes: Callable[[Exception], bool],
        rng: random.Random | None = None,
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._passes = passes
        self._rng = rng or random.Random()
        self._failing: dict[str, dict[Key, _Failing]] = {}

    def room(self, kind: str) -> int:
        """How many of a kind are put aside: who asks for what is due asks for so many more."""
        return len(self._failing.get(kind, {}))

    @property
    def named(self) -> tuple[str, ...]:
        """What is put aside for a reason of its own, `kind/name`."""
        kinds = [(kind, list(known.items())) for kind, known in list(self._failing.items())]
        return tuple(_named(kind, key) for kind, known in kinds for key, each in known if each.own)

    def run(self, kind: str, due: Sequence[Key], work: Callable[[Sequence[Key]], None]) -> None:
        """Do all that is due and does not rest: together, and one by one where that failed.

        `work` undoes by itself what it did when it raises. A Retryable of a single piece puts it
        aside as well and is raised: whatever it waited for, the others may have to wait for too.
        """
        known = self._failing.setdefault(kind, {})
        for gone in known.keys() - set(due):
            del known[gone]
        now = self._clock.monotonic()
        fresh = [key for key in due if key not in known]
        again = [key for key in due if key in known and known[key].until <= now]
        if len(fresh) > 1 and self._together(kind, fresh, work):
            fresh = []
        try:
            for key in (*fresh, *again):
                self._singly(kind, key, work)
        finally:
            aside = sum(each.own for each in known.values())
            self._metrics.put("hub_clock_aside", aside, kind=kind)

    def _together(
        self, kind: str, keys: Sequence[Key], work: Callable[[Sequence[Key]], None]
    ) -> bool:
        try:
            work(keys)
        except Exception as error:
            if self._passes(error):
                raise
            log.info("%d of %s failed together, now one by one: %s", len(keys), kind, error)
            return False
        return True

    def _singly(self, kind: str, key: Key, work: Callable[[Sequence[Key]], None]) -> None:
        try:
            work([key])
        except Exception as error:
            if self._passes(error):
                raise
            self._put_aside(kind, key, error)
            if isinstance(error, Retryable):
                raise
        else:
            self._failing[kind].pop(key, None)

    def _put_aside(self, kind: str, key: Key, error: Exception) -> None:
        now, before = self._clock.monotonic(), self._failing[kind].get(key)
        failures = 1 if before is None else before.failures + 1
        since = now if before is None else before.since
        pause_s = self.REST.pause_s(failures, now - since, self._rng)
        passing = isinstance(error, Retryable)
        told = before is not None and before.own
        self._failing[kind][key] = _Failing(failures, since, now + pause_s, told or not passing)
        if passing:
            return
        self._metrics.add("hub_clock_failed_total", kind=kind)
        level = logging.DEBUG if told else logging.ERROR
        unnamed = not isinstance(error, HubError)
        text = "%s cannot be worked on; it is tried again later and stops no other: %s"
        log.log(level, text, _named(kind, key), error, exc_info=unnamed)


def _named(kind: str, key: Key) -> str:
    return "/".join((kind, *key))


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
