"""The gate on made-up streets at 5 frames a second, coded by no one: noise is the worst case."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from hub.ingest.gate import Gate, GatePolicy, Why
from tests.unit.ingest.clips import U8, noisy, street, with_thing

FPS = 5.0


def rule(gate: Gate, pictures: Iterable[U8], begin_s: float = 0.0) -> list[Why]:
    return [gate.judge(picture, begin_s + i / FPS).why for i, picture in enumerate(pictures)]


def empty(seconds: float, sigma: float, seed: int = 1) -> list[U8]:
    rng, scene = np.random.default_rng(seed), street(3, 480, 270)
    return [noisy(scene, sigma, rng) for _ in range(int(seconds * FPS))]


@pytest.mark.parametrize("sigma", [0.0, 3.0, 8.0, 14.0])
def test_noise_on_an_empty_street_does_not_open_it(sigma: float) -> None:
    words = rule(Gate(), empty(9.0, sigma))
    assert words[0] is Why.LOOK
    assert set(words[1:]) == {Why.QUIET}


@pytest.mark.parametrize(("height_px", "sigma"), [(60, 8.0), (30, 4.0), (22, 2.0)])
def test_a_thing_that_moves_opens_it_while_it_moves(height_px: int, sigma: float) -> None:
    rng, scene, gate = np.random.default_rng(2), street(3, 480, 270), Gate()
    rule(gate, empty(5.0, sigma))
    walking = [noisy(with_thing(scene, 60 + 12 * i, height_px), sigma, rng) for i in range(30)]
    words = rule(gate, walking, 5.0)
    assert words[0] is Why.MOTION
    assert set(words) <= {Why.MOTION, Why.HOLD}
    assert words.count(Why.MOTION) >= 25
    after = rule(gate, empty(9.0, sigma, seed=4), 11.0)
    assert after[-1] is Why.QUIET


def test_a_creeping_thing_opens_it_too() -> None:
    rng, scene, gate = np.random.default_rng(2), street(3, 480, 270), Gate()
    rule(gate, empty(5.0, 3.0))
    creeping = [noisy(with_thing(scene, 60 + i, 45), 3.0, rng) for i in range(40)]
    assert rule(gate, creeping, 5.0).count(Why.MOTION) >= 15


def test_a_scene_at_rest_is_looked_at_now_and_then() -> None:
    words = rule(Gate(GatePolicy(look_every_s=4.0)), empty(13.0, 2.0))
    looks = [i / FPS for i, why in enumerate(words) if why is Why.LOOK]
    assert looks == pytest.approx([0.0, 4.0, 8.0, 12.0])


def test_it_opens_when_it_is_told_to_and_only_once() -> None:
    gate = Gate()
    rule(gate, empty(1.0, 2.0))
    gate.force()
    words = rule(gate, empty(1.0, 2.0, seed=7), 1.0)
    assert words == [Why.FORCED] + [Why.QUIET] * 4


@pytest.mark.parametrize("factor", [0.4, 1.6])
def test_a_light_switched_is_no_movement_but_is_looked_at_soon(factor: float) -> None:
    rng, scene, gate = np.random.default_rng(2), street(3, 480, 270), Gate()
    rule(gate, empty(5.0, 3.0))
    lit = [noisy(np.clip(scene * factor, 0, 255).astype(np.uint8), 3.0, rng) for _ in range(20)]
    words = rule(gate, lit, 5.0)
    assert words[0] is Why.LIGHT
    assert Why.MOTION not in words
    assert words.index(Why.LOOK) <= 6


def test_a_slow_change_of_exposure_is_no_movement() -> None:
    rng, scene, gate = np.random.default_rng(2), street(3, 480, 270), Gate()
    dimming = [
        noisy((scene * (1.0 - 0.008 * i)).astype(np.uint8), 3.0, rng) for i in range(45)
    ]  # fmt: skip
    words = rule(gate, dimming)
    assert set(words[1:]) == {Why.QUIET}


def test_leaves_that_always_move_are_learnt_and_a_thing_elsewhere_still_opens_it() -> None:
    rng, scene, gate = np.random.default_rng(2), street(3, 480, 270), Gate()

    def leaves(picture: U8) -> U8:
        out = picture.copy()
        block = out[30:90, 360:420].astype(np.int16)
        out[30:90, 360:420] = np.clip(block + rng.integers(-25, 26), 0, 255)
        return out

    calm = [leaves(noisy(scene, 2.0, rng)) for _ in range(200)]
    words = rule(gate, calm)
    early, late = words[:40].count(Why.MOTION), words[-40:].count(Why.MOTION)
    assert early > 5
    assert late < early / 2
    walking = [leaves(noisy(with_thing(scene, 60 + 12 * i, 45), 2.0, rng)) for i in range(10)]
    assert rule(gate, walking, 40.0).count(Why.MOTION) >= 9


def test_any_size_of_picture_will_do_and_the_area_is_told() -> None:
    scene = street(3, 1280, 720)
    gate = Gate()
    gate.judge(scene, 0.0)
    ruling = gate.judge(with_thing(scene, 600, 160), 0.2)
    # 160x80 px at 1280 is 40x20 at 320.
    assert ruling.open
    assert 500 <= ruling.area_px <= 1300
