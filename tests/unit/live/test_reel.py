"""Many walls on one reel: packed once, each at its own place, nobody held up by another."""

from __future__ import annotations

import pytest

from hub.kit.clock import SimClock
from hub.live import reel as reels_module
from hub.live.items import Fault, Fragment, Init
from hub.live.reels import Reels
from hub.live.sheet import Bundle
from hub.live.tile import Wanted
from hub.live.wall import WINDOW_TICKS, Seat
from hub.types.media import StreamRole
from tests.unit.live.test_wall import Entry, Stream, opened

SUB = StreamRole.SUB


class Hall:
    """Viewers of one camera."""

    def __init__(self, count: int) -> None:
        self.clock = SimClock()
        self.streams: list[Stream] = []
        self.reels = Reels(self.open, self.clock)
        self.seats = [self.seat() for _ in range(count)]
        self.at = 0.0

    def open(self, camera: str, role: StreamRole) -> Stream:
        self.streams.append(Stream(camera, role, [init()]))
        return self.streams[-1]

    def seat(self) -> Seat:
        seat = Seat(self.reels, self.clock)
        seat.want([Wanted(0, "a", SUB)])
        return seat

    def comes(self, *pictures: Fragment) -> None:
        """Pictures come, a tenth of a second after those before."""
        self.clock.advance(0.1)
        self.streams[-1].waiting += pictures
        self.reels.advance()

    def goes_on(self, frames: int, gop: int = 10) -> None:
        """So many pictures, each of its own tick, a keyframe first in every group."""
        for _ in range(frames):
            number = round(self.at * 10)
            self.comes(picture(self.at, keyframe=number % gop == 0))
            self.at = (number + 1) / 10
            for seat in self.seats:
                seat.tick()


def init(generation: int = 0) -> Init:
    return Init(b"init", "avc1.4d401e", 640, 360, generation)


def picture(media_s: float, *, keyframe: bool = False, size: int = 4) -> Fragment:
    return Fragment(b"x" * size, keyframe, media_s, 1000.0 + media_s)


def shown(seat: Seat) -> list[Entry]:
    """The pictures of the next message."""
    return [
        entry
        for message in seat.tick()
        if isinstance(message, Bundle)
        for entry in opened(b"".join(message.parts))[1]
        if entry.kind == 2
    ]


def dropped(seat: Seat) -> int:
    seat.pulse()
    (told,) = [m for m in seat.tick() if not isinstance(m, Bundle) and m["op"] == "pulse"]
    return int(told["dropped"].get("0", 0))


def test_twenty_walls_open_one_stream_and_share_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(20)
    assert len(hall.streams) == 1
    hall.goes_on(3)
    packed: list[int] = []
    entry = reels_module.entry

    def counted(tile: int, picture: Fragment, *, gap: bool) -> bytes:
        packed.append(tile)
        return entry(tile, picture, gap=gap)

    monkeypatch.setattr(reels_module, "entry", counted)
    hall.comes(picture(0.3))
    assert [len(shown(seat)) for seat in hall.seats] == [1] * 20
    assert packed == [0]
    for seat in hall.seats[1:]:
        seat.close()
    assert not hall.streams[0].closed
    hall.seats[0].close()
    assert hall.streams[0].closed


def test_who_comes_later_begins_at_the_last_keyframe_however_long_ago() -> None:
    hall = Hall(1)
    hall.goes_on(78, gop=60)
    late = hall.seat()
    entries = shown(late)
    assert [e.media_s for e in entries] == pytest.approx([6.0 + n / 10 for n in range(18)])
    assert entries[0].flags == 1
    assert dropped(late) == 0
    hall.comes(picture(7.8))
    assert [e.media_s for e in shown(late)] == [7.8]


def test_who_is_held_up_for_a_moment_loses_nothing() -> None:
    hall = Hall(1)
    hall.goes_on(3)
    (seat,) = hall.seats
    hall.seats = []
    hall.goes_on(12, gop=50)
    entries = shown(seat)
    assert [round(e.media_s * 10) for e in entries] == list(range(3, 15))
    assert all(e.flags < 2 for e in entries)
    assert dropped(seat) == 0


def test_who_falls_behind_goes_on_at_a_keyframe_and_holds_up_nobody() -> None:
    hall = Hall(2)
    slow, quick = hall.seats
    hall.goes_on(3)
    hall.seats = [quick]
    hall.goes_on(30)  # three seconds, keyframes at 1.0, 2.0 and 3.0
    entries = shown(slow)
    assert [round(e.media_s, 1) for e in entries] == [3.0, 3.1, 3.2]
    assert [e.flags for e in entries] == [3, 0, 0]
    assert (dropped(slow), dropped(quick)) == (27, 0)


def test_without_a_newer_keyframe_it_waits_for_the_next() -> None:
    hall = Hall(1)
    hall.goes_on(3, gop=50)
    (slow,) = hall.seats
    hall.seats = []
    hall.goes_on(20, gop=50)
    assert shown(slow) == []
    hall.goes_on(27, gop=50)
    assert shown(slow) == []
    hall.goes_on(2, gop=50)
    assert [(round(e.media_s, 1), e.flags) for e in shown(slow)] == [(5.0, 3), (5.1, 0)]
    assert dropped(slow) == 47


def test_large_pictures_count_by_their_bytes() -> None:
    hall = Hall(1)
    hall.goes_on(1)
    (slow,) = hall.seats
    for number, size in ((1, 1 << 20), (2, 1 << 20), (3, 9)):
        hall.comes(picture(number / 10, size=size))
    assert shown(slow) == []
    assert dropped(slow) == 3


def test_a_group_that_never_ends_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reels_module, "KEPT_BYTES_MAX", 4000)
    hall = Hall(1)
    hall.goes_on(1)
    for number in range(1, 40):
        hall.comes(picture(number / 10, size=400))
    reel = hall.reels.join("a", SUB)
    assert len(reel.since(0)) <= 10
    late = hall.seat()
    assert shown(late) == []
    hall.comes(picture(9.0, keyframe=True))
    assert [e.media_s for e in shown(late)] == [9.0]


def test_a_fault_ends_what_is_kept_and_the_next_beginning_starts_anew() -> None:
    hall = Hall(1)
    hall.goes_on(3)
    hall.streams[0].waiting = [Fault("worker_gone")]
    hall.reels.advance()
    assert shown(hall.seats[0]) == []
    late = hall.seat()
    assert shown(late) == []
    hall.comes(init(1), picture(0.0, keyframe=True))  # type: ignore[arg-type]
    assert [len(shown(seat)) for seat in (hall.seats[0], late)] == [1, 1]


def test_one_whose_window_is_full_holds_up_nobody() -> None:
    hall = Hall(2)
    stuck, well = hall.seats
    for _ in range(WINDOW_TICKS + 20):
        hall.goes_on(1)
        well.got(hall.reels.turn)
    assert well.full_s == 0.0
    assert stuck.full_s > 0.0
    assert (dropped(well), dropped(stuck)) == (0, 0)
    stuck.got(WINDOW_TICKS)
    entries = shown(stuck)
    assert entries[0].flags == 3
    assert dropped(stuck) > 0
