"""H.265 parameter sets: what a player must be told before the first picture. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from hub.kit.errors import Permanent
from hub.live.nal import Bits, payload, units

VPS, SPS, PPS = 32, 33, 34
NOT_IN_SAMPLES = frozenset({VPS, SPS, PPS, 35, 36, 37, 38})
"""For `hvc1` the sets stand in `hvcC` alone; delimiters, ends and filler say nothing."""

_SUB_LAYERS_MAX = 7


@dataclass(frozen=True, slots=True)
class Sps:
    """What is read of a sequence parameter set; sizes in pixels after cropping.

    `general` are the twelve bytes of profile, tier, compatibility, constraints and level as they
    stand in the set and in `hvcC`. `reorder_frames`: how many pictures may be waited for.
    """

    general: bytes
    temporal_layers: int
    temporal_nested: int
    chroma_format: int
    luma_depth: int
    chroma_depth: int
    width: int
    height: int
    reorder_frames: int

    @property
    def codec(self) -> str:
        """RFC 6381 with ISO/IEC 14496-15, E.3: `hvc1.1.6.L93.b0`."""
        head, (flags,), level = self.general[0], struct.unpack_from(">I", self.general, 1), 11
        space = ("", "A", "B", "C")[head >> 6]
        reversed_flags = int(f"{flags:032b}"[::-1], 2)
        tier = "H" if head & 0x20 else "L"
        constraints = self.general[5:11].rstrip(b"\x00")
        parts = [
            f"hvc1.{space}{head & 0x1F}",
            f"{reversed_flags:x}",
            f"{tier}{self.general[level]}",
        ]
        return ".".join(parts + [f"{byte:x}" for byte in constraints])


@dataclass(frozen=True, slots=True)
class Sets:
    """The parameter sets of one stream, and the first sequence parameter set as read."""

    by_kind: dict[int, tuple[bytes, ...]]
    sps: Sps

    def record(self) -> bytes:
        """HEVCDecoderConfigurationRecord, lengths of four bytes (14496-15, 8.3.3.1.2)."""
        sps = self.sps
        parts = [
            struct.pack("B", 1),
            sps.general,
            struct.pack(
                ">HBBBBHBB",
                0xF000,
                0xFC,
                0xFC | sps.chroma_format,
                0xF8 | sps.luma_depth - 8,
                0xF8 | sps.chroma_depth - 8,
                0,
                sps.temporal_layers << 3 | sps.temporal_nested << 2 | 3,
                len(self.by_kind),
            ),
        ]
        for kind, sets in self.by_kind.items():
            parts.append(struct.pack(">BH", 0x80 | kind, len(sets)))
            parts += [struct.pack(">H", len(unit)) + unit for unit in sets]
        return b"".join(parts)


def kind_of(unit: bytes) -> int:
    """`nal_unit_type`."""
    return unit[0] >> 1 & 0x3F


def sets_of(extradata: bytes) -> Sets:
    """The parameter sets in Annex B. Raises Permanent (`unsupported`) where one is missing."""
    found = units(extradata)
    by_kind = {kind: _different(u for u in found if kind_of(u) == kind) for kind in (VPS, SPS, PPS)}
    if not all(by_kind.values()):
        raise Permanent("the stream has no H.265 parameter sets", code="unsupported")
    return Sets(by_kind, parse_sps(by_kind[SPS][0]))


def _different(units_: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(units_))


def parse_sps(unit: bytes) -> Sps:
    """Read a sequence parameter set (H.265, 7.3.2.2). Raises Permanent (`unsupported`)."""
    try:
        return _parse(payload(unit))
    except IndexError as error:
        raise Permanent("the H.265 parameter set is cut short", code="unsupported") from error


def _parse(data: bytes) -> Sps:
    layers = (data[2] >> 1 & 7) + 1
    if layers > _SUB_LAYERS_MAX or len(data) < 15:
        raise IndexError
    bits = Bits(data, 15)
    _skip_layer_profiles(bits, layers - 1)
    bits.ue()
    chroma = bits.ue()
    if chroma == 3:
        bits.bit()
    width, height = bits.ue(), bits.ue()
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.bit() else (0, 0, 0, 0)
    luma_depth, chroma_depth = bits.ue() + 8, bits.ue() + 8
    bits.ue()
    reorder = _reorder(bits, layers)
    return Sps(
        data[3:15],
        layers,
        data[2] & 1,
        chroma,
        luma_depth,
        chroma_depth,
        width - (2 if chroma in (1, 2) else 1) * (left + right),
        height - (2 if chroma == 1 else 1) * (top + bottom),
        reorder,
    )


def _skip_layer_profiles(bits: Bits, layers_below: int) -> None:
    """`sub_layer_*` of profile_tier_level (7.3.3)."""
    if not layers_below:
        return
    present = [(bits.bit(), bits.bit()) for _ in range(layers_below)]
    bits.skip(2 * (8 - layers_below))
    for profile, level in present:
        bits.skip(88 * profile + 8 * level)


def _reorder(bits: Bits, layers: int) -> int:
    """`sps_max_num_reorder_pics` of the highest layer."""
    reorder = 0
    for _ in range(layers if bits.bit() else 1):
        bits.ue()
        reorder = bits.ue()
        bits.ue()
    return reorder
