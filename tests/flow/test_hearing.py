"""What the centre does not hear is not over: an outage of Redis, a flood, a backlog."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.app.intake import IntakeDesk
from hub.kit.errors import Retryable
from hub.kit.metrics import Metrics
from hub.store.spool import Record
from hub.types.finding import Life, Phase
from tests.flow.centre import Centre
from tests.flow.memory import Stream

OPENED, UPDATED = Phase.OPENED, Phase.UPDATED


class Queue(Stream):
    """The stream, which can be away."""

    away = False

    def read(self, limit: int, block_ms: int) -> list[tuple[str, Record]]:
        if self.away:
            raise Retryable("redis: nobody there", code="redis_unavailable")
        return super().read(limit, block_ms)


class County:
    """A camera with a live alert, told of every ten seconds, and a centre that listens."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.queue = Queue([centre.finding(OPENED)])
        self.intake = IntakeDesk(centre.db, self.queue, centre.clock, Metrics(), lambda: None)
        centre.desk = replace(centre.desk, awake_since=lambda: self.intake.awake_since)
        self.run(35, spoken=True)

    def run(self, seconds: int, *, spoken: bool) -> None:
        """Time passes: the camera is spoken of or not; clocks go on, and the intake if it can."""
        for second in range(seconds):
            if spoken and second % 10 == 0:
                self.queue.send(self.centre.finding(UPDATED))
            self.turn()
            self.centre.wait(1)

    def turn(self) -> None:
        try:
            self.intake.step(self.centre.desk)
        except Retryable:
            assert self.queue.away

    def life(self) -> Life:
        return self.centre.alert().life


@pytest.fixture
def county(centre: Centre) -> County:
    return County(centre)


def test_while_redis_is_away_no_alert_is_over(county: County) -> None:
    county.queue.away = True
    county.run(300, spoken=False)
    assert county.life() is Life.ACTIVE
    county.queue.away = False
    county.run(25, spoken=False)
    assert county.life() is Life.ACTIVE, "the producers have their time to come back"
    county.run(60, spoken=True)
    assert county.life() is Life.ACTIVE
    county.run(32, spoken=False)
    assert county.life() is Life.CLEARED, "now its silence means something"


def test_what_waits_in_the_spools_after_an_outage_is_no_silence(county: County) -> None:
    """One old record after the other, for a minute: the camera's own comes last."""
    for waited_s in range(90, 30, -1):
        late = county.centre.finding(OPENED, "yard", episode_id=f"old-{waited_s}")
        county.queue.send(replace(late, waited_s=waited_s))
        county.run(1, spoken=False)
    assert county.centre.alert("gate").life is Life.ACTIVE


def test_a_clock_set_ahead_ends_no_alert(county: County) -> None:
    county.centre.clock.set_wall(county.centre.clock.now() + 3600)
    county.run(5, spoken=False)
    assert county.life() is Life.ACTIVE, "nobody has had the time to speak again"
    county.run(40, spoken=True)
    assert county.life() is Life.ACTIVE
