"""Of a browser's offer only what is understood goes on."""

from __future__ import annotations

import re

import pytest

from hub.kit.errors import Conflict, Refused
from hub.live.offer import understood

PRINT = "sha-256 " + ":".join(["AB"] * 32)
OFFER = f"""v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 39
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 10.1.2.3 50000 typ host
a=candidate:2 1 udp 2113937151 6f0a3f4e-7d0c-4b8e-9f0a-1b2c3d4e5f60.local 50001 typ host
a=end-of-candidates
a=ice-ufrag:AbCd
a=ice-pwd:{"x" * 24}
a=ice-options:trickle
a=fingerprint:{PRINT}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:toffset
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=recvonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=rtcp-fb:102 nack pli
a=rtcp-fb:102 ccm fir
a=fmtp:102 level-asymmetry-allowed=1; packetization-mode=1;profile-level-id=42e01f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:39 H264/90000
"""


def test_what_a_browser_says_is_written_anew() -> None:
    taken = understood(OFFER.replace("\n", "\r\n").encode()).splitlines()
    assert "a=rtpmap:102 H264/90000" in taken
    assert (
        "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f" in taken
    )
    assert "a=rtcp-fb:102 nack pli" in taken
    assert "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid" in taken
    assert {f"a=fingerprint:{PRINT}", "a=setup:actpass", "a=mid:0"} <= set(taken)
    assert not [line for line in taken if re.search("candidate|10.1.2.3|VP8|toffset|:39 ", line)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m=video", "m=audio 9 UDP/TLS/RTP/SAVPF 111\nm=video"),
        ("m=video", "m=application"),
        ("a=recvonly", "a=sendonly"),
        ("a=mid:0", ""),
        ("a=setup:actpass", "a=setup:holdconn"),
        ("a=ice-ufrag:AbCd", "a=ice-ufrag:A"),
        ("sha-256 AB", "sha-256 nonsense"),
        (OFFER, "v=0"),
        (OFFER, "\x00\xff"),
    ],
    ids=["audio", "data", "sends", "mid", "setup", "ufrag", "fingerprint", "empty", "binary"],
)
def test_what_is_no_viewer_s_offer_is_refused(before: str, after: str) -> None:
    assert before in OFFER
    with pytest.raises(Refused) as refused:
        understood(OFFER.replace(before, after).encode())
    assert refused.value.code == "bad_offer"


def test_without_h264_the_socket_is_needed() -> None:
    with pytest.raises(Conflict) as refused:
        understood(OFFER.replace("H264", "AV1").encode())
    assert refused.value.code == "needs_socket"
