"""Did anything change? Decides on the Y plane alone whether a model run is worth its price.

Blockwise background difference after measurements on CCTV-like streams (all rate modes, day
and night): blur, global gain removed, a threshold per 8x8 block made of the noise of this
picture and of what that block is used to; connected area decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import exp
from typing import NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hub.types.media import U8
from hub.types.site import Spec

WIDTH, HEIGHT = 320, 180
_ACROSS, _DOWN = 40, 22
_LEAST_LIMIT = 8.0
_LEARN_EVERY_S = 1.0
F32 = NDArray[np.float32]


class GatePolicy(Spec):
    """What opens the gate.

    `least_height` is the height of the smallest thing that matters as a share of the
    picture's; its silhouette is taken for 0.12 of the square of that height.
    """

    least_height: float = Field(default=0.08, gt=0, le=1)
    hold_s: float = Field(default=0.6, ge=0)
    """Open for so long after the last movement, for the tracker's sake."""
    look_every_s: float = Field(default=10.0, gt=0)
    """A scene at rest is looked at so often."""
    background_s: float = Field(default=4.0, gt=0)
    """Time constant after which what stands still belongs to the background."""
    light_share: float = Field(default=0.5, gt=0, le=1)
    """More of the picture changed at once is a change of light."""
    light_gain: float = Field(default=0.15, gt=0)
    """So is a sudden change of brightness by this share."""


class Why(StrEnum):
    """Why the gate is open or shut."""

    MOTION = "motion"
    HOLD = "hold"
    LOOK = "look"
    FORCED = "forced"
    LIGHT = "light"
    QUIET = "quiet"


class Ruling(NamedTuple):
    """The gate's word on one frame; `area_px` is the largest connected change at 320x180."""

    open: bool
    why: Why
    area_px: int


@dataclass(slots=True)
class GateState:
    """All the gate remembers: explicit, so that it can be looked at and begun anew."""

    rest: F32
    """float32 [180, 320], the blurred scene at rest, exactly."""
    background: U8
    """uint8 [180, 320], the same rounded."""
    mean: float
    """Mean grey level of the scene at rest."""
    gain: float
    """Brightness of the scene at rest divided by that of the last frame."""
    learnt: F32
    """float32 [22, 40], the usual difference of each block in grey levels."""
    learnt_s: float
    moved_s: float
    looked_s: float


class Gate:
    """One per camera, one thread; times are media seconds. `force` may come from any thread."""

    def __init__(self, policy: GatePolicy = GatePolicy()) -> None:
        self._policy = policy
        height_px = policy.least_height * HEIGHT
        self._least_area_px = max(4, round(0.12 * height_px * height_px))
        self._forced = False
        self.state: GateState | None = None

    def force(self) -> None:
        """Open for the next frame, whatever it shows."""
        self._forced = True

    def judge(self, luma: U8, at_s: float) -> Ruling:
        """Rule on a frame's luma (any size, uint8) taken at `at_s`."""
        small = cv2.resize(luma, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        scene = cast("U8", cv2.blur(small, (5, 5)))
        state = self.state
        if state is None:
            never_s = at_s - self._policy.hold_s - 1.0
            learnt = np.zeros((_DOWN, _ACROSS), np.float32)
            self.state = GateState(
                scene.astype(np.float32),
                scene,
                cv2.mean(scene)[0],
                1.0,
                learnt,
                at_s,
                never_s,
                at_s,
            )
            return Ruling(True, Why.LOOK, 0)
        light, area_px = self._compare(state, scene, at_s)
        if light:
            # Not a thing that moved. Begin from the new scene, and have it looked at soon.
            _begin_from(state, scene, at_s)
            state.looked_s = min(state.looked_s, at_s - self._policy.look_every_s + 1.0)
        elif area_px >= self._least_area_px:
            state.moved_s = at_s
        return self._rule(state, at_s, light, area_px)

    def _compare(self, state: GateState, scene: U8, at_s: float) -> tuple[bool, int]:
        """Whether the light changed, and the largest connected area; learns once a second.

        On a quiet scene nothing differs by the least limit there is, and the blocks are
        not looked at, at a third of the price.
        """
        differs = cast("U8", cv2.absdiff(scene, state.background))
        passed_s = at_s - state.learnt_s
        moved = cv2.minMaxLoc(differs)[1] > _LEAST_LIMIT
        if not moved and passed_s < _LEARN_EVERY_S:
            return False, 0
        before, state.gain = state.gain, self._gain(state, scene)
        if abs(state.gain / before - 1.0) > self._policy.light_gain:
            return True, 0
        if state.gain != 1.0:
            even = cv2.convertScaleAbs(scene, alpha=state.gain)
            differs = cast("U8", cv2.absdiff(even, state.background))
        levels = _blocks(differs)
        noise = _median(levels)
        limits = np.maximum(_LEAST_LIMIT + 2.0 * noise, 2.5 * state.learnt + 3.0 * noise + 2.0)
        share, area_px = _changed(differs, limits) if moved else (0.0, 0)
        if share > self._policy.light_share:
            return True, area_px
        if passed_s >= _LEARN_EVERY_S:
            _learn(state, scene, levels, 1.0 - exp(-passed_s / self._policy.background_s), passed_s)
            state.learnt_s = at_s
        return False, area_px

    def _gain(self, state: GateState, scene: U8) -> float:
        """Factor that takes out a change of exposure: median of the ratio of block means."""
        if abs(cv2.mean(scene)[0] - state.mean) < 0.02 * state.mean:
            return 1.0
        return _median((_blocks(state.background) + 4.0) / (_blocks(scene) + 4.0))

    def _rule(self, state: GateState, at_s: float, light: bool, area_px: int) -> Ruling:
        forced, self._forced = self._forced, False
        if at_s == state.moved_s:
            why = Why.MOTION
        elif at_s - state.moved_s <= self._policy.hold_s:
            why = Why.HOLD
        elif forced:
            why = Why.FORCED
        elif at_s - state.looked_s >= self._policy.look_every_s:
            why = Why.LOOK
        else:
            return Ruling(False, Why.LIGHT if light else Why.QUIET, area_px)
        state.looked_s = at_s
        return Ruling(True, why, area_px)


def _blocks(plane: U8) -> F32:
    """Mean of each 8x8 block, float32 [22, 40]; the lowest four lines belong to none."""
    means = cv2.resize(plane[: _DOWN * 8], (_ACROSS, _DOWN), interpolation=cv2.INTER_AREA)
    return means.astype(np.float32)


def _median(values: F32) -> float:
    # numpy.median costs four times as much on so few values.
    half = values.size // 2
    return float(np.partition(values, half, axis=None)[half])


def _changed(differs: U8, limits: F32) -> tuple[float, int]:
    """Share of pixels above their block's limit, and the largest connected number of them.

    Connected means neighbouring blocks with at least four such pixels each: a hundredth of
    the price of labelling pixels, and lone noise pixels fall away.
    """
    ceiling = np.minimum(limits, 255.0).astype(np.uint8)
    pixels = cv2.resize(ceiling, (_ACROSS * 8, _DOWN * 8), interpolation=cv2.INTER_NEAREST)
    above = cv2.compare(differs[: _DOWN * 8], pixels, cv2.CMP_GT)
    counts = _blocks(cast("U8", above)) * (64.0 / 255.0)
    hit = (counts >= 4.0).astype(np.uint8)
    pieces, labels = cv2.connectedComponents(hit, connectivity=8)
    areas = np.bincount(labels.ravel(), counts.ravel(), pieces)
    largest_px = round(float(areas[1:].max())) if pieces > 1 else 0
    return float(counts.sum()) / (WIDTH * HEIGHT), largest_px


def _begin_from(state: GateState, scene: U8, at_s: float) -> None:
    state.rest, state.background, state.mean = scene.astype(np.float32), scene, cv2.mean(scene)[0]
    state.gain = 1.0
    state.learnt_s = at_s


def _learn(state: GateState, scene: U8, levels: F32, rate: float, passed_s: float) -> None:
    """Move the background, and what a block is used to: up by a quarter, down by a twentieth
    every two seconds."""
    up = 1.0 - 0.75 ** (passed_s / 2.0)
    down = 1.0 - 0.95 ** (passed_s / 2.0)
    step = levels - state.learnt
    state.learnt += step * np.where(step > 0, np.float32(up), np.float32(down))
    cv2.accumulateWeighted(scene, state.rest, rate)
    state.background = cast("U8", cv2.convertScaleAbs(state.rest))
    state.mean = cv2.mean(scene)[0] * rate + state.mean * (1.0 - rate)
