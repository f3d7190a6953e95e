"""The relay's messages between a worker and an api process: encode and decode, nothing else.

A message is a length (u32, big endian: of all that follows), a kind (u8) and a body. Descriptions
and words are JSON; a packet has a fixed header, because there are thousands a second.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from hub.kit.errors import Retryable
from hub.live.items import Fault, Init
from hub.types.media import Codec, Packet, StreamInfo, StreamRole

MESSAGE_BYTES_MAX = 32 << 20

LENGTH = struct.Struct(">I")
_HEAD = struct.Struct(">IB")
_PACKET = struct.Struct(">IBIBdddd")
_BODY = struct.Struct(">IBdddd")
_KEYFRAME, _REANCHORED, _GAP = 1, 2, 4

Key = tuple[str, StreamRole]
"""Camera id and role: a stream."""


class Form(StrEnum):
    """What the pictures of a stream shall come as."""

    PACKETS = "packets"
    FRAGMENTS = "fragments"


class Wish(NamedTuple):
    """What an api process asks for."""

    camera: str
    role: StreamRole
    form: Form

    @property
    def key(self) -> Key:
        """Of which stream."""
        return self.camera, self.role


class WireError(Retryable):
    """The other side speaks another language; the connection is made anew."""

    code = "broken_message"


class Kind(IntEnum):
    """First byte of a message."""

    WANT = 1
    DROP = 2
    INFO = 3
    PACKET = 4
    FAULT = 5
    INIT = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """`want` or `drop` of a stream."""

    wish: Wish
    wanted: bool


@dataclass(frozen=True, slots=True)
class Info:
    """Pictures with the number `stream` belong to what was asked for, and begin with `about`.

    A StreamInfo before packets, an Init before fragments.
    """

    stream: int
    wish: Wish
    about: StreamInfo | Init


class Carried(NamedTuple):
    """A picture under way, without what the receiver knows already (source, role, generation).

    `data` is a packet's or a fragment's. `gap`: pictures of this stream were dropped before it.
    """

    stream: int
    data: bytes
    keyframe: bool
    reanchored: bool
    gap: bool
    media_s: float
    dts_s: float
    captured_at: float
    received_at: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is nothing now of what was asked for."""

    wish: Wish
    fault: Fault


Told = Info | Carried | Trouble
"""What a worker says."""


def asked(message: Asked) -> bytes:
    """`want` or `drop`."""
    return _json(Kind.WANT if message.wanted else Kind.DROP, _named(message.wish))


def info(message: Info) -> bytes:
    """Parameters of a stream, or its initialisation segment."""
    about = message.about
    kind, data = (
        (Kind.INIT, about.data) if isinstance(about, Init) else (Kind.INFO, about.extradata)
    )
    body = {
        "stream": message.stream,
        "codec": str(about.codec),
        "width": about.width,
        "height": about.height,
        "data": base64.b64encode(data).decode("ascii"),
        "generation": about.generation,
    }
    return _json(kind, _named(message.wish) | body)


def trouble(message: Trouble) -> bytes:
    """A fault."""
    said = {"code": message.fault.code, "detail": message.fault.detail}
    return _json(Kind.FAULT, _named(message.wish) | said)


def packet(stream: int, carried: Packet, *, gap: bool = False) -> bytes:
    """One picture: a packet, or one with a fragment in place of its data."""
    flags = carried.keyframe * _KEYFRAME | carried.reanchored * _REANCHORED | gap * _GAP
    head = _PACKET.pack(
        _PACKET.size - LENGTH.size + len(carried.data), Kind.PACKET, stream, flags,
        carried.media_s, carried.dts_s, carried.captured_at, carried.received_at,
    )  # fmt: skip
    return head + carried.data


def length_of(prefix: bytes | memoryview) -> int:
    """Bytes that follow the first four. Raises WireError for a length nobody would send."""
    length = int(LENGTH.unpack(prefix)[0])
    if not 1 <= length <= MESSAGE_BYTES_MAX:
        raise WireError(f"a message of {length} bytes")
    return length


def whole(begun: memoryview) -> Iterator[memoryview]:
    """The whole messages (kind and body) that what came begins with, as views into it.

    Raises WireError for a length nobody would send.
    """
    at, body, end = 0, LENGTH.size, len(begun)
    while body <= end:
        after = body + length_of(begun[at:body])
        if after > end:
            return
        yield begun[body:after]
        at, body = after, after + LENGTH.size


def read_asked(message: bytes) -> Asked:
    """What an api process says (kind and body). Raises WireError."""
    kind = message[0]
    if kind not in (Kind.WANT, Kind.DROP):
        raise WireError(f"message of kind {kind}")
    return Asked(_wish(_parsed(message)), kind == Kind.WANT)


def read_told(message: memoryview) -> Told:
    """What a worker says (kind and body). Raises WireError."""
    kind = message[0]
    if kind == Kind.PACKET:
        return _carried(message)
    if kind in (Kind.INFO, Kind.INIT):
        return _info(kind, _parsed(message.tobytes()))
    if kind == Kind.FAULT:
        body = _parsed(message.tobytes())
        return Trouble(_wish(body), Fault(str(body.get("code")), str(body.get("detail", ""))))
    raise WireError(f"message of kind {kind}")


def _carried(message: memoryview) -> Carried:
    try:
        stream, flags, media_s, dts_s, captured_at, received_at = _BODY.unpack_from(message, 1)
    except struct.error as error:
        raise WireError(f"half a packet: {error}") from None
    return Carried(
        stream,
        message[1 + _BODY.size :].tobytes(),
        bool(flags & _KEYFRAME),
        bool(flags & _REANCHORED),
        bool(flags & _GAP),
        media_s,
        dts_s,
        captured_at,
        received_at,
    )


def _info(kind: int, body: dict[str, Any]) -> Info:
    try:
        stream, codec, generation = int(body["stream"]), str(body["codec"]), int(body["generation"])
        width, height = int(body["width"]), int(body["height"])
        data = base64.b64decode(body["data"], validate=True)
        if kind == Kind.INIT:
            return Info(stream, _wish(body), Init(data, codec, width, height, generation))
        about = StreamInfo(Codec(codec), width, height, data, generation)
        return Info(stream, _wish(body), about)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise WireError(f"a description that cannot be read: {error}") from None


def _json(kind: Kind, body: dict[str, Any]) -> bytes:
    text = json.dumps(body, ensure_ascii=False).encode()
    return _HEAD.pack(1 + len(text), kind) + text


def _parsed(message: bytes) -> dict[str, Any]:
    try:
        body = json.loads(message[1:])
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    if not isinstance(body, dict):
        raise WireError("not a JSON object")
    return body


def _named(wish: Wish) -> dict[str, Any]:
    return {"camera": wish.camera, "role": wish.role.value, "form": wish.form.value}


def _wish(body: dict[str, Any]) -> Wish:
    try:
        return Wish(str(body["camera"]), StreamRole(body["role"]), Form(body["form"]))
    except (KeyError, ValueError) as error:
        raise WireError(f"no camera, role and form: {error}") from None
