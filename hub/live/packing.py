"""A camera's packets as RTP takes them: whole access units, times a browser can follow. Pure."""

from __future__ import annotations

from hub.kit.errors import Conflict, Permanent
from hub.live import h264
from hub.live.nal import Bits, payload, units
from hub.types.media import Codec, Packet, StreamInfo

TICKS_S = 90_000
"""RTP's clock for video (RFC 6184, 8.2.1)."""

_START = b"\x00\x00\x00\x01"
_SILENT = h264.NOT_IN_SAMPLES - {h264.SPS, h264.PPS}
_SLICE, _IDR = 1, 5
_B = 1
_REORDERED_S = 0.001
_HEAD_BYTES = 16


def _needs_socket(why: str) -> Conflict:
    return Conflict(f"{why}: it is shown by the wall's socket", code="needs_socket")


class Packer:
    """Packets of one generation as Annex B for a browser's decoder.

    Raises Conflict (`needs_socket`) for what WebRTC cannot carry: anything but H.264 with 8 bits
    in 4:2:0, and pictures that are shown in another order than they are sent.
    """

    def __init__(self, info: StreamInfo) -> None:
        if info.codec is not Codec.H264:
            raise _needs_socket("the camera does not send H.264")
        try:
            sets = h264.sets_of(info.extradata)
        except Permanent as error:
            raise _needs_socket(str(error)) from error
        sps = sets.sps
        if (sps.chroma_format, sps.luma_depth, sps.chroma_depth) != (1, 8, 8):
            raise _needs_socket("the camera's colours are not 4:2:0 of 8 bits")
        if sps.reorder_frames:
            raise _needs_socket("the camera's pictures come in another order than they are shown")
        self._sets = (*sets.all_sps, *sets.all_pps)
        self._may_reorder = sps.reorder_frames is None

    def packed(self, packet: Packet) -> bytes:
        """One access unit; a keyframe carries its parameter sets, in whatever size it comes."""
        found = [unit for unit in units(packet.data) if unit[0] & 0x1F not in _SILENT]
        # A camera that does not say whether it reorders shows it by the times or by B slices.
        if packet.media_s - packet.dts_s > _REORDERED_S or (
            self._may_reorder and any(map(_is_b_slice, found))
        ):
            raise _needs_socket("the camera's pictures come in another order than they are shown")
        if packet.keyframe and not {h264.SPS, h264.PPS} <= {unit[0] & 0x1F for unit in found}:
            found = [*self._sets, *found]
        return b"".join(_START + unit for unit in found)


def _is_b_slice(unit: bytes) -> bool:
    """By the slice header's second number (H.264, 7.3.3 and table 7-6)."""
    if unit[0] & 0x1F not in (_SLICE, _IDR):
        return False
    bits = Bits(payload(unit[:_HEAD_BYTES]), 1)
    try:
        bits.ue()
        return bits.ue() % 5 == _B
    except IndexError:
        return False


class Line:
    """Stream times to RTP ticks, along the least delay seen so far.

    Pictures that come faster than they were taken (everything since the last keyframe, which a
    viewer is sent at once) are stamped as they leave: no browser has a reason to hold them back
    until their time, and to stay behind by a whole group of pictures.
    """

    def __init__(self, now: float) -> None:
        self._begun = now
        self._shift_s: float | None = None
        self._last = -1

    def begin_anew(self) -> None:
        """The times to come have nothing to do with those before."""
        self._shift_s = None

    def stamp(self, media_s: float, now: float) -> int:
        """Ticks since the line began, always more than before; `now` in monotonic seconds."""
        if self._shift_s is None or media_s + self._shift_s > now:
            self._shift_s = now - media_s
        ticks = round((media_s + self._shift_s - self._begun) * TICKS_S)
        self._last = max(ticks, self._last + 1)
        return self._last
