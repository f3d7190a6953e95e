"""A stream as a plain PyAV client sees it."""

from __future__ import annotations

from itertools import pairwise

import av


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


def steps_of(frames: list[av.VideoFrame]) -> set[int]:
    """Differences of the timestamps; the first packet of an RTSP stream has none in ffmpeg."""
    stamps = [frame.pts for frame in frames[1:] if frame.pts is not None]
    return {after - before for before, after in pairwise(stamps)}
