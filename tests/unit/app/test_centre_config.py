"""The centre process and its files: what could not be written down is tried again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.app.centre import CLOCK_S, Centre
from hub.app.first_start import prepare
from hub.app.setup import Setup
from hub.kit.clock import SimClock
from hub.kit.errors import Conflict, Misconfigured, Retryable
from hub.store import marks

CONFIGS = Path(__file__).resolve().parents[3] / "configs"


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    shutil.copytree(CONFIGS, tmp_path / "configs")
    nobody = f"unix://{tmp_path}/nobody.sock"
    return Setup(
        tmp_path / "configs", "demo", tmp_path / "data", tmp_path, "127.0.0.1", 0, 1, "INFO",
        redis_url=nobody, database_url=None,
    )  # fmt: skip


@pytest.fixture
def centre(setup: Setup, clock: SimClock) -> Iterator[Centre]:
    prepare(setup, clock)
    made = Centre(setup, "centre", clock)
    made._hold()
    yield made
    made.stop()


def held(centre: Centre) -> int | None:
    return centre._standing.token


def rename(setup: Setup, file: str, old: str, new: str) -> None:
    for path in (setup.config / file, setup.config / "profiles" / "demo" / file):
        if path.exists():
            path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_a_change_of_the_files_that_was_refused_a_lease_comes_with_the_next_turn(
    centre: Centre, setup: Setup
) -> None:
    centre._reload()
    dispatch = centre._refresh_desk().config
    rename(setup, "dispatch.yaml", "dead_letter_after: 5", "dead_letter_after: 7")
    token, centre._standing.token = centre._standing.token, None
    with pytest.raises(Conflict):
        centre._reload()
    centre._standing.token = token
    centre._reload()
    assert dispatch.dead_letter_after == 5
    assert centre._refresh_desk().config.dead_letter_after == 7, "with the registers as they were"


def test_a_centre_that_takes_over_begins_with_the_registers_as_they_are(centre: Centre) -> None:
    centre._reload()
    assert centre._desk is not None
    centre._intake._hearing.heard(0.0, everything=True)
    with centre._db.write() as tx:
        token = held(centre)
        assert token is not None
        centre._lease.release(tx, token)
        other = type(centre._lease)("centre", "another", centre._clock)
        assert other.acquire(tx) == token + 1
    centre._hold()
    assert held(centre) is None
    with centre._db.write() as tx:
        other.release(tx, token + 1)
    centre._hold()
    assert held(centre) == token + 2
    assert centre.__dict__["_desk"] is None
    assert centre._intake.awake_since is None


def test_the_clocks_go_on_without_redis(centre: Centre) -> None:
    """Each failed turn would make their pause longer, up to a minute."""
    centre._reload()
    with centre._db.write() as tx:
        marks.put(tx, {"worker-1.aaaa": 7}, centre._clock.now())
    with pytest.raises(Retryable):
        centre._take()  # the marks are known, Redis is not there
    for _ in range(3):
        assert centre._tick() == CLOCK_S
    with pytest.raises(Retryable):
        centre._heal()


def test_nobody_else_reads_the_data_folder(centre: Centre, setup: Setup) -> None:
    assert setup.data.stat().st_mode & 0o077 == 0
    assert setup.key_file.stat().st_mode & 0o077 == 0


def test_a_process_that_is_started_alone_says_what_it_lacks(setup: Setup) -> None:
    alone = Setup(
        setup.config, None, setup.data, setup.cache, "127.0.0.1", 0, 1, "INFO", None, None
    )
    with pytest.raises(Misconfigured, match="REDIS_URL"):
        Centre(alone, "centre", SimClock())
