"""A source read by PyAV, whatever the protocol: codec checked, audio left, errors named."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence

import av
from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from hub.ingest import annexb
from hub.ingest.decode import AvDecoder
from hub.ingest.line import Line
from hub.ingest.source import Fault, Header, SourceError, Unit
from hub.types.media import Codec
from hub.types.site import Ring

_CODECS = {"h264": Codec.H264, "hevc": Codec.H265}
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})


def named(error: av.FFmpegError) -> SourceError:
    """The error by our names and without the address, which ffmpeg prints with its password."""
    # PyAV's limit ends a call with ffmpeg's "Immediate exit requested", which says nothing.
    silent = isinstance(error, av.ExitError)
    text = "nothing came in time" if silent else error.strerror or type(error).__name__
    return SourceError(_fault(error), text)


def _fault(error: av.FFmpegError) -> Fault:
    match error:
        case av.HTTPUnauthorizedError() | av.HTTPForbiddenError():
            return Fault.WRONG_PASSWORD
        case av.HTTPNotFoundError() | av.FileNotFoundError():
            return Fault.NO_SUCH_PATH
        case av.TimeoutError() | av.ExitError():
            return Fault.TIMEOUT
        case av.ConnectionRefusedError():
            return Fault.UNREACHABLE
        case av.InvalidDataError():
            return Fault.NOT_VIDEO
        case av.EOFError():
            return Fault.ENDED
        case _ if error.errno in _NO_ROUTE:
            return Fault.UNREACHABLE
        case _:
            return Fault.BROKEN


def video_of(container: InputContainer) -> tuple[VideoStream, Codec]:
    """The first video stream. Raises SourceError for none, or a codec the hub does not carry."""
    if not container.streams.video:
        if container.streams.audio:
            raise SourceError(Fault.AUDIO_ONLY, "there is sound but no picture")
        raise SourceError(Fault.NOT_VIDEO, "there is no video in it")
    video = container.streams.video[0]
    name = video.codec_context.name if video.codec_context is not None else "unknown"
    codec = _CODECS.get(name)
    if codec is None:
        raise SourceError(Fault.UNKNOWN_CODEC, f"codec {name} is not carried, only H.264 and H.265")
    return video, codec


class AvSource:
    """An open PyAV container as a `Source`; owned by the thread that opened it."""

    def __init__(
        self, container: InputContainer, read_limit_s: float, line: Line | None = None
    ) -> None:
        self._container = container
        self._line = line
        self.read_limit_s = read_limit_s
        self._video, codec = video_of(container)
        self._video.thread_count = 1
        for stream in container.streams:
            if stream is not self._video:
                stream.discard = Discard.all
        context = self._video.codec_context
        extradata, self._length_size = annexb.from_extradata(codec, context.extradata or b"")
        rate = self._video.average_rate or self._video.guessed_rate
        self._tick_s = float(self._video.time_base or 0)
        self.header = Header(
            codec, context.width, context.height, extradata, float(rate) if rate else 0.0
        )

    def units(self) -> Iterator[Unit]:
        """Video units as Annex B. Raises SourceError; ends where the media ends."""
        tick_s, length_size = self._tick_s, self._length_size
        try:
            for packet in self._container.demux(self._video):
                data = bytes(packet)
                if not data and packet.pts is None and packet.dts is None:
                    break
                if length_size:
                    data = annexb.from_lengths(data, length_size)
                pts, dts = packet.pts, packet.dts
                yield Unit(
                    data,
                    packet.is_keyframe,
                    None if pts is None else pts * tick_s,
                    None if dts is None else dts * tick_s,
                    packet.is_corrupt,
                    packet,
                )
        except av.FFmpegError as error:
            if not self._was_cut:
                raise named(error) from None
        if self._was_cut:
            raise SourceError(Fault.TIMEOUT, "nothing came in time")

    @property
    def _was_cut(self) -> bool:
        return self._line is not None and self._line.was_cut

    def cut(self) -> None:
        """Break the connection; what is no connection ends by itself."""
        if self._line is not None:
            self._line.cut()

    def decoder(self, masks: Sequence[Ring]) -> AvDecoder:
        """The decoder of this stream's units."""
        return AvDecoder(self._video.codec_context, self._tick_s, masks)

    def close(self) -> None:
        """Close sockets."""
        try:
            self._container.close()
        finally:
            if self._line is not None:
                self._line.close()
