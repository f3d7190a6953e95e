"""Who watches what: shares of the cameras, and which of them have to be started anew."""

from __future__ import annotations

from collections import Counter

import pytest

from hub.app.plan import PlannedCamera, changed, share_out
from tests.unit.alerts.scenes import rule
from tests.unit.grids import town

CAMERAS = [f"cam-{n}" for n in range(300)]


def owner_of(shares: dict[str, list[str]]) -> dict[str, str]:
    return {camera: worker for worker, cameras in shares.items() for camera in cameras}


def test_each_camera_has_one_worker_and_the_shares_are_about_even() -> None:
    shares = share_out(CAMERAS, ["w0", "w1", "w2"])
    assert Counter(c for cameras in shares.values() for c in cameras) == Counter(CAMERAS)
    assert all(70 <= len(cameras) <= 130 for cameras in shares.values())
    again = share_out(reversed(CAMERAS), ["w2", "w0", "w1"])
    assert owner_of(again) == owner_of(shares), "in whatever order they are named"


def test_a_lost_worker_moves_only_its_own_cameras() -> None:
    before = owner_of(share_out(CAMERAS, ["w0", "w1", "w2"]))
    after = owner_of(share_out(CAMERAS, ["w0", "w2"]))
    moved = {camera for camera in CAMERAS if before[camera] != after[camera]}
    assert moved == {camera for camera, worker in before.items() if worker == "w1"}


def test_without_workers_there_are_no_shares() -> None:
    assert share_out(CAMERAS, []) == {}
    assert share_out([], ["w0"]) == {"w0": []}


def planned(name: str, secret: str | None = None, dwell_s: float = 10.0) -> PlannedCamera:
    used = rule("zone_intrusion", id="zone", dwell_s=dwell_s)
    return PlannedCamera.model_validate(
        {"camera": town.camera(100, 100, id=name), "secret": secret, "rules": (used,), "model": "m"}
    )


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"a": planned("a"), "b": planned("b")}, (set(), set())),
        ({"a": planned("a")}, ({"b"}, set())),
        ({"a": planned("a"), "b": planned("b"), "c": planned("c")}, (set(), {"c"})),
        ({"a": planned("a", "new password"), "b": planned("b")}, ({"a"}, {"a"})),
        ({"a": planned("a"), "b": planned("b", dwell_s=11)}, ({"b"}, {"b"})),
    ],
    ids=["nothing", "gone", "new", "password", "rule"],
)
def test_only_what_differs_is_started_anew(
    new: dict[str, PlannedCamera], expected: tuple[set[str], set[str]]
) -> None:
    assert changed({"a": planned("a"), "b": planned("b")}, new) == expected
