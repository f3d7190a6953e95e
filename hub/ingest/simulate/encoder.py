"""Encoding as a surveillance camera does it: closed GOPs of one length, no B-frames."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np

from hub.ingest.simulate.rendition import Rendition
from hub.types.media import U8, Codec

_ENCODER = {Codec.H264: "libx264", Codec.H265: "libx265"}
_PRESET = {Codec.H264: "superfast", Codec.H265: "ultrafast"}
_COMMON = "min-keyint={gop}:keyint={gop}:scenecut=0:bframes=0:open-gop=0:repeat-headers=1:weightp=0"
_OWN = {
    Codec.H264: "threads=1:sliced-threads=0",
    Codec.H265: "pools=1:frame-threads=1:log-level=none",
}
_STILL = {Codec.H264: "qp=51:ipratio=16", Codec.H265: "qp=51:ipratio=16:no-sao=1:aq-mode=0"}
"""Keyframes at quantiser 27, pictures between at 51, where all differences vanish: every
block is skipped, and the decoded picture is the keyframe's to the last bit."""


class Encoder:
    """Encodes pictures one by one into a rendition; `kbps` None encodes a still picture."""

    def __init__(
        self, codec: Codec, width: int, height: int, *, fps: int, gop: int, kbps: int | None
    ) -> None:
        self._codec, self._fps = codec, fps
        self._units: list[bytes] = []
        self._keyframes: list[int] = []
        self._context = context = av.CodecContext.create(_ENCODER[codec], "w")
        if not isinstance(context, av.VideoCodecContext):
            raise TypeError(f"{codec} is no video codec")
        self._video = context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.time_base = Fraction(1, fps)
        context.framerate = Fraction(fps)
        rate = _STILL[codec]
        if kbps is not None:
            context.bit_rate = kbps * 1000
            rate = f"vbv-maxrate={kbps}:vbv-bufsize={kbps}"
        parameters = "x264-params" if codec is Codec.H264 else "x265-params"
        context.options = {
            "preset": _PRESET[codec],
            "tune": "zerolatency",
            parameters: f"{_COMMON.format(gop=gop)}:{_OWN[codec]}:{rate}",
        }
        self._count = 0

    def add(self, picture: U8) -> None:
        """Encode one BGR picture."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
        self.add_frame(frame.reformat(format="yuv420p"))

    def add_frame(self, frame: av.VideoFrame) -> None:
        """Encode one YUV 4:2:0 frame."""
        frame.pts, frame.time_base = self._count, Fraction(1, self._fps)
        frame.pict_type = av.video.frame.PictureType.NONE
        self._count += 1
        self._take(self._video.encode(frame))

    def _take(self, packets: Iterable[av.Packet[av.VideoStream]]) -> None:
        for packet in packets:
            if packet.is_keyframe:
                self._keyframes.append(len(self._units))
            self._units.append(bytes(packet))

    def finish(self) -> Rendition:
        """All that was encoded."""
        self._take(self._video.encode(None))
        if len(self._units) > 1 and self._keyframes[-1] == len(self._units) - 1:
            # Looping would put two keyframes side by side, which H.264 wants told apart.
            self._units.pop()
            self._keyframes.pop()
        return Rendition(
            codec=self._codec,
            width=self._video.width,
            height=self._video.height,
            fps=self._fps,
            keyframes=tuple(self._keyframes),
            units=tuple(self._units),
        )


def frozen(rendition: Rendition) -> Rendition:
    """For each group of pictures one of the same length that shows its keyframe and no more.

    Every picture of such a group decodes to the same pixels, keyframes included, as when a
    camera's sensor hangs while its encoder goes on. Raises ValueError should it not be so.
    """
    units: list[bytes] = []
    keyframes: list[int] = []
    ends = (*rendition.keyframes[1:], len(rendition))
    for begin, end in zip(rendition.keyframes, ends, strict=True):
        still = _decoded(rendition.codec, rendition.units[begin : begin + 1])[0]
        encoder = Encoder(
            rendition.codec,
            rendition.width,
            rendition.height,
            fps=rendition.fps,
            gop=end - begin,
            kbps=None,
        )
        for _ in range(end - begin):
            encoder.add_frame(still)
        group = encoder.finish()
        shown = [frame.to_ndarray() for frame in _decoded(group.codec, group.units)]
        if not all(np.array_equal(shown[0], other) for other in shown[1:]):
            raise ValueError("the frozen group is not bit-identical")
        keyframes.append(len(units))
        units.extend(group.units)
    return Rendition(
        codec=rendition.codec,
        width=rendition.width,
        height=rendition.height,
        fps=rendition.fps,
        keyframes=tuple(keyframes),
        units=tuple(units),
    )


def _decoded(codec: Codec, units: tuple[bytes, ...]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create(codec.value, "r")
    if not isinstance(decoder, av.VideoCodecContext):
        raise TypeError(f"{codec} is no video codec")
    frames: list[av.VideoFrame] = []
    for unit in units:
        frames.extend(decoder.decode(av.Packet(unit)))
    frames.extend(decoder.decode(None))
    return frames
