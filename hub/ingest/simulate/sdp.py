"""Session descriptions (RFC 4566) of simulated cameras."""

from __future__ import annotations

from base64 import b64encode

from hub.ingest.simulate.bitstream import ParameterSets
from hub.ingest.simulate.rtp import CLOCK_HZ, PAYLOAD_TYPE
from hub.types.media import Codec

_ENCODING = {Codec.H264: "H264", Codec.H265: "H265"}


def describe(name: str, host: str, fps: int, sets: ParameterSets, *, sprop: bool) -> str:
    """The SDP of one stream; without `sprop` the parameter sets come only in the video itself."""
    lines = [
        "v=0",
        f"o=- 0 0 IN IP4 {host}",
        f"s={name}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=range:npt=now-",
        "a=control:*",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {_ENCODING[sets.codec]}/{CLOCK_HZ}",
        *_format(sets, sprop=sprop),
        f"a=framerate:{fps}",
        "a=control:trackID=0",
    ]
    return "\r\n".join(lines) + "\r\n"


def _format(sets: ParameterSets, *, sprop: bool) -> list[str]:
    if sets.codec is Codec.H264:
        said = ["packetization-mode=1", f"profile-level-id={sets.sps[1:4].hex().upper()}"]
        if sprop:
            said.append(f"sprop-parameter-sets={_text(sets.sps)},{_text(sets.pps)}")
    else:
        said = (
            [
                f"sprop-vps={_text(sets.vps)}",
                f"sprop-sps={_text(sets.sps)}",
                f"sprop-pps={_text(sets.pps)}",
            ]
            if sprop
            else []
        )
    return [f"a=fmtp:{PAYLOAD_TYPE} {'; '.join(said)}"] if said else []


def _text(parameter_set: bytes) -> str:
    return b64encode(parameter_set).decode("ascii")
