"""Privacy masks, burnt into pixels before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from hub.types.media import U8
from hub.types.scene import Point

FILL_BGR = (48, 48, 48)


def burn(bgr: U8, masks: Sequence[Sequence[Point]]) -> U8:
    """A copy of `bgr` (shape (height, width, 3)) with the polygons (picture coordinates) filled."""
    if not masks:
        return bgr
    masked = np.ascontiguousarray(bgr).copy()
    size = np.array((bgr.shape[1], bgr.shape[0]), np.float64)
    for polygon in masks:
        # `fillPoly` fills the edge too: a mask is never a pixel short.
        corners = np.rint(np.asarray(polygon, np.float64) * size).astype(np.int32)
        cv2.fillPoly(masked, [corners], FILL_BGR)
    return masked
