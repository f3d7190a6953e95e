"""H.264 parameter sets: what a player must be told before the first picture. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from hub.kit.errors import Permanent
from hub.live.nal import Bits, payload, units

SPS, PPS = 7, 8
NOT_IN_SAMPLES = frozenset({SPS, PPS, 9, 10, 11, 12})
"""Parameter sets stand in `avcC` (14496-15, 5.3.1); delimiters, ends and filler say nothing."""

_HIGH = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles whose sets tell of chroma and bit depth (H.264, 7.3.2.1.1)."""
_EXTENDED_RECORD = frozenset({100, 110, 122, 144})
"""Profiles whose `avcC` does (14496-15, 5.3.3.1.2)."""
_WITHOUT_REORDERING = 2
"""`pic_order_cnt_type` of a stream whose output order is its decoding order (8.2.1.3)."""
_BASELINE = 66
_EXTENDED_SAR = 255


@dataclass(frozen=True, slots=True)
class Sps:
    """What is read of a sequence parameter set; sizes in pixels after cropping.

    `reorder_frames`: how many pictures may be waited for before one is shown; None where the
    stream does not say.
    """

    profile: int
    compatibility: int
    level: int
    chroma_format: int
    luma_depth: int
    chroma_depth: int
    width: int
    height: int
    reorder_frames: int | None

    @property
    def codec(self) -> str:
        """RFC 6381: `avc1.PPCCLL`."""
        return f"avc1.{self.profile:02x}{self.compatibility:02x}{self.level:02x}"


@dataclass(frozen=True, slots=True)
class Sets:
    """The parameter sets of one stream, and the first sequence parameter set as read."""

    all_sps: tuple[bytes, ...]
    all_pps: tuple[bytes, ...]
    sps: Sps

    def record(self) -> bytes:
        """AVCDecoderConfigurationRecord, lengths of four bytes (14496-15, 5.3.3.1.2)."""
        sps = self.sps
        parts = [struct.pack("5B", 1, sps.profile, sps.compatibility, sps.level, 0xFF)]
        parts.append(struct.pack("B", 0xE0 | len(self.all_sps)))
        parts += [struct.pack(">H", len(unit)) + unit for unit in self.all_sps]
        parts.append(struct.pack("B", len(self.all_pps)))
        parts += [struct.pack(">H", len(unit)) + unit for unit in self.all_pps]
        if sps.profile in _EXTENDED_RECORD:
            depths = (0xF8 | sps.luma_depth - 8, 0xF8 | sps.chroma_depth - 8)
            parts.append(struct.pack("4B", 0xFC | sps.chroma_format, *depths, 0))
        return b"".join(parts)


def sets_of(extradata: bytes) -> Sets:
    """The parameter sets in Annex B. Raises Permanent (`unsupported`) where one is missing."""
    found = units(extradata)
    all_sps = _different(unit for unit in found if unit[0] & 0x1F == SPS)
    all_pps = _different(unit for unit in found if unit[0] & 0x1F == PPS)
    if not all_sps or not all_pps:
        raise Permanent("the stream has no H.264 parameter sets", code="unsupported")
    return Sets(all_sps, all_pps, parse_sps(all_sps[0]))


def _different(units_: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(units_))


def parse_sps(unit: bytes) -> Sps:
    """Read a sequence parameter set (H.264, 7.3.2.1.1). Raises Permanent (`unsupported`)."""
    try:
        return _parse(payload(unit))
    except IndexError as error:
        raise Permanent("the H.264 parameter set is cut short", code="unsupported") from error


def _parse(data: bytes) -> Sps:
    profile, compatibility, level = data[1], data[2], data[3]
    bits = Bits(data, 4)
    bits.ue()
    chroma, luma_depth, chroma_depth = _formats(bits) if profile in _HIGH else (1, 8, 8)
    bits.ue()
    order = _picture_order(bits)
    bits.ue()
    bits.bit()
    width_mbs, height_units = bits.ue() + 1, bits.ue() + 1
    frames_only = bits.bit()
    if not frames_only:
        bits.bit()
    bits.bit()
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.bit() else (0, 0, 0, 0)
    unit_x = 1 if chroma in (0, 3) else 2
    unit_y = (2 if chroma == 1 else 1) * (2 - frames_only)
    return Sps(
        profile,
        compatibility,
        level,
        chroma,
        luma_depth,
        chroma_depth,
        width_mbs * 16 - unit_x * (left + right),
        height_units * 16 * (2 - frames_only) - unit_y * (top + bottom),
        0 if order == _WITHOUT_REORDERING or profile == _BASELINE else _reorder(bits),
    )


def _formats(bits: Bits) -> tuple[int, int, int]:
    """Chroma format and both depths; passes over the scaling lists."""
    chroma = bits.ue()
    if chroma == 3:
        bits.bit()
    luma_depth, chroma_depth = bits.ue() + 8, bits.ue() + 8
    bits.bit()
    if bits.bit():
        for index in range(8 if chroma != 3 else 12):
            if bits.bit():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma, luma_depth, chroma_depth


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _picture_order(bits: Bits) -> int:
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.bit()
        bits.se()
        bits.se()
        for _ in range(bits.ue()):
            bits.se()
    return kind


def _reorder(bits: Bits) -> int | None:
    """`max_num_reorder_frames` of the usability information (E.1.1), None where it is absent."""
    if not bits.bit():
        return None
    try:
        return _reorder_of_vui(bits)
    except IndexError:  # cut short by a careless camera: the rest of the set is whole
        return None


def _reorder_of_vui(bits: Bits) -> int | None:
    if bits.bit() and bits.u(8) == _EXTENDED_SAR:
        bits.skip(32)
    if bits.bit():
        bits.bit()
    if bits.bit():
        bits.skip(4)
        if bits.bit():
            bits.skip(24)
    if bits.bit():
        bits.ue()
        bits.ue()
    if bits.bit():
        bits.skip(65)
    if any([_skip_hrd(bits), _skip_hrd(bits)]):
        bits.bit()
    bits.bit()
    if not bits.bit():
        return None
    bits.bit()
    for _ in range(4):
        bits.ue()
    return bits.ue()


def _skip_hrd(bits: Bits) -> bool:
    """Whether there were parameters of a hypothetical decoder (E.1.2)."""
    if not bits.bit():
        return False
    count = bits.ue() + 1
    bits.skip(8)
    for _ in range(count):
        bits.ue()
        bits.ue()
        bits.bit()
    bits.skip(20)
    return True
