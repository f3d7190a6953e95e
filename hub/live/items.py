"""What readers of live video are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hub.types.media import Packet, StreamInfo


@dataclass(frozen=True, slots=True)
class Described:
    """The packets from here on belong to this stream.

    `info.generation` counts on within one api process: other parameters, but also a worker that
    was started anew and whose times begin again, are a new generation.
    """

    info: StreamInfo


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is nothing now; the reader goes on by itself when it is over.

    `code`: `not_watched`, `worker_gone`, `masked_busy`, `no_such_stream`, or the code of the
    error that the muxer gave up with (`unsupported`).
    """

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Init:
    """An initialisation segment. `codec` is the RFC 6381 string, sizes in pixels."""

    data: bytes
    codec: str
    width: int
    height: int
    generation: int


class Fragment(NamedTuple):
    """One picture as a media segment, made once and shared by all readers.

    `media_s` are seconds on the stream's own line, `captured_at` UTC epoch seconds. `gap`: this
    reader, or the way from the worker, lost pictures before this one.
    """

    data: bytes
    keyframe: bool
    media_s: float
    captured_at: float
    gap: bool = False


Item = Described | Packet | Fault
"""What a reader of packets is given."""

Piece = Init | Fragment | Fault
"""What a reader of fragments is given."""
