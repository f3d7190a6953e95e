"""NAL units of H.264 and H.265: cutting Annex B, telling what they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub.types.media import Codec

_START = re.compile(b"\x00\x00\x00?\x01")
START_CODE = b"\x00\x00\x00\x01"

_SETS = {Codec.H264: (7, 8), Codec.H265: (32, 33, 34)}
"""NAL types of the parameter sets: SPS, PPS; VPS, SPS, PPS."""


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """Parameter sets without start codes; `vps` is empty for H.264."""

    codec: Codec
    vps: bytes
    sps: bytes
    pps: bytes


def nal_units(annex_b: bytes) -> list[bytes]:
    """The NAL units of an Annex B byte stream, without start codes, empty ones left out."""
    return [unit for unit in _START.split(annex_b) if unit]


def nal_type(codec: Codec, unit: bytes) -> int:
    """`nal_unit_type` (H.264 7.3.1, H.265 7.3.1.2)."""
    return unit[0] & 0x1F if codec is Codec.H264 else (unit[0] >> 1) & 0x3F


def parameter_sets(codec: Codec, annex_b: bytes) -> ParameterSets:
    """The parameter sets in a keyframe. Raises ValueError if one is missing."""
    found = {nal_type(codec, unit): unit for unit in reversed(nal_units(annex_b))}
    missing = [kind for kind in _SETS[codec] if kind not in found]
    if missing:
        raise ValueError(f"{codec} keyframe without NAL types {missing}")
    sets = [found[kind] for kind in _SETS[codec]]
    vps = sets.pop(0) if codec is Codec.H265 else b""
    return ParameterSets(codec, vps, sets[0], sets[1])
