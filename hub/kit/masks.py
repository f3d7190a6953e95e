"""Privacy masks, burnt into pixels before anything is stored or shown."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hub.types.media import U8
from hub.types.scene import Point

FILL_BGR = (48, 48, 48)
FILL_LUMA, FILL_CHROMA = 57, 128
"""The same grey in limited-range Y, U and V (BT.601: 16 + 219 · 48 / 255)."""

Mask = Sequence[Point]
"""A polygon in picture coordinates, 0..1."""


def burn(bgr: U8, masks: Sequence[Mask]) -> U8:
    """A copy of `bgr` (shape (height, width, 3)) with the polygons (picture coordinates) filled."""
    if not masks:
        return bgr
    masked = np.ascontiguousarray(bgr).copy()
    for mask in masks:
        # `fillPoly` fills the edge too: a mask is never a pixel short.
        cv2.fillPoly(masked, [_corners(mask, bgr.shape[1], bgr.shape[0])], FILL_BGR)
    return masked


def burn_planar(yuv: U8, masks: Sequence[Mask]) -> U8:
    """Fill the polygons in place in 4:2:0 planes under one another (I420) and return them.

    Shape (height * 3 / 2, width), both sides even. Chroma is filled at half the size, edge
    included: no colour of what is masked shows at its border.
    """
    width, height = yuv.shape[1], yuv.shape[0] * 2 // 3
    chroma = yuv[height:].reshape(2, height // 2, width // 2)
    for mask in masks:
        cv2.fillPoly(yuv[:height], [_corners(mask, width, height)], (FILL_LUMA,))
        for plane in chroma:
            cv2.fillPoly(plane, [_corners(mask, width // 2, height // 2)], (FILL_CHROMA,))
    return yuv


def _corners(mask: Mask, width: int, height: int) -> NDArray[np.int32]:
    size = np.array((width, height), np.float64)
    return np.rint(np.asarray(mask, np.float64) * size).astype(np.int32)
