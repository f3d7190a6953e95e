"""What RTP is given: whole access units with their parameter sets, and times without a backlog."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from hub.kit.errors import Conflict
from hub.live.nal import units
from hub.live.packing import TICKS_S, Line, Packer
from hub.types.media import Codec
from tests.unit.live.streams import recorded

AUD, SPS, PPS, IDR = 9, 7, 8, 5
SILENT = b"\x00\x00\x00\x01" + bytes([12, 0xFF, 0x80])


def kinds(data: bytes) -> list[int]:
    return [unit[0] & 31 for unit in units(data)]


def test_a_keyframe_brings_its_parameter_sets() -> None:
    stream = recorded(frames=2, gop=2)
    key, other = stream.packets
    packer = Packer(stream.info)
    assert kinds(key.data)[:3] == [AUD, SPS, PPS]
    assert kinds(packer.packed(key))[:2] == [SPS, PPS]
    slices = b"".join(b"\x00\x00\x01" + u for u in units(key.data) if u[0] & 31 == IDR)
    bare = key._replace(data=slices)
    assert kinds(packer.packed(bare)) == [SPS, PPS, IDR, IDR]
    assert kinds(packer.packed(other._replace(data=SILENT + other.data))) == [1, 1]


def test_empty_units_of_a_careless_camera_are_left_out() -> None:
    stream = recorded(frames=1, gop=1)
    (key,) = stream.packets
    torn = key._replace(data=b"\x00\x00\x01\x00\x00\x01" + key.data + b"\x00\x00\x01")
    assert Packer(stream.info).packed(torn) == Packer(stream.info).packed(key)


def test_b_pictures_are_found_by_the_sets_the_times_and_the_slices() -> None:
    stream = recorded(frames=6, gop=6, bframes=2)
    with pytest.raises(Conflict) as refused:
        Packer(stream.info)
    assert refused.value.code == "needs_socket"
    plain = recorded(frames=1, gop=1)
    packer = Packer(plain.info)
    with pytest.raises(Conflict):
        packer.packed(plain.packets[0]._replace(media_s=plain.packets[0].dts_s + 0.04))
    # A camera that says nothing about it, and whose times were repaired into one line.
    packer._may_reorder = True
    packed, found = 0, 0
    for packet in stream.packets:
        try:
            packer.packed(packet._replace(media_s=packet.dts_s))
            packed += 1
        except Conflict:
            found += 1
    assert packed >= 2, "the keyframe and what it is followed by are none"
    assert found >= 2


def test_other_codecs_and_broken_sets_need_the_socket() -> None:
    h265 = recorded(Codec.H265, frames=1, gop=1).info
    for info in (h265, replace(h265, codec=Codec.H264), replace(h265, extradata=b"")):
        with pytest.raises(Conflict) as refused:
            Packer(info)
        assert refused.value.code == "needs_socket"


def test_a_backlog_is_stamped_as_it_leaves_and_live_pictures_as_they_were_taken() -> None:
    line = Line(now=50.0)
    # Fifty pictures of two seconds leave within 100 ms, the newest was taken just now.
    backlog = [line.stamp(100.0 + 0.04 * i, 50.0 + 0.002 * i) for i in range(51)]
    assert backlog[-1] == round(0.1 * TICKS_S)
    assert all(a < b for a, b in pairwise(backlog))
    # Live ones come early or late; the stamps keep to when they were taken.
    live = [
        line.stamp(102.0 + 0.04 * i, 50.1 + 0.04 * i + late)
        for i, late in enumerate((0, 0.03, 0.01))
    ]
    assert [b - a for a, b in pairwise(live[1:])] == [3600]
    assert live[1] - backlog[-1] == 3600


def test_a_line_goes_on_when_the_stream_begins_anew() -> None:
    line = Line(now=0.0)
    before = line.stamp(1000.0, 10.0)
    line.begin_anew()
    after = line.stamp(3.0, 12.0)
    assert after - before == 2 * TICKS_S
    assert line.stamp(3.0, 12.0) == after + 1, "never twice the same"
