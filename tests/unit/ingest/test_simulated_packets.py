"""What leaves a simulated camera: RTP payloads and headers, sender reports, descriptions."""

from __future__ import annotations

import struct
from base64 import b64decode

import pytest

from hub.ingest.simulate import sdp
from hub.ingest.simulate.bitstream import ParameterSets, nal_units, parameter_sets
from hub.ingest.simulate.rtp import RtpStream, interleaved, payloads
from hub.types.media import Codec

START = b"\x00\x00\x00\x01"


def h264_rebuilt(parts: list[bytes]) -> list[bytes]:
    """NAL units out of RFC 6184 payloads, written from the RFC, not from the packetizer."""
    units: list[bytes] = []
    for part in parts:
        if part[0] & 0x1F != 28:
            units.append(part)
            continue
        if part[1] & 0x80:
            units.append(bytes([(part[0] & 0xE0) | (part[1] & 0x1F)]))
        units[-1] += part[2:]
    return units


def h265_rebuilt(parts: list[bytes]) -> list[bytes]:
    units: list[bytes] = []
    for part in parts:
        if (part[0] >> 1) & 0x3F != 49:
            units.append(part)
            continue
        if part[2] & 0x80:
            units.append(bytes([(part[0] & 0x81) | ((part[2] & 0x3F) << 1), part[1]]))
        units[-1] += part[3:]
    return units


def test_three_and_four_byte_start_codes_cut_alike() -> None:
    assert nal_units(START + b"\x67a" + b"\x00\x00\x01" + b"\x68b" + START) == [b"\x67a", b"\x68b"]


@pytest.mark.parametrize("size", [2, 99, 100, 101, 300, 1000])
def test_h264_fragments_give_the_unit_back(size: int) -> None:
    small, large = b"\x67\x42\x00\x1f", b"\x65" + bytes(n % 251 + 1 for n in range(size))
    parts = payloads(Codec.H264, START + small + START + large, size_max=100)
    assert max(map(len, parts)) <= 100
    assert h264_rebuilt(parts) == [small, large]


@pytest.mark.parametrize("size", [2, 99, 100, 101, 300, 1000])
def test_h265_fragments_give_the_unit_back(size: int) -> None:
    small, large = b"\x42\x01\x01", b"\x26\x01" + bytes(n % 251 + 1 for n in range(size))
    parts = payloads(Codec.H265, START + small + START + large, size_max=100)
    assert max(map(len, parts)) <= 100
    assert h265_rebuilt(parts) == [small, large]


def test_fragments_mark_their_first_and_last() -> None:
    parts = payloads(Codec.H264, START + b"\x65" + b"x" * 250, size_max=100)
    assert [part[1] & 0xC0 for part in parts] == [0x80, 0x00, 0x40]


def test_sequence_wraps_and_only_the_last_packet_is_marked() -> None:
    stream = RtpStream(ssrc=7, sequence=0xFFFE)
    packets = stream.packets_of([b"a", b"bb", b"ccc"], 0xFFFFFFFF)
    heads = [struct.unpack("!BBHII", packet[:12]) for packet in packets]
    assert [head[2] for head in heads] == [0xFFFE, 0xFFFF, 0]
    assert [head[1] >> 7 for head in heads] == [0, 0, 1]
    assert {head[3:] for head in heads} == {(0xFFFFFFFF, 7)}
    assert (stream.packets, stream.octets) == (3, 6)


def test_a_sender_report_ties_wall_clock_to_rtp_time() -> None:
    stream = RtpStream(ssrc=7, sequence=0)
    stream.packets_of([b"abc"], 1)
    report = stream.sender_report(1_000_000.5, 1234)
    first = struct.unpack("!BBHIIIIII", report[:28])
    assert first == (0x80, 200, 6, 7, 1_000_000 + 2_208_988_800, 1 << 31, 1234, 1, 3)
    flags, kind, words = struct.unpack("!BBH", report[28:32])
    assert (flags, kind, (words + 1) * 4) == (0x81, 202, len(report) - 28)


def test_interleaving_frames_the_packet() -> None:
    assert interleaved(2, b"abc") == b"$\x02\x00\x03abc"


def test_parameter_sets_are_found_and_missed() -> None:
    sets = parameter_sets(Codec.H265, START + START.join([b"\x40v", b"\x42s", b"\x44p", b"\x26x"]))
    assert (sets.vps, sets.sps, sets.pps) == (b"\x40v", b"\x42s", b"\x44p")
    with pytest.raises(ValueError, match="8"):
        parameter_sets(Codec.H264, START + b"\x67sps" + START + b"\x65idr")


def test_the_description_carries_the_parameter_sets_unless_told_not_to() -> None:
    sets = ParameterSets(Codec.H264, b"", b"\x67\x64\x00\x1fsps", b"\x68pps")
    text = sdp.describe("cam", "127.0.0.1", 25, sets, sprop=True)
    assert "m=video 0 RTP/AVP 96\r\n" in text
    assert "a=rtpmap:96 H264/90000\r\n" in text
    assert "profile-level-id=64001F" in text
    sprop = text.split("sprop-parameter-sets=")[1].split("\r\n")[0]
    assert [b64decode(one) for one in sprop.split(",")] == [sets.sps, sets.pps]
    assert "sprop" not in sdp.describe("cam", "127.0.0.1", 25, sets, sprop=False)


def test_h265_is_described_with_three_sets() -> None:
    sets = ParameterSets(Codec.H265, b"v", b"s", b"p")
    text = sdp.describe("cam", "127.0.0.1", 25, sets, sprop=True)
    assert "a=rtpmap:96 H265/90000" in text
    assert all(f"sprop-{name}=" in text for name in ("vps", "sps", "pps"))
    assert "fmtp" not in sdp.describe("cam", "127.0.0.1", 25, sets, sprop=False)
