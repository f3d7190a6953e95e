"""Masks fill their polygon, edge included, in colour and in planes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hub.kit.masks import FILL_BGR, FILL_CHROMA, FILL_LUMA, burn, burn_planar
from hub.kit.places import SOCKET_PATH_BYTES, socket_path

CORNER = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))


def test_colour() -> None:
    picture = np.full((40, 60, 3), 200, np.uint8)
    masked = burn(picture, [CORNER])
    assert (masked[:21, :31] == FILL_BGR).all()
    assert (masked[22:, :] == 200).all()
    assert (picture == 200).all(), "the original stays"


def test_planes() -> None:
    planar = np.full((60, 60), 200, np.uint8)  # 40 rows of luma, two chroma planes of 20 x 30
    burn_planar(planar, [CORNER])
    luma, chroma = planar[:40], planar[40:].reshape(2, 20, 30)
    assert (luma[:21, :31] == FILL_LUMA).all()
    assert (luma[22:] == 200).all()
    assert (chroma[:, :11, :16] == FILL_CHROMA).all()
    assert (chroma[:, 12:] == 200).all()


def test_a_socket_path_is_short_enough(tmp_path: Path) -> None:
    short, long = Path("/run/hub/live/w.sock"), tmp_path / ("x" * 120) / "w.sock"
    assert socket_path(short) == short
    assert len(str(socket_path(long))) <= SOCKET_PATH_BYTES
    assert socket_path(long) == socket_path(long) != socket_path(long.with_name("v.sock"))
