"""A clip as a camera's encoder would have sent it: access units, ready for the wire."""

from __future__ import annotations

import json
import os
import tempfile
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hub.ingest.simulate.bitstream import ParameterSets, parameter_sets
from hub.ingest.simulate.rtp import payloads
from hub.types.media import Codec


@dataclass(frozen=True)
class Rendition:
    """Access units (Annex B, parameter sets in each keyframe), one a frame, `fps` a second."""

    codec: Codec
    width: int
    height: int
    fps: int
    keyframes: tuple[int, ...]
    units: tuple[bytes, ...]

    def __len__(self) -> int:
        return len(self.units)

    @cached_property
    def sets(self) -> ParameterSets:
        """Parameter sets of the first keyframe."""
        return parameter_sets(self.codec, self.units[0])

    @cached_property
    def payloads(self) -> tuple[list[bytes], ...]:
        """RTP payloads by frame, cut once for all cameras and clients."""
        return tuple(payloads(self.codec, unit) for unit in self.units)

    @cached_property
    def _keyframe_set(self) -> frozenset[int]:
        return frozenset(self.keyframes)

    def is_keyframe(self, frame: int) -> bool:
        """Whether decoding can begin at this frame."""
        return frame in self._keyframe_set

    def group_of(self, frame: int) -> int:
        """Number of the group of pictures a frame belongs to."""
        return bisect_right(self.keyframes, frame) - 1


def save(rendition: Rendition, path: Path) -> None:
    """Write to `path` at once: a header line of JSON, then the access units."""
    header = {
        "codec": rendition.codec.value,
        "width": rendition.width,
        "height": rendition.height,
        "fps": rendition.fps,
        "keyframes": rendition.keyframes,
        "sizes": [len(unit) for unit in rendition.units],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(json.dumps(header).encode() + b"\n")
        file.writelines(rendition.units)
    os.replace(file.name, path)


def load(path: Path) -> Rendition | None:
    """Read what `save` wrote; None if it is not there or not whole."""
    try:
        header, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    said = json.loads(header)
    units: list[bytes] = []
    at = 0
    for size in said["sizes"]:
        units.append(body[at : at + size])
        at += size
    if at != len(body):
        return None
    return Rendition(
        codec=Codec(said["codec"]),
        width=said["width"],
        height=said["height"],
        fps=said["fps"],
        keyframes=tuple(said["keyframes"]),
        units=tuple(units),
    )
