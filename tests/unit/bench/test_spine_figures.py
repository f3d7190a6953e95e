"""How the figures of `make bench` come about, from numbers given."""

from __future__ import annotations

import pytest

from bench.spine import Cost, Floor, Pair, result, table, verdict


def _pair(worker_s: float, replaced: float = 0.0) -> Pair:
    # 100 camera-seconds, 500 frames analysed, the model on 50 of them.
    hub = Cost(
        100.0, {"worker-0": worker_s, "centre": 0.1, "valkey": 0.02}, 500.0, 50.0, replaced, 0.0
    )
    return Pair(hub, Floor(video_ms=13.0, call_ms=10.0), Floor(video_ms=11.0, call_ms=10.0))


def test_the_floor_makes_as_many_calls_as_the_hub_did() -> None:
    pair = _pair(1.98)
    assert pair.hub.ms == pytest.approx(21.0)
    assert pair.live.ms(pair.hub) == pytest.approx(18.0)  # half a call per camera-second
    assert pair.over_live == pytest.approx(21.0 / 18.0)
    assert pair.over_stored == pytest.approx(21.0 / 16.0)


def test_the_median_of_the_pairs_is_judged() -> None:
    said = result([_pair(1.98), _pair(9.0), _pair(2.0)])
    assert said["ratio"] == pytest.approx(21.2 / 18.0)
    assert said["holds"]
    assert said["cameras_per_core"] == 33  # 700 ms / 21.2 ms
    assert said["detector_share"] == pytest.approx(0.1)
    assert not result([_pair(2.2)])["holds"]


def test_a_machine_that_was_too_busy_is_named() -> None:
    assert "too busy" not in verdict(result([_pair(2.0)]))
    assert "too busy" in verdict(result([_pair(2.0, replaced=30.0)]))


def test_each_pair_has_its_line() -> None:
    assert table([_pair(2.0), _pair(2.1)]).row_count == 2
