"""A picture that is already decoded, from a file or made in a test."""

from __future__ import annotations

import cv2
import numpy as np

from hub.types.media import U8


class StillPicture:
    """A colour array (height, width, 3), BGR, as a Picture."""

    def __init__(self, pixels: U8) -> None:
        self._pixels = pixels

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self._pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self._pixels.shape[0])

    def luma(self) -> U8:
        """Brightness, shape (height, width)."""
        return np.asarray(cv2.cvtColor(self._pixels, cv2.COLOR_BGR2GRAY), np.uint8)

    def bgr(self, width: int, height: int) -> U8:
        """Colour, shape (height, width, 3), scaled by area."""
        if (width, height) == (self.width, self.height):
            return self._pixels
        shrinks = width < self.width and height < self.height
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(self._pixels, (width, height), interpolation=how), np.uint8)
