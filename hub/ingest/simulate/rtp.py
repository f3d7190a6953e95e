"""RTP for H.264 (RFC 6184) and H.265 (RFC 7798), and RTCP sender reports (RFC 3550)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hub.ingest.simulate.bitstream import nal_units
from hub.types.media import Codec

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
PAYLOAD_BYTES_MAX = 1400
_FU_A = 28
_FU_H265 = 49
_NTP_FROM_UNIX = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""


def payloads(codec: Codec, access_unit: bytes, size_max: int = PAYLOAD_BYTES_MAX) -> list[bytes]:
    """RTP payloads of one access unit (Annex B): single NAL units, or fragments of larger ones."""
    cut = _fragments_h264 if codec is Codec.H264 else _fragments_h265
    result: list[bytes] = []
    for unit in nal_units(access_unit):
        if len(unit) <= size_max:
            result.append(unit)
        else:
            result.extend(cut(unit, size_max))
    return result


def _fragments_h264(unit: bytes, size_max: int) -> list[bytes]:
    """FU-A (RFC 6184, 5.8): indicator with the unit's importance, header with its type."""
    indicator = (unit[0] & 0xE0) | _FU_A
    return _fragments(unit[1:], bytes([indicator]), unit[0] & 0x1F, size_max)


def _fragments_h265(unit: bytes, size_max: int) -> list[bytes]:
    """Fragmentation units (RFC 7798, 4.4.3): the two-byte header with type 49, then the type."""
    header = bytes([(unit[0] & 0x81) | (_FU_H265 << 1), unit[1]])
    return _fragments(unit[2:], header, (unit[0] >> 1) & 0x3F, size_max)


def _fragments(body: bytes, header: bytes, kind: int, size_max: int) -> list[bytes]:
    step = size_max - len(header) - 1
    parts = [body[at : at + step] for at in range(0, len(body), step)]
    last = len(parts) - 1
    return [
        header + bytes([(0x80 if n == 0 else 0) | (0x40 if n == last else 0) | kind]) + part
        for n, part in enumerate(parts)
    ]


@dataclass(slots=True)
class RtpStream:
    """What one receiver gets: its own source id and sequence numbers, without gaps."""

    ssrc: int
    sequence: int
    packets: int = 0
    octets: int = 0

    def packets_of(self, parts: list[bytes], timestamp: int) -> list[bytes]:
        """RTP packets of one access unit; the last carries the marker."""
        last = len(parts) - 1
        result = []
        for n, part in enumerate(parts):
            marked = PAYLOAD_TYPE | (0x80 if n == last else 0)
            head = struct.pack("!BBHII", 0x80, marked, self.sequence, timestamp, self.ssrc)
            result.append(head + part)
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.octets += len(part)
        self.packets += len(parts)
        return result

    def sender_report(self, now: float, timestamp: int) -> bytes:
        """SR and SDES; `now` (UTC epoch seconds) is the moment of RTP time `timestamp`."""
        seconds = int(now)
        fraction = int((now - seconds) * 2**32) & 0xFFFFFFFF
        report = struct.pack(
            "!BBHIIIIII",
            0x80,
            200,
            6,
            self.ssrc,
            (seconds + _NTP_FROM_UNIX) & 0xFFFFFFFF,
            fraction,
            timestamp,
            self.packets & 0xFFFFFFFF,
            self.octets & 0xFFFFFFFF,
        )
        return report + struct.pack("!BBHIBB8sH", 0x81, 202, 4, self.ssrc, 1, 8, b"camera-1", 0)


def interleaved(channel: int, packet: bytes) -> bytes:
    """A packet framed for RTSP's own TCP connection (RFC 2326, 10.12)."""
    return struct.pack("!BBH", 0x24, channel, len(packet)) + packet
