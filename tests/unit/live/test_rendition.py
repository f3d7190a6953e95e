"""What is painted over is black in every picture; the rest is the camera's picture."""

from __future__ import annotations

import threading
from dataclasses import replace
from io import BytesIO

import av
import numpy as np
import pytest

from hub.kit.clock import RealClock
from hub.kit.masks import FILL_BGR, Mask
from hub.kit.metrics import Metrics
from hub.kit.supervise import Supervisor
from hub.live import rendition as module
from hub.live.items import Fault
from hub.live.rendition import Rendition
from hub.types.media import Codec, Packet, StreamInfo, StreamRole
from tests.unit.live.streams import recorded

KEY = ("c1", StreamRole.SUB)
LEFT: Mask = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


class Viewer:
    """Takes what is painted."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.infos: list[StreamInfo] = []
        self.arrived = threading.Event()

    def describe(self, info: StreamInfo) -> None:
        self.infos.append(info)

    def packet(self, packet: Packet) -> None:
        self.packets.append(packet)
        self.arrived.set()

    def fault(self, fault: Fault) -> None:
        raise AssertionError(fault)

    def pictures(self) -> list[np.ndarray]:
        """Luma of all that came."""
        data = self.infos[-1].extradata + b"".join(packet.data for packet in self.packets)
        with av.open(BytesIO(data), "r", format="h264") as container:
            return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


@pytest.fixture
def painted() -> tuple[Rendition, Viewer]:
    rendition, viewer = Rendition(KEY, (LEFT,), Metrics()), Viewer()
    rendition.painted.add(viewer)
    return rendition, viewer


def play(rendition: Rendition, info: StreamInfo, packets: list[Packet]) -> None:
    """One after the other, as a camera sends them."""
    rendition.describe(info)
    for packet in packets:
        rendition.packet(packet)
        rendition.step()


@pytest.fixture(autouse=True)
def _as_nice_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.live.rendition.os.setpriority", lambda *given: None)


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("bframes", [0, 2])
def test_the_mask_covers_every_picture(
    painted: tuple[Rendition, Viewer], codec: Codec, bframes: int
) -> None:
    rendition, viewer = painted
    sent = recorded(codec, frames=30, gop=30, bframes=bframes, size=(322, 182))
    play(rendition, sent.info, sent.packets)
    pictures = viewer.pictures()
    assert len(pictures) >= 24
    for picture in pictures:
        assert picture.shape == (182, 322)
        assert np.abs(picture[:, :156].astype(int) - FILL_BGR[0]).max() <= 6
        assert picture[:, 170:].std() > 20, "the other half is still a picture"
    assert viewer.infos[0].codec is Codec.H264


def test_times_are_those_of_the_camera(painted: tuple[Rendition, Viewer]) -> None:
    rendition, viewer = painted
    sent = recorded(frames=40, gop=40)
    play(rendition, sent.info, sent.packets)
    came = {packet.media_s: packet.captured_at for packet in sent.packets}
    assert {p.media_s: p.captured_at for p in viewer.packets} == came
    assert [p.media_s for p in viewer.packets] == sorted(came)
    keys = [p.media_s for p in viewer.packets if p.keyframe]
    assert np.allclose(np.diff(keys), module.GOP_S), "keyframes of its own, by media time"
    found = rendition.painted._recent()
    assert found is not None
    assert found[1][0].keyframe
    assert len(found[1]) == 20


def test_who_begins_late_catches_up_before_it_shows(painted: tuple[Rendition, Viewer]) -> None:
    rendition, viewer = painted
    sent = recorded(frames=30, gop=30)
    rendition.describe(sent.info)
    for packet in sent.packets:
        rendition.packet(packet)
    for _ in sent.packets:
        rendition.step()
    assert len(viewer.packets) <= 3.0 / module.SHOWN_EACH_S + module.LATE_MAX + 1
    assert viewer.packets[0].keyframe
    assert viewer.packets[-1].media_s == sent.packets[-1].media_s


def test_a_machine_that_is_too_slow_still_shows_the_newest_pictures(
    painted: tuple[Rendition, Viewer],
) -> None:
    rendition, viewer = painted
    sent = recorded(frames=120, gop=20)
    rendition.describe(sent.info)
    behind: list[float] = []
    for number, packet in enumerate(sent.packets):
        rendition.packet(packet)
        if number % 4 == 0:  # one in four can be worked on
            rendition.step()
            behind.append(packet.media_s - viewer.packets[-1].media_s)
    assert max(behind) < 2 * 2.0 + module.SHOWN_EACH_S, "never more than two groups of pictures"
    assert len(viewer.packets) >= 6, "one of each group at least"


def test_too_much_is_lost_up_to_the_next_keyframe(painted: tuple[Rendition, Viewer]) -> None:
    rendition, _ = painted
    sent = recorded(frames=20, gop=10)
    rendition.describe(sent.info)
    begin, end = sent.packets[:10], sent.packets[10:]
    for turn in range(60):
        for packet in begin:
            rendition.packet(packet._replace(media_s=packet.media_s + turn))
    assert len(rendition._waiting) == module.WAITING_MAX
    while len(rendition._waiting):
        rendition.step()
    for packet in end[1:]:
        rendition.packet(packet)
    assert len(rendition._waiting) == 0
    rendition.packet(end[0])
    assert len(rendition._waiting) == 1


def test_other_parameters_and_garbage(painted: tuple[Rendition, Viewer]) -> None:
    rendition, viewer = painted
    first, second = recorded(frames=3), recorded(frames=3, size=(160, 90))
    play(rendition, first.info, first.packets)
    play(rendition, replace(second.info, generation=1), second.packets)
    assert [(i.width, i.generation) for i in viewer.infos] == [(320, 0), (160, 1)]
    viewer.packets.clear()
    broken = second.packets[0]._replace(data=b"\0\0\0\1\x65" + bytes(200))
    with pytest.raises(module.NoRendition):
        play(rendition, viewer.infos[-1], [broken, *second.packets[1:]])
    play(rendition, second.info, second.packets)
    assert len(viewer.packets) == 3


def test_a_thread_of_its_own_until_it_is_stopped() -> None:
    supervisor = Supervisor(RealClock())
    rendition, viewer = Rendition(KEY, (LEFT,), Metrics()), Viewer()
    rendition.painted.add(viewer)
    rendition.start(supervisor)
    sent = recorded(frames=1)
    rendition.describe(sent.info)
    rendition.packet(sent.packets[0])
    assert viewer.arrived.wait(20)
    rendition.stop()
    rendition.packet(sent.packets[0])
    assert supervisor.stop(10) == []
    assert len(viewer.packets) == 1
