"""One picture of a stream as JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import av
import cv2

from hub.kit.errors import Retryable
from hub.types.media import Packet, StreamInfo

QUALITY = 85


@dataclass(frozen=True, slots=True)
class Still:
    """One picture as JPEG and when it was captured (UTC epoch seconds)."""

    jpeg: bytes
    captured_at: float


def still(info: StreamInfo, keyframe: Packet) -> Still:
    """The picture of a keyframe; some milliseconds of work. Raises Retryable (`no_picture`)."""
    coded = BytesIO(info.extradata + keyframe.data)
    try:
        with av.open(coded, "r", format=info.codec.value) as container:
            container.streams.video[0].thread_count = 1
            frame = next(container.decode(video=0))
            bgr = frame.to_ndarray(format="bgr24")
    except (av.FFmpegError, StopIteration, IndexError):
        raise Retryable("the keyframe cannot be decoded", code="no_picture") from None
    _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return Still(jpeg.tobytes(), keyframe.captured_at)
