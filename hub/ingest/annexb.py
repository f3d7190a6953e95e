"""H.264 and H.265 access units as bytes with start codes, and the parameter sets in them.

RTSP gives start codes (Annex B), MP4 gives lengths (AVCC, HVCC; ISO/IEC 14496-15). The hub
carries Annex B only.
"""

from __future__ import annotations

import struct
from io import BytesIO

import av

from hub.types.media import Codec

START = b"\x00\x00\x00\x01"
_SHORT = b"\x00\x00\x01"
_H264_SETS = frozenset({7, 8})
_H265_SETS = frozenset({32, 33, 34})


def parameter_sets(codec: Codec, data: bytes) -> bytes:
    """The parameter sets that stand before the first slice, each with a start code; b"" if none."""
    kept: list[bytes] = []
    begin = data.find(_SHORT)
    while begin >= 0 and begin + 3 < len(data):
        head = data[begin + 3]
        kind = head & 0x1F if codec is Codec.H264 else (head >> 1) & 0x3F
        if _is_slice(codec, kind):
            break
        following = data.find(_SHORT, begin + 3)
        if kind in (_H264_SETS if codec is Codec.H264 else _H265_SETS):
            end = following if following >= 0 else len(data)
            kept.append(START + data[begin + 3 : end].rstrip(b"\x00"))
        begin = following
    return b"".join(kept)


def _is_slice(codec: Codec, kind: int) -> bool:
    return 1 <= kind <= 5 if codec is Codec.H264 else kind < 32


def from_extradata(codec: Codec, extradata: bytes) -> tuple[bytes, int]:
    """Extradata as Annex B, and the size of the length fields of its packets.

    0 stands for packets that are Annex B already. Broken extradata counts as none: the
    first keyframe will tell.
    """
    if not extradata or extradata[0] != 1:
        return extradata, 0
    try:
        if codec is Codec.H264:
            return _avcc_sets(extradata), (extradata[4] & 3) + 1
        return _hvcc_sets(extradata), (extradata[21] & 3) + 1
    except (IndexError, struct.error):
        return b"", 4


def _avcc_sets(box: bytes) -> bytes:
    """SPS and PPS of an AVCDecoderConfigurationRecord (14496-15, 5.3.3.1.2)."""
    out: list[bytes] = []
    at = 5
    for mask in (0x1F, 0xFF):
        count = box[at] & mask
        at += 1
        at = _take(box, at, count, out)
    return b"".join(out)


def _hvcc_sets(box: bytes) -> bytes:
    """VPS, SPS and PPS of an HEVCDecoderConfigurationRecord (14496-15, 8.3.3.1.2)."""
    out: list[bytes] = []
    at = 23
    for _ in range(box[22]):
        (count,) = struct.unpack_from(">H", box, at + 1)
        at = _take(box, at + 3, count, out)
    return b"".join(out)


def _take(box: bytes, at: int, count: int, out: list[bytes]) -> int:
    for _ in range(count):
        (size,) = struct.unpack_from(">H", box, at)
        out.append(START + box[at + 2 : at + 2 + size])
        at += 2 + size
    return at


def from_lengths(data: bytes, length_size: int) -> bytes:
    """A length-prefixed access unit with start codes instead; stops where it is cut short."""
    out: list[bytes] = []
    at = 0
    while at + length_size <= len(data):
        size = int.from_bytes(data[at : at + length_size], "big")
        at += length_size
        if size == 0 or at + size > len(data):
            break
        out.append(START + data[at : at + size])
        at += size
    return b"".join(out)


def picture_size(codec: Codec, sets: bytes, keyframe: bytes) -> tuple[int, int]:
    """Width and height in pixels, by decoding one keyframe; (0, 0) where that fails.

    Dear (milliseconds), so it is asked only when the parameter sets have changed.
    """
    stream = BytesIO(sets + keyframe)
    try:
        with av.open(stream, "r", format=codec.value) as container:
            video = container.streams.video[0]
            video.thread_count = 1
            return video.width, video.height
    except (av.FFmpegError, IndexError):
        return 0, 0
