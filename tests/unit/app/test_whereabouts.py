"""Where a camera's worker is: asked at most once a second, never on the event loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from hub.app.whereabouts import Lately, Whereabouts
from hub.kit.clock import SimClock
from hub.kit.errors import Retryable


class Beats:
    def __init__(self) -> None:
        self.bodies: dict[str, dict[str, Any]] = {}
        self.asked: list[threading.Thread] = []
        self.gone = False

    def all(self) -> dict[str, dict[str, Any]]:
        self.asked.append(threading.current_thread())
        if self.gone:
            raise Retryable("redis is away")
        return self.bodies


def test_it_follows_the_heartbeats(clock: SimClock) -> None:
    beats = Beats()
    beats.bodies = {
        "w0": {"live": "unix:/w0", "cameras": [{"id": "a"}, {"id": "b"}]},
        "older": {"cameras": [{"id": "c"}]},
    }
    places = Whereabouts(beats.all, clock)

    async def story() -> None:
        found = await asyncio.gather(*(places.find(camera) for camera in "abc"))
        assert found == ["unix:/w0", "unix:/w0", None]
        assert len(beats.asked) == 1
        assert beats.asked[0] is not threading.current_thread()
        beats.bodies = {"w1": {"live": "unix:/w1", "cameras": [{"id": "a"}]}}
        assert await places.find("a") == "unix:/w0"
        clock.advance(1.0)
        assert await places.find("a") == "unix:/w1"
        assert await places.find("b") is None
        beats.gone = True
        clock.advance(1.0)
        assert await places.find("a") == "unix:/w1", "without Redis the last answer stands"

    asyncio.run(story())


def test_what_one_has_heard_is_good_for_the_others_for_a_second(clock: SimClock) -> None:
    beats = Beats()
    lately = Lately(beats, clock)
    beats.bodies = {"w0": {}}
    assert lately.all() == {"w0": {}}
    beats.bodies = {"w1": {}}
    assert lately.all() == {"w0": {}}
    assert lately.now() == lately.all() == {"w1": {}}, "who must know asks anew, for all"
    clock.advance(1.0)
    beats.bodies = {"w2": {}}
    assert lately.all() == {"w2": {}}
    assert len(beats.asked) == 3


def test_what_was_heard_does_not_hide_for_long_that_redis_is_away(clock: SimClock) -> None:
    beats = Beats()
    lately = Lately(beats, clock)
    lately.all()
    beats.gone = True
    clock.advance(1.0)
    with pytest.raises(Retryable):
        lately.all()
    with pytest.raises(Retryable):
        lately.all()


def test_what_the_walls_have_just_heard_is_not_asked_again(clock: SimClock) -> None:
    beats = Beats()
    lately = Lately(beats, clock)
    places = Whereabouts(lately.now, clock, lately.heard)
    beats.bodies = {"w0": {"live": "unix:/w0", "cameras": [{"id": "a"}]}}

    async def story() -> None:
        lately.all()
        assert await places.find("a") == "unix:/w0"
        assert len(beats.asked) == 1
        clock.advance(2.0)
        beats.bodies = {"w1": {"live": "unix:/w1", "cameras": [{"id": "a"}]}}
        assert await places.find("a") == "unix:/w1", "nobody else asks any more"
        assert len(beats.asked) == 2

    asyncio.run(story())
