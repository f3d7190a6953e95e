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
from enum import IntEnum
from typing import Any, NamedTuple

from hub.kit.errors import Retryable
from hub.live.items import Fault
from hub.types.media import Codec, Packet, StreamInfo, StreamRole

MESSAGE_BYTES_MAX = 32 << 20

LENGTH = struct.Struct(">I")
_HEAD = struct.Struct(">IB")
_PACKET = struct.Struct(">IBIBdddd")
_BODY = struct.Struct(">IBdddd")
_KEYFRAME, _REANCHORED, _GAP = 1, 2, 4

Key = tuple[str, StreamRole]
"""Camera id and role: what is asked for."""


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


@dataclass(frozen=True, slots=True)
class Asked:
    """`want` or `drop` of a stream."""

    key: Key
    wanted: bool


@dataclass(frozen=True, slots=True)
class Info:
    """Packets with the number `stream` belong to what was asked for as `key`, and are like this."""

    stream: int
    key: Key
    info: StreamInfo


class Carried(NamedTuple):
    """A packet under way, without what the receiver knows already (source, role, generation).

    `gap`: packets of this stream were dropped before it.
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
    """Why there is nothing now of what was asked for as `key`."""

    key: Key
    fault: Fault


Told = Info | Carried | Trouble
"""What a worker says."""


def asked(message: Asked) -> bytes:
    """`want` or `drop`."""
    return _json(Kind.WANT if message.wanted else Kind.DROP, _named(message.key))


def info(message: Info) -> bytes:
    """Parameters of a stream."""
    about = message.info
    sets = base64.b64encode(about.extradata).decode("ascii")
    body = {
        "stream": message.stream,
        "codec": about.codec.value,
        "width": about.width,
        "height": about.height,
        "extradata": sets,
        "generation": about.generation,
    }
    return _json(Kind.INFO, _named(message.key) | body)


def trouble(message: Trouble) -> bytes:
    """A fault."""
    said = {"code": message.fault.code, "detail": message.fault.detail}
    return _json(Kind.FAULT, _named(message.key) | said)


def packet(stream: int, carried: Packet, *, gap: bool = False) -> bytes:
    """One packet."""
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
    return Asked(_key(_parsed(message)), kind == Kind.WANT)


def read_told(message: memoryview) -> Told:
    """What a worker says (kind and body). Raises WireError."""
    kind = message[0]
    if kind == Kind.PACKET:
        return _carried(message)
    if kind == Kind.INFO:
        return _info(_parsed(message.tobytes()))
    if kind == Kind.FAULT:
        body = _parsed(message.tobytes())
        return Trouble(_key(body), Fault(str(body.get("code")), str(body.get("detail", ""))))
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


def _info(body: dict[str, Any]) -> Info:
    try:
        about = StreamInfo(
            Codec(body["codec"]),
            int(body["width"]),
            int(body["height"]),
            base64.b64decode(body["extradata"], validate=True),
            int(body["generation"]),
        )
        return Info(int(body["stream"]), _key(body), about)
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


def _named(key: Key) -> dict[str, Any]:
    return {"camera": key[0], "role": key[1].value}


def _key(body: dict[str, Any]) -> Key:
    try:
        return str(body["camera"]), StreamRole(body["role"])
    except (KeyError, ValueError) as error:
        raise WireError(f"no camera and role: {error}") from None
