"""Two centres on two hosts: one is active, the other takes over in time, whatever their clocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.app.centre import Centre
from hub.app.first_start import prepare
from hub.app.setup import Setup
from hub.kit.clock import SimClock
from hub.store.lease import TTL_S

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
TAKEN_OVER_WITHIN_S = TTL_S + 5.0


class Host:
    """A centre that does nothing but hold the lease, or ask for it, when its turn has come."""

    def __init__(self, setup: Setup, ahead_s: float) -> None:
        self.clock = SimClock()
        self.clock.set_wall(self.clock.now() + ahead_s)
        self.centre = Centre(setup, "centre", self.clock)
        self._next_at = 0.0

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        if self.clock.monotonic() >= self._next_at:
            self._next_at = self.clock.monotonic() + self.centre._hold()

    @property
    def is_active(self) -> bool:
        return self.centre._standing.token is not None


@pytest.fixture
def setup(tmp_path: Path, bare_database_url: str) -> Setup:
    nobody = f"unix://{tmp_path}/nobody.sock"
    made = Setup(
        CONFIGS, "demo", tmp_path / "one", tmp_path, "127.0.0.1", 0, 1, "INFO",
        redis_url=nobody, database_url=bare_database_url,
    )  # fmt: skip
    prepare(made, SimClock())
    return made


@pytest.fixture(params=[-3600.0, 0.0, 3600.0])
def hosts(request: pytest.FixtureRequest, setup: Setup, tmp_path: Path) -> Iterator[list[Host]]:
    second = replace(setup, data=tmp_path / "two")
    both = [Host(setup, 0.0), Host(second, request.param)]
    yield both
    for host in both:
        host.centre.stop()


def test_a_living_centre_keeps_the_lease_and_a_dead_one_is_followed_in_time(
    hosts: list[Host],
) -> None:
    first, second = hosts
    for _ in range(600):
        for host in hosts:
            host.wait(0.25)
    assert (first.is_active, second.is_active) == (True, False)
    token = first.centre._standing.token
    assert token == 1, "it was never lost in between"
    silent_s = 0.0  # the first one is dead from here on
    while not second.is_active and silent_s < 2 * TAKEN_OVER_WITHIN_S:
        second.wait(0.25)
        silent_s += 0.25
    assert second.is_active
    assert silent_s <= TAKEN_OVER_WITHIN_S
    first.clock.advance(silent_s)
    first.centre._hold()
    assert not first.is_active, "when it wakes up it stands by"
