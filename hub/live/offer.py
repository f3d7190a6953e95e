"""A browser's SDP offer: what is understood of it is written anew, the rest never read. Pure.

The library's parser trusts what it is given, and would send packets to every address named there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hub.kit.errors import Conflict, Refused

OFFER_BYTES_MAX = 32 << 10

_MEDIA = re.compile(r"m=video \d{1,5} UDP/TLS/RTP/SAVPF((?: \d{1,3})+)")
_TRANSPORT = {
    "ice-ufrag": re.compile(r"[A-Za-z0-9+/]{4,256}"),
    "ice-pwd": re.compile(r"[A-Za-z0-9+/]{22,256}"),
    "fingerprint": re.compile(r"(?i:sha-(?:256|384|512)) [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+"),
    "setup": re.compile(r"actpass|active|passive"),
    "mid": re.compile(r"[\w.-]{1,32}", re.ASCII),
}
"""All of these are needed; the first of each counts, whether of the session or of its medium."""

_EXTENSION = re.compile(
    r"(?:[1-9]|1[0-4])(?:/\w+)? (?:urn:ietf:params:rtp-hdrext:sdes:mid"
    r"|http://www\.webrtc\.org/experiments/rtp-hdrext/abs-send-time)"
)
_MAP = re.compile(r"(\d{1,3}) (H264|rtx)/90000", re.IGNORECASE)
_FORMAT = re.compile(r"(\d{1,3}) ([\w-]+=[\w-]+(?: *; *[\w-]+=[\w-]+)*);?", re.ASCII)
_FEEDBACK = re.compile(r"(\d{1,3}|\*) (?:nack(?: pli)?|goog-remb)")
_DYNAMIC = range(96, 128)
"""Payload types of RFC 3551 for negotiation; others the library answers by numbers of its own."""

_HEAD = ("v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0")


def understood(offer: bytes) -> str:
    """The offer as the hub takes it: one video, H.264 and its retransmission, no addresses.

    Where the browser is to be found shows in the checks it sends to ours: it proves itself by the
    password of the answer, and nobody can make us knock at an address of their choice.
    Raises Refused (`bad_offer`), Conflict (`needs_socket`) where there is no H.264.
    """
    lines = offer.decode("ascii", "replace").splitlines()
    media = [line for line in lines if line.startswith("m=")]
    if len(media) != 1 or not _MEDIA.fullmatch(media[0]):
        raise _bad("it must have one video and nothing else")
    said = [(name, value) for name, _, value in (line[2:].partition(":") for line in _told(lines))]
    if {name for name, _ in said} & {"sendonly", "inactive"}:
        raise _bad("it does not want to receive")
    transport = dict(_transport(said))
    types = _types(said)
    return "\r\n".join(
        [
            *_HEAD,
            f"a=group:BUNDLE {transport['mid']}",
            "m=video 9 UDP/TLS/RTP/SAVPF " + " ".join(types),
            "c=IN IP4 0.0.0.0",
            "a=recvonly",
            "a=rtcp-mux",
            *(f"a={name}:{value}" for name, value in transport.items()),
            *(f"a=rtpmap:{number} {name}/90000" for number, name in types.items()),
            *_details(said, types),
            "",
        ]
    )


def _bad(why: str) -> Refused:
    return Refused(f"this is no offer of a viewer: {why}", code="bad_offer")


def _told(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.startswith("a="))


def _transport(said: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    first = dict(reversed(list(said)))
    for name, form in _TRANSPORT.items():
        if not form.fullmatch(first.get(name, "")):
            raise _bad(f"`{name}` is missing or malformed")
        yield name, first[name]


def _types(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Codec by payload type."""
    maps = [_MAP.fullmatch(value) for name, value in said if name == "rtpmap"]
    types = {m[1]: m[2] for m in maps if m is not None and int(m[1]) in _DYNAMIC}
    if not any(codec.upper() == "H264" for codec in types.values()):
        raise Conflict("the browser does not take H.264 this way", code="needs_socket")
    return types


def _details(said: Iterable[tuple[str, str]], types: dict[str, str]) -> Iterator[str]:
    for name, value in said:
        if name == "extmap" and _EXTENSION.fullmatch(value):
            yield f"a=extmap:{value}"
        elif name == "rtcp-fb" and (told := _FEEDBACK.fullmatch(value)):
            if told[1] == "*" or told[1] in types:
                yield f"a=rtcp-fb:{value}"
        elif name == "fmtp" and (told := _FORMAT.fullmatch(value)) and told[1] in types:
            yield f"a=fmtp:{told[1]} " + re.sub(r"\s", "", told[2])
