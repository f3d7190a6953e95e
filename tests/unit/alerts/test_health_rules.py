"""Cameras that fall silent or freeze, told by changes of state and the passing of time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hub.types.finding import Phase
from hub.types.scene import HealthChanged, HealthState, Observation
from tests.unit.alerts.scenes import T0, bound, health, run, story, tick

ONLINE, STALE, OFFLINE = HealthState.ONLINE, HealthState.STALE, HealthState.OFFLINE
FROZEN, CONNECTING = HealthState.FROZEN, HealthState.CONNECTING


def timeline(changes: list[HealthChanged], until: int) -> list[Observation]:
    """The changes with a tick each second between them."""
    told: list[Observation] = [*changes, *(tick(at + 0.5) for at in range(until))]
    return sorted(told, key=lambda o: o.at)  # type: ignore[union-attr]


OFFLINE_STORIES: list[tuple[str, list[HealthChanged], list[tuple[str, float]]]] = [
    ("always there", [health(0, ONLINE)], []),
    ("never heard of", [], []),
    ("gone long enough", [health(0, ONLINE), health(5, OFFLINE)], [("opened", 15.5)]),
    ("back in time", [health(0, ONLINE), health(5, OFFLINE), health(12, ONLINE)], []),
    (
        "comes back",
        [health(0, ONLINE), health(5, OFFLINE), health(20, ONLINE)],
        [("opened", 15.5), ("closed", 20.0)],
    ),
    (
        "counted from the last picture, through all states without one",
        [health(5, STALE, 2), health(9, OFFLINE, 2), health(11, CONNECTING, 2)],
        [("opened", 12.5)],
    ),
    ("never came up", [health(0, CONNECTING)], [("opened", 10.5)]),
    (
        "frozen is not offline",
        [health(0, OFFLINE), health(12, FROZEN)],
        [("opened", 10.5), ("closed", 12.0)],
    ),
    (
        "flaps",
        [health(0, OFFLINE), health(9, ONLINE), health(10, OFFLINE), health(19, ONLINE)],
        [],
    ),
]


@pytest.mark.parametrize(
    ("name", "changes", "expected"), OFFLINE_STORIES, ids=[s[0] for s in OFFLINE_STORIES]
)
def test_offline(
    name: str, changes: list[HealthChanged], expected: list[tuple[str, float]]
) -> None:
    assert story(run(bound("camera_offline", after_s=10), timeline(changes, 40))) == expected


def test_offline_begins_with_the_last_picture_and_shows_none() -> None:
    opened = run(bound("camera_offline", after_s=10), timeline([health(5, STALE, 2)], 40))[0]
    assert (opened.captured_at, opened.dwell_s) == (T0 + 2, 10.5)
    assert opened.evidence_id is None
    assert opened.facts["state"] == "stale"


def test_an_offline_camera_is_spoken_of_every_ten_seconds_for_as_long_as_it_lasts() -> None:
    findings = run(bound("camera_offline", after_s=0), timeline([health(0, OFFLINE)], 100))
    updates = [f.raised_at - T0 for f in findings if f.phase is Phase.UPDATED]
    assert len(updates) == 9
    assert max(b - a for a, b in pairwise(updates)) < 12


def test_clear_after_s_bridges_a_short_return() -> None:
    changes = [health(0, OFFLINE), health(5, ONLINE), health(7, OFFLINE), health(20, ONLINE)]
    binding = bound("camera_offline", after_s=1, clear_after_s=5)
    assert story(run(binding, timeline(changes, 40))) == [("opened", 1.5), ("closed", 24.5)]


FROZEN_STORIES: list[tuple[str, float, list[HealthChanged], list[tuple[str, float]]]] = [
    ("alive", 0, [health(0, ONLINE)], []),
    ("at once", 0, [health(0, ONLINE), health(5, FROZEN)], [("opened", 5.0)]),
    ("after a while", 3, [health(5, FROZEN)], [("opened", 8.5)]),
    ("thaws in time", 3, [health(5, FROZEN), health(7, ONLINE)], []),
    ("thaws", 0, [health(5, FROZEN), health(9, ONLINE)], [("opened", 5.0), ("closed", 9.0)]),
    ("dies", 0, [health(5, FROZEN), health(9, OFFLINE)], [("opened", 5.0), ("closed", 9.0)]),
]


@pytest.mark.parametrize(
    ("name", "after_s", "changes", "expected"), FROZEN_STORIES, ids=[s[0] for s in FROZEN_STORIES]
)
def test_frozen(
    name: str, after_s: float, changes: list[HealthChanged], expected: list[tuple[str, float]]
) -> None:
    assert story(run(bound("camera_frozen", after_s=after_s), timeline(changes, 30))) == expected
