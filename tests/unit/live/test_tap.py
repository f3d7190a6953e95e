"""Who listens to which stream: from the last keyframe on, without a gap, nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from hub.kit.clock import SimClock
from hub.kit.masks import Mask
from hub.live.items import Fault
from hub.live.streams import Stream
from hub.live.tap import LINGER_S, RENDITIONS_MAX, Offer, Tap
from hub.live.wire import Key
from hub.types.media import Codec, Packet, StreamInfo, StreamRole

INFO = StreamInfo(Codec.H264, 64, 48, b"sets")
MAIN, SUB = StreamRole.MAIN, StreamRole.SUB
MASK: Mask = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))


def packet(number: int, source: str = "cam", role: StreamRole = MAIN, gop: int = 5) -> Packet:
    at = number / 10
    return Packet(source, role, b"%d" % number, number % gop == 0, at, at, 1e9 + at, 1e9 + at)


@dataclass(eq=False)
class Ear:
    """A listener that remembers."""

    got: list[Packet] = field(default_factory=list)
    infos: list[StreamInfo] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def describe(self, info: StreamInfo) -> None:
        self.infos.append(info)

    def packet(self, packet: Packet) -> None:
        self.got.append(packet)

    def fault(self, fault: Fault) -> None:
        self.faults.append(fault.code)

    @property
    def numbers(self) -> list[int]:
        return [int(packet.data) for packet in self.got]


class PretendedRendition(Ear):
    """Paints by adding a word."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key = key
        self.painted = Stream(key[1], lambda: None)
        self.stopped = False

    def packet(self, packet: Packet) -> None:
        super().packet(packet)
        self.painted.take(packet._replace(data=b"painted " + packet.data), INFO)

    def stop(self) -> None:
        self.stopped = True


class Camera:
    """Keeps the last packets as a ring does, then hands them to the tap."""

    def __init__(self, tap: Tap, name: str = "cam", role: StreamRole = MAIN) -> None:
        self.tap, self.name, self.role = tap, name, role
        self.kept: list[Packet] = []
        self.info = INFO

    def send(self, *numbers: int) -> None:
        for number in numbers:
            sent = packet(number, self.name, self.role)
            self.kept.append(sent)
            self.tap.offer(sent, self.info)

    def recent(self) -> tuple[StreamInfo, Sequence[Packet]] | None:
        return (self.info, tuple(self.kept)) if self.kept else None


@pytest.fixture
def made() -> list[PretendedRendition]:
    return []


@pytest.fixture
def tap(made: list[PretendedRendition], clock: SimClock) -> Tap:
    def start(key: Key, masks: Sequence[Mask]) -> PretendedRendition:
        assert masks
        made.append(PretendedRendition(key))
        return made[-1]

    return Tap(start, clock)


def test_a_listener_gets_the_last_gop_and_then_what_comes(tap: Tap) -> None:
    camera, ear = Camera(tap), Ear()
    tap.begin("cam", Offer({MAIN: camera.recent}))
    camera.send(*range(8))
    tap.want(("cam", MAIN), ear)
    camera.send(8, 9, 10)
    assert ear.numbers == [5, 6, 7, 8, 9, 10]
    assert ear.infos == [INFO]
    tap.drop(("cam", MAIN), ear)
    camera.send(11)
    assert ear.numbers[-1] == 10


def test_a_packet_that_is_kept_but_not_handed_on_yet_comes_once(tap: Tap) -> None:
    camera, ear = Camera(tap), Ear()
    tap.begin("cam", Offer({MAIN: camera.recent}))
    camera.send(0, 1)
    under_way = packet(2)
    camera.kept.append(under_way)  # its thread is between the ring and the tap
    tap.want(("cam", MAIN), ear)
    tap.offer(under_way, INFO)
    camera.send(3)
    assert ear.numbers == [0, 1, 2, 3]


def test_no_gap_and_nothing_twice_while_packets_rush_in(tap: Tap) -> None:
    camera = Camera(tap)
    tap.begin("cam", Offer({MAIN: camera.recent}))
    ears = [Ear() for _ in range(20)]
    sending = threading.Thread(target=lambda: camera.send(*range(6_000)))
    sending.start()
    for ear in ears:
        tap.want(("cam", MAIN), ear)
    sending.join()
    for ear in ears:
        assert ear.numbers == list(range(ear.numbers[0], 6_000))
        assert ear.got[0].keyframe


def test_nothing_is_done_for_a_stream_that_nobody_wants(tap: Tap) -> None:
    camera, other = Camera(tap), Camera(tap, role=SUB)
    looks: list[str] = []

    def recent() -> tuple[StreamInfo, Sequence[Packet]] | None:
        looks.append("ring")
        return None

    tap.begin("cam", Offer({MAIN: recent, SUB: other.recent}))
    camera.send(*range(10))
    assert looks == []
    ear = Ear()
    tap.want(("cam", SUB), ear)
    camera.send(*range(10))
    assert (looks, ear.got) == ([], [])


def test_a_change_of_parameters_is_told_before_its_first_packet(tap: Tap) -> None:
    camera, ear = Camera(tap), Ear()
    tap.begin("cam", Offer({MAIN: camera.recent}))
    tap.want(("cam", MAIN), ear)
    camera.send(0, 1)
    camera.info = replace(INFO, width=128, generation=1)
    camera.send(5)
    assert [info.width for info in ear.infos] == [64, 128]


def test_before_the_first_keyframe_nothing_is_given(tap: Tap) -> None:
    camera, ear = Camera(tap), Ear()
    tap.begin("cam", Offer({MAIN: lambda: None}))
    tap.want(("cam", MAIN), ear)
    camera.send(3, 4, 5, 6)
    assert ear.numbers == [5, 6]


def test_who_asks_too_early_waits_and_a_camera_that_comes_again_goes_on(tap: Tap) -> None:
    camera, ear = Camera(tap), Ear()
    tap.want(("cam", MAIN), ear)
    assert ear.faults == ["not_watched"]
    tap.begin("cam", Offer({MAIN: camera.recent}))
    camera.send(0, 1)
    tap.end("cam")
    camera.send(2)
    assert ear.faults == ["not_watched", "not_watched"]
    again = Camera(tap)
    tap.begin("cam", Offer({MAIN: again.recent}))
    again.send(5, 6)
    assert ear.numbers == [0, 1, 5, 6]


def test_a_stream_that_the_camera_does_not_have(tap: Tap) -> None:
    ear = Ear()
    tap.begin("cam", Offer({MAIN: lambda: None}))
    tap.want(("cam", SUB), ear)
    assert ear.faults == ["no_such_stream"]


@pytest.mark.parametrize("role", [MAIN, SUB])
def test_a_masked_camera_gives_painted_packets_only(
    tap: Tap, made: list[PretendedRendition], role: StreamRole
) -> None:
    camera, first, second = Camera(tap, role=role), Ear(), Ear()
    tap.begin("cam", Offer({role: camera.recent}, (MASK,)))
    camera.send(0, 1)
    assert made == [], "nobody looks"
    tap.want(("cam", role), first)
    tap.want(("cam", role), second)
    camera.send(2, 5, 6)
    assert [rendition.numbers for rendition in made] == [[0, 1, 2, 5, 6]], "one for both"
    for ear in (first, second):
        assert ear.got
        assert all(p.data.startswith(b"painted ") for p in ear.got)


def test_a_rendition_outlives_its_last_viewer_by_some_seconds(
    tap: Tap, made: list[PretendedRendition], clock: SimClock
) -> None:
    camera, ear = Camera(tap), Ear()
    tap.begin("cam", Offer({MAIN: camera.recent}, (MASK,)))
    tap.want(("cam", MAIN), ear)
    tap.drop(("cam", MAIN), ear)
    clock.advance(LINGER_S - 1)
    tap.tend()
    tap.want(("cam", MAIN), ear)
    clock.advance(LINGER_S)
    tap.tend()
    assert [rendition.stopped for rendition in made] == [False], "somebody looks again"
    tap.drop(("cam", MAIN), ear)
    clock.advance(LINGER_S)
    tap.tend()
    assert [rendition.stopped for rendition in made] == [True]
    camera.send(0)
    assert made[0].got == []


def test_too_many_masked_streams_wait_for_a_place(
    tap: Tap, made: list[PretendedRendition], clock: SimClock
) -> None:
    ears = {f"cam{n}": Ear() for n in range(RENDITIONS_MAX + 1)}
    for name, ear in ears.items():
        tap.begin(name, Offer({MAIN: Camera(tap, name).recent}, (MASK,)))
        tap.want((name, MAIN), ear)
    last = f"cam{RENDITIONS_MAX}"
    assert [name for name, ear in ears.items() if ear.faults] == [last]
    assert ears[last].faults == ["masked_busy"]
    tap.drop(("cam0", MAIN), ears["cam0"])
    tap.tend()
    assert made[0].stopped, "an idle one makes room at once"
    assert made[-1].key == (last, MAIN)
    Camera(tap, last).send(0)
    assert len(ears[last].got) == 1


def test_masks_that_are_new_end_what_was_shown_unmasked(tap: Tap) -> None:
    camera, ear = Camera(tap), Ear()
    tap.begin("cam", Offer({MAIN: camera.recent}))
    tap.want(("cam", MAIN), ear)
    camera.send(0)
    tap.end("cam")
    tap.begin("cam", Offer({MAIN: camera.recent}, (MASK,)))
    camera.send(5)
    assert [p.data for p in ear.got] == [b"0", b"painted 5"]
