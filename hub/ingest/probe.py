"""One look at an address: what it sends and a picture of it, or a named reason why not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2

from hub.ingest.source import Fault, Header, Opener, Source, SourceError, Unit
from hub.kit.clock import Clock
from hub.types.media import Codec, Picture
from hub.types.site import CameraSpec, Stream


@dataclass(frozen=True, slots=True)
class Probed:
    """What an address sends; `fps` 0 where it does not say, `jpeg` with the masks burnt in.

    `gop`: pictures from one keyframe to the next, 0 where the second did not come in time.
    `reordered`: it sends B-frames, which live pictures of low delay cannot carry.
    """

    codec: Codec
    width: int
    height: int
    fps: float
    jpeg: bytes
    gop: int = 0
    reordered: bool = False


def probe(
    stream: Stream,
    camera: CameraSpec,
    *,
    opener: Opener,
    clock: Clock,
    limit_s: float = 15.0,
    keyframes_s: float = 6.0,
    widest_px: int = 1280,
) -> Probed:
    """Open `stream` with the camera's credentials, transport and masks, and decode one picture.

    Then it reads on to the next keyframe, for at most `keyframes_s`.
    Raises SourceError whose `code` names the reason. Takes at most the opener's limits
    plus `limit_s` and `keyframes_s`.
    """
    source = opener.open(stream, camera)
    # Nobody watches a probe: what comes in drops, never a whole picture, has an end all the same.
    end = threading.Timer(limit_s + keyframes_s + source.read_limit_s, source.cut)
    end.start()
    try:
        kept: list[Unit] = []
        units = _remembered(source.units(), kept)
        picture = _first_picture(source, units, camera, clock, limit_s)
        gop = _to_next_keyframe(units, kept, clock.monotonic() + keyframes_s, clock)
        header: Header = source.header
        return Probed(
            header.codec,
            picture.width,
            picture.height,
            header.fps,
            _jpeg(picture, widest_px),
            gop,
            _is_reordered(kept),
        )
    finally:
        end.cancel()
        source.close()


def _remembered(units: Iterator[Unit], kept: list[Unit]) -> Iterator[Unit]:
    """The units from the first keyframe on, written down (without their data) as they pass."""
    for unit in units:
        if kept or unit.keyframe:
            kept.append(unit._replace(data=b"", native=None))
        yield unit


def _to_next_keyframe(
    units: Iterator[Unit], kept: list[Unit], deadline: float, clock: Clock
) -> int:
    """Pictures between the first two keyframes; 0 when time or stream end before the second."""
    try:
        while not any(unit.keyframe for unit in kept[1:]):
            if clock.monotonic() > deadline or next(units, None) is None:
                return 0
    except SourceError:
        return 0  # the picture is there; that the stream then broke off is no reason to hide it
    return next(n for n, unit in enumerate(kept) if n > 0 and unit.keyframe)


def _is_reordered(kept: list[Unit]) -> bool:
    times = [unit.pts_s for unit in kept if unit.pts_s is not None]
    return any(later < before for before, later in pairwise(times))


def _first_picture(
    source: Source, units: Iterator[Unit], camera: CameraSpec, clock: Clock, limit_s: float
) -> Picture:
    decoder = source.decoder(camera.masks)
    deadline = clock.monotonic() + limit_s
    running = False
    for unit in units:
        running = running or unit.keyframe
        if running and unit.data and not unit.corrupt:
            try:
                pictures = decoder.decode(unit)
            except SourceError:
                pictures = ()
            if pictures:
                return pictures[0].picture
        if clock.monotonic() > deadline:
            raise SourceError(Fault.NO_PICTURE, f"packets but no picture for {limit_s:.0f} s")
    held = decoder.flush()
    if not held:
        raise SourceError(Fault.NO_PICTURE, "the stream ended without a picture")
    return held[0].picture


def _jpeg(picture: Picture, widest_px: int) -> bytes:
    width = min(picture.width, widest_px)
    height = max(2, round(picture.height * width / picture.width))
    ok, encoded = cv2.imencode(".jpg", picture.bgr(width, height), [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not ok:
        raise SourceError(Fault.NO_PICTURE, "the picture cannot be encoded")
    return encoded.tobytes()
