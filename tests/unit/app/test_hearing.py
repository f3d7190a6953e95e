"""Since when the centre hears producers in time: before that, their silence means nothing."""

from __future__ import annotations

import pytest

from hub.app.hearing import LATE_S, Hearing
from hub.kit.clock import SimClock


@pytest.fixture
def hearing(clock: SimClock) -> Hearing:
    made = Hearing(clock)
    made.heard(0.0, everything=True)
    return made


def since(hearing: Hearing) -> float | None:
    return hearing.since


def listen(hearing: Hearing, clock: SimClock, seconds: float) -> None:
    """A turn each second that comes to the end of what waits."""
    for _ in range(int(seconds)):
        clock.advance(1.0)
        hearing.heard(0.5, everything=True)


def test_who_begins_is_deaf_until_all_that_waits_is_heard(clock: SimClock) -> None:
    hearing = Hearing(clock)
    assert since(hearing) is None
    hearing.heard(0.0, everything=False)
    assert since(hearing) is None
    clock.advance(5.0)
    hearing.heard(0.0, everything=True)
    began = clock.now()
    listen(hearing, clock, 120)
    assert since(hearing) == began


def test_what_waited_in_a_spool_is_heard_too_late(hearing: Hearing, clock: SimClock) -> None:
    hearing.heard(LATE_S + 1, everything=True)
    assert since(hearing) is None
    clock.advance(1.0)
    hearing.heard(0.0, everything=True)
    assert since(hearing) == clock.now(), "from then on"


def test_who_never_comes_to_the_end_is_late(hearing: Hearing, clock: SimClock) -> None:
    began = clock.now()
    for _ in range(int(LATE_S)):
        clock.advance(1.0)
        hearing.heard(0.0, everything=False)
    assert since(hearing) == began
    clock.advance(1.0)
    hearing.heard(0.0, everything=False)
    assert since(hearing) is None
    hearing.heard(0.0, everything=True)
    assert since(hearing) == clock.now()


def test_a_turn_that_never_ends_is_no_hearing(hearing: Hearing, clock: SimClock) -> None:
    clock.advance(LATE_S + 1)
    assert since(hearing) is None


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
def test_a_clock_that_was_set_makes_it_begin_anew(
    hearing: Hearing, clock: SimClock, jump_s: float
) -> None:
    clock.set_wall(clock.now() + jump_s)
    assert since(hearing) is None
    listen(hearing, clock, 3)
    assert since(hearing) == clock.now() - 2
