"""What a protocol must offer to become a source of video: an opener, a source, a decoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from hub.kit.errors import Retryable
from hub.types.media import Codec, Picture
from hub.types.site import CameraSpec, Ring, Stream


class Fault(StrEnum):
    """Why a source gives no video: the same word in the log, the API and the tests."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    UNREACHABLE = "unreachable"
    NO_SUCH_PATH = "no_such_path"
    ADDRESS_REFUSED = "address_refused"
    TIMEOUT = "timeout"
    NOT_VIDEO = "not_video"
    AUDIO_ONLY = "audio_only"
    UNKNOWN_CODEC = "unknown_codec"
    NO_PICTURE = "no_picture"
    ENDED = "ended"
    BROKEN = "broken"


class SourceError(Retryable):
    """A source cannot be opened or gave up; `code` is one of `Fault`. Carries no password."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message, code=fault.value)
        self.fault = fault

    def __str__(self) -> str:
        """Code and message."""
        return f"{self.code}: {super().__str__()}"


class Unit(NamedTuple):
    """One access unit as it left the demuxer.

    `data` is Annex B. `pts_s` and `dts_s` are seconds as sent, unrepaired, None where
    missing. `native` is whatever the source's own decoder wants to see.
    """

    data: bytes
    keyframe: bool
    pts_s: float | None
    dts_s: float | None
    corrupt: bool = False
    native: object = None


class Decoded(NamedTuple):
    """A picture and the time it was sent with (seconds as sent, None where unknown)."""

    picture: Picture
    pts_s: float | None
    keyframe: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What a source says of its stream before the first packet; sizes may be 0.

    `extradata` as Annex B, empty where only the first keyframe will tell.
    """

    codec: Codec
    width: int
    height: int
    extradata: bytes
    fps: float = 0.0


class Decoder(Protocol):
    """Decodes the units of one source, in order."""

    def decode(self, unit: Unit) -> Sequence[Decoded]:
        """Pictures that came out, mostly one. Raises SourceError (`broken`) for garbage."""
        ...

    def flush(self) -> Sequence[Decoded]:
        """Pictures still held back at the end."""
        ...


class Source(Protocol):
    """One opened stream. Only the thread that opened it may use and close it; any may `cut` it."""

    @property
    def header(self) -> Header:
        """What is known before the first packet."""
        ...

    @property
    def read_limit_s(self) -> float:
        """Longest that one step of `units` may take, seconds."""
        ...

    def units(self) -> Iterator[Unit]:
        """Video units, blocking. Raises SourceError; the iterator ends where the media ends."""
        ...

    def decoder(self, masks: Sequence[Ring]) -> Decoder:
        """A decoder for this source's units that blacks out `masks` (picture coordinates)."""
        ...

    def cut(self) -> None:
        """Break the connection, so that a `units` that hangs ends with an error. Any thread."""
        ...

    def close(self) -> None:
        """Let go of sockets and memory."""
        ...


class Opener(Protocol):
    """Opens streams of cameras; tests give a pretended one."""

    open_limit_s: float
    """Longest that `open` may take, seconds."""

    def open(self, stream: Stream, camera: CameraSpec) -> Source:
        """Connect. Raises SourceError."""
        ...
