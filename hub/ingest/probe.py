"""One look at an address: what it sends and a picture of it, or a named reason why not."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from hub.ingest.source import Fault, Header, Opener, Source, SourceError
from hub.kit.clock import Clock
from hub.types.media import Codec, Picture
from hub.types.site import CameraSpec, Stream


@dataclass(frozen=True, slots=True)
class Probed:
    """What an address sends; `fps` 0 where it does not say, `jpeg` with the masks burnt in."""

    codec: Codec
    width: int
    height: int
    fps: float
    jpeg: bytes


def probe(
    stream: Stream,
    camera: CameraSpec,
    *,
    opener: Opener,
    clock: Clock,
    limit_s: float = 15.0,
    widest_px: int = 1280,
) -> Probed:
    """Open `stream` with the camera's credentials, transport and masks, and decode one picture.

    Raises SourceError whose `code` names the reason. Takes at most the opener's limits
    plus `limit_s`.
    """
    source = opener.open(stream, camera)
    try:
        picture = _first_picture(source, camera, clock, limit_s)
        header: Header = source.header
        return Probed(
            header.codec, picture.width, picture.height, header.fps, _jpeg(picture, widest_px)
        )
    finally:
        source.close()


def _first_picture(source: Source, camera: CameraSpec, clock: Clock, limit_s: float) -> Picture:
    decoder = source.decoder(camera.masks)
    deadline = clock.monotonic() + limit_s
    running = False
    for unit in source.units():
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
