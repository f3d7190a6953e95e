"""Small streams made on the spot, as packets of the hub: Annex B, times on their own line."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream

from hub.live.nal import units
from hub.types.media import Codec, Packet, StreamInfo, StreamRole

FPS = 10
STARTED = 1_700_000_000.0


@dataclass(frozen=True)
class Recorded:
    """A stream's parameters and its packets."""

    info: StreamInfo
    packets: list[Packet]


def recorded(
    codec: Codec = Codec.H264,
    *,
    frames: int = 30,
    gop: int = 10,
    bframes: int = 0,
    size: tuple[int, int] = (320, 180),
    profile: str = "main",
    first_s: float = 100.0,
) -> Recorded:
    """Encode a moving gradient; parameter sets stand before each keyframe, as cameras send them."""
    options = {"preset": "veryfast", "profile": profile, "g": str(gop), "bf": str(bframes)}
    options["x264-params"] = "repeat-headers=1:annexb=1:scenecut=0:b-adapt=0:aud=1:slices=2"
    if codec is Codec.H265:
        options = {
            "preset": "ultrafast",
            "x265-params": f"keyint={gop}:min-keyint={gop}:bframes={bframes}:b-adapt=0:scenecut=0"
            ":repeat-headers=1:aud=1:pools=1:frame-threads=1:log-level=none",
        }
    name = "libx264" if codec is Codec.H264 else "libx265"
    out = av.open(BytesIO(), "w", format=codec.value)
    stream = cast(VideoStream, out.add_stream(name, rate=FPS, options=options))
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = 1
    made = []
    for frame in [*_pictures(frames, size), None]:
        for packet in stream.encode(frame):
            assert packet.pts is not None
            assert packet.dts is not None
            base = packet.time_base
            made.append(
                Packet(
                    source="c1",
                    role=StreamRole.SUB,
                    data=bytes(packet),
                    keyframe=packet.is_keyframe,
                    media_s=first_s + float(packet.pts * base),
                    dts_s=first_s + float(packet.dts * base),
                    captured_at=STARTED + float(packet.pts * base),
                    received_at=STARTED + float(packet.dts * base) + 0.2,
                )
            )
    wanted = {7, 8} if codec is Codec.H264 else {32, 33, 34}
    sets = b"".join(
        b"\x00\x00\x00\x01" + unit
        for unit in units(made[0].data)
        if (unit[0] & 31 if codec is Codec.H264 else unit[0] >> 1 & 63) in wanted
    )
    return Recorded(StreamInfo(codec, *size, sets), made)


def _pictures(count: int, size: tuple[int, int]) -> list[av.VideoFrame]:
    width, height = size
    across = np.linspace(0, 255, width)[None, :] + np.zeros((height, 1))
    frames = []
    for index in range(count):
        yuv = np.full((height * 3 // 2, width), 128, np.uint8)
        yuv[:height] = ((across + 9 * index) % 256).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(yuv, format="yuv420p")
        frame.pts = index
        frames.append(frame)
    return frames
