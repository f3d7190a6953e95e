"""Fragmented MP4 (ISO/IEC 14496-12) of one video stream: one picture a fragment. Pure.

What the browser's Media Source Extensions take: an initialisation segment, then `moof` and `mdat`
for each picture, the decode times on the stream's own line, no edit lists.
"""

from __future__ import annotations

import struct

from hub.kit.errors import Permanent
from hub.live import h264, h265
from hub.live.items import Fragment, Init
from hub.live.nal import units, with_lengths
from hub.types.media import Codec, Packet, StreamInfo

TIMESCALE = 90_000
LASTS_TICKS_MIN = TIMESCALE // 10
LASTS_TICKS_MAX = TIMESCALE
FADE = 0.95
"""A browser that finds more than two durations between two pictures shows nothing before the
next keyframe (Media Source Extensions, coded frame processing). Nobody knows how long a picture
will last when it is sent, so each is said to last as long as the longest gap lately; the next one
ends it anyway."""

_TRACK = 1
_SYNC = 0x02000000  # depends on no other
_NO_SYNC = 0x01010000
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


class Muxer:
    """Makes the segments of one stream, for all its viewers at once.

    Raises Permanent (`unsupported`) when the parameter sets cannot be understood.
    """

    def __init__(self, info: StreamInfo) -> None:
        self._info = info
        self._sets: h264.Sets | h265.Sets
        if info.codec is Codec.H264:
            self._sets, self._sample = h264.sets_of(info.extradata), _h264_sample
        else:
            self._sets, self._sample = h265.sets_of(info.extradata), _h265_sample
        self._sequence = 0
        self._last_ticks: int | None = None
        self._lasts_ticks = LASTS_TICKS_MAX

    def init(self) -> Init:
        """The initialisation segment. Raises Permanent (`unsupported`) for impossible numbers."""
        try:
            return self._init()
        except struct.error as error:
            raise Permanent(f"its parameters make no sense: {error}", code="unsupported") from None

    def _init(self) -> Init:
        sps = self._sets.sps
        width, height = self._info.width or sps.width, self._info.height or sps.height
        data = _box(b"ftyp", b"iso5", struct.pack(">I", 0x200), b"iso5iso6mp41") + _box(
            b"moov",
            _movie_header(),
            self._track(width, height),
            _box(b"mvex", _full(b"trex", 0, 0, struct.pack(">5I", _TRACK, 1, 0, 0, 0))),
        )
        return Init(data, sps.codec, width, height, self._info.generation)

    def fragment(self, packet: Packet) -> Fragment:
        """One picture as `moof` and `mdat`."""
        sample = self._sample(packet.data)
        ticks = max(0, round(packet.dts_s * TIMESCALE))
        if self._last_ticks is not None:
            faded = max(int(FADE * self._lasts_ticks), LASTS_TICKS_MIN)
            self._lasts_ticks = min(max(ticks - self._last_ticks, faded), LASTS_TICKS_MAX)
        self._last_ticks = ticks
        self._sequence += 1
        data = _FRAGMENT.pack(
            _BEFORE_SEQUENCE,
            self._sequence & 0xFFFFFFFF,
            _BEFORE_TIME,
            ticks,
            _BEFORE_SAMPLE,
            self._lasts_ticks,
            len(sample),
            _SYNC if packet.keyframe else _NO_SYNC,
            min(max(round(packet.media_s * TIMESCALE) - ticks, -_OFFSET_MAX), _OFFSET_MAX),
            8 + len(sample),
            b"mdat",
        )
        return Fragment(data + sample, packet.keyframe, packet.media_s, packet.captured_at)

    def _track(self, width: int, height: int) -> bytes:
        entry = struct.pack(
            ">6xH16xHHIIIH32sHh", 1, width, height, 72 << 16, 72 << 16, 0, 1, b"", 24, -1
        )
        record = self._sets.record()
        if self._info.codec is Codec.H264:
            described = _box(b"avc1", entry, _box(b"avcC", record))
        else:
            described = _box(b"hvc1", entry, _box(b"hvcC", record))
        return _box(
            b"trak",
            _full(
                b"tkhd",
                0,
                3,
                struct.pack(">2I I4x I 8x hhh2x", 0, 0, _TRACK, 0, 0, 0, 0),
                _MATRIX,
                struct.pack(">2I", width << 16, height << 16),
            ),
            _box(
                b"mdia",
                _full(b"mdhd", 0, 0, struct.pack(">4IHH", 0, 0, TIMESCALE, 0, 0x55C4, 0)),
                _full(b"hdlr", 0, 0, struct.pack(">4x4s12x", b"vide"), b"video\x00"),
                _box(b"minf", _full(b"vmhd", 0, 1, bytes(8)), _DATA_HERE, _table(described)),
            ),
        )


def _movie_header() -> bytes:
    return _full(
        b"mvhd",
        0,
        0,
        struct.pack(">4IIH10x", 0, 0, TIMESCALE, 0, 0x10000, 0x100),
        _MATRIX,
        bytes(24),
        struct.pack(">I", _TRACK + 1),
    )


def _table(described: bytes) -> bytes:
    """A sample table with the description and no samples: those come in fragments."""
    empty = struct.pack(">I", 0)
    return _box(
        b"stbl",
        _full(b"stsd", 0, 0, struct.pack(">I", 1), described),
        _full(b"stts", 0, 0, empty),
        _full(b"stsc", 0, 0, empty),
        _full(b"stsz", 0, 0, empty, empty),
        _full(b"stco", 0, 0, empty),
    )


_DATA_HERE = _box(b"dinf", _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1)))

# A fragment is always the same 112 bytes but for seven numbers:
# moof [mfhd sequence, traf [tfhd, tfdt time, trun duration size flags offset]], mdat
_FRAGMENT = struct.Struct(">20sI36sQ20sIIIiI4s")
_MOOF_BYTES = 104
_OFFSET_MAX = (1 << 31) - 1
_BEFORE_SEQUENCE = struct.pack(">I4sI4sI", _MOOF_BYTES, b"moof", 16, b"mfhd", 0)
_BEFORE_TIME = struct.pack(
    ">I4s I4sII I4sI", 80, b"traf", 16, b"tfhd", 0x020000, _TRACK, 20, b"tfdt", 1 << 24
)
_BEFORE_SAMPLE = struct.pack(">I4sIII", 36, b"trun", 1 << 24 | 0xF01, 1, _MOOF_BYTES + 8)


def _h264_sample(data: bytes) -> bytes:
    return with_lengths([u for u in units(data) if u[0] & 0x1F not in h264.NOT_IN_SAMPLES])


def _h265_sample(data: bytes) -> bytes:
    return with_lengths([u for u in units(data) if u[0] >> 1 & 0x3F not in h265.NOT_IN_SAMPLES])
