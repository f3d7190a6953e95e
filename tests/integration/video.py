"""A stream as a plain PyAV client sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import av

MOST = 1_000
"""Pictures read at most in search of one: 40 s of a camera's, so that a missing fault ends."""


def opened(url: str, transport: str = "tcp") -> av.container.InputContainer:
    options = {"rtsp_transport": transport, "probesize": "32768", "analyzeduration": "100000"}
    return av.open(url, options=options | {"timeout": "10000000"}, timeout=10.0)


def pictures(container: av.container.InputContainer, count: int) -> list[av.VideoFrame]:
    found: list[av.VideoFrame] = []
    for frame in container.decode(video=0):
        found.append(frame)
        if len(found) == count:
            return found
    raise av.error.EOFError(0, "the stream ended")


def pictures_until(
    container: av.container.InputContainer, seen: Callable[[Sequence[av.VideoFrame]], bool]
) -> list[av.VideoFrame]:
    """Pictures up to what is waited for: a busy machine shows late what was ordered now.

    An order takes effect behind what the sockets still hold, so no number of pictures is right.
    """
    found: list[av.VideoFrame] = []
    for frame in container.decode(video=0):
        found.append(frame)
        if seen(found):
            return found
        assert len(found) < MOST, "what was waited for did not come"
    raise av.error.EOFError(0, "the stream ended")


def steps_of(frames: list[av.VideoFrame]) -> set[int]:
    """Differences of the timestamps; the first packet of an RTSP stream has none in ffmpeg."""
    stamps = [frame.pts for frame in frames[1:] if frame.pts is not None]
    return {after - before for before, after in pairwise(stamps)}
