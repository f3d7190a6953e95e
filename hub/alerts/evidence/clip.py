"""The evidence clip: an MP4 that any browser plays, from a keyframe on, from time 0."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from io import BytesIO
from itertools import dropwhile, pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.codec.context import CodecContext
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet as AvPacket
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from hub.kit.errors import Permanent
from hub.kit.masks import burn
from hub.types.media import Codec, Packet, StreamInfo
from hub.types.scene import Point

TICKS = 90_000
TIME_BASE = Fraction(1, TICKS)
LONG_SIDE_PX = 1920
"""A transcoded clip is scaled down to this: browsers on old office machines must play it."""
LAST_FRAME_S = 0.04


class NoClip(Permanent):
    """These packets make no clip."""

    code = "no_clip"


def clip(
    packets: Sequence[Packet], info: StreamInfo, masks: Sequence[Sequence[Point]] = ()
) -> bytes:
    """An MP4 (`avc1`, index at the front, no audio) of the packets from the first keyframe on.

    H.264 without masks is remuxed: not a bit of the picture changes. H.265, or masks (polygons in
    picture coordinates 0..1), mean a new encoding, with the masks burnt in. Unmasked pictures of a
    masked camera never touch the disk. Raises NoClip.
    """
    usable = list(dropwhile(lambda packet: not packet.keyframe, packets))
    if not usable:
        raise NoClip("there is no keyframe in these packets")
    try:
        # The index moves to the front in a second pass, for which ffmpeg wants a real file.
        with tempfile.TemporaryDirectory(prefix="hub-clip-") as folder:
            path = Path(folder) / "clip.mp4"
            with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
                if masks or info.codec is not Codec.H264:
                    _transcode(out, usable, info, masks)
                else:
                    _remux(out, usable, info)
            return path.read_bytes()
    except FFmpegError as error:
        raise NoClip(f"no clip from {len(usable)} packets: {error.strerror}") from error


def _remux(out: OutputContainer, packets: Sequence[Packet], info: StreamInfo) -> None:
    # ffmpeg makes the parameters of the track from a first picture with its parameter sets.
    head = BytesIO(info.extradata + packets[0].data)
    with av.open(head, format=info.codec.value) as probe:
        track = out.add_stream_from_template(probe.streams.video[0])
    track.time_base = TIME_BASE
    for packet in _timed(packets):
        packet.stream = track
        out.mux(packet)


def _transcode(
    out: OutputContainer,
    packets: Sequence[Packet],
    info: StreamInfo,
    masks: Sequence[Sequence[Point]],
) -> None:
    width, height = _fitting(info.width, info.height)
    options = {"preset": "veryfast", "crf": "24", "bf": "0"}
    track = out.add_stream("libx264", rate=_rate(packets), options=options)
    track.width, track.height, track.pix_fmt = width, height, "yuv420p"
    track.time_base = track.codec_context.time_base = TIME_BASE
    track.thread_count = 1
    for frame in _decoded(packets, info):
        bgr = frame.to_ndarray(format="bgr24", width=width, height=height).astype(
            np.uint8, copy=False
        )
        masked = VideoFrame.from_ndarray(burn(bgr, masks), format="bgr24")
        masked.pts, masked.time_base = frame.pts, TIME_BASE
        out.mux(track.encode(masked))
    out.mux(track.encode(None))


def _decoded(packets: Sequence[Packet], info: StreamInfo) -> Iterator[VideoFrame]:
    decoder = CodecContext.create(info.codec.value, "r")
    if not isinstance(decoder, VideoCodecContext):
        raise NoClip(f"{info.codec} is no video codec here")
    decoder.thread_count = 1
    if info.extradata:
        decoder.extradata = info.extradata
    for packet in _timed(packets):
        yield from decoder.decode(packet)
    yield from decoder.decode(None)


def _timed(packets: Sequence[Packet]) -> Iterator[AvPacket[Any]]:
    """The packets for ffmpeg, so that the first picture stands at 0 (its DTS may lie before)."""
    begin = packets[0].media_s
    steps = [after.dts_s - before.dts_s for before, after in pairwise(packets)]
    for packet, step_s in zip(packets, [*steps, steps[-1] if steps else LAST_FRAME_S], strict=True):
        timed: AvPacket[Any] = AvPacket(packet.data)
        timed.time_base = TIME_BASE
        timed.dts = round((packet.dts_s - begin) * TICKS)
        timed.pts = max(timed.dts, round((packet.media_s - begin) * TICKS))
        timed.duration = max(1, round(step_s * TICKS))
        timed.is_keyframe = packet.keyframe
        yield timed


def _rate(packets: Sequence[Packet]) -> Fraction:
    """Mean frame rate, for the encoder's rate control; the times of frames are their own."""
    span_s = packets[-1].dts_s - packets[0].dts_s
    return Fraction(max(1, round((len(packets) - 1) / span_s))) if span_s > 0 else Fraction(25)


def _fitting(width: int, height: int) -> tuple[int, int]:
    """Even sides, the longer one at most LONG_SIDE_PX."""
    scale = min(1.0, LONG_SIDE_PX / max(width, height))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)
