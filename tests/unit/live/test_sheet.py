"""Walls that show the same share one message, and nobody notices when one of them does not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from hub.kit.clock import SimClock
from hub.live.items import Fault, Fragment, Init
from hub.live.reels import Reels
from hub.live.sheet import Bundle
from hub.live.tile import Wanted
from hub.live.wall import WINDOW_TICKS, Seat
from hub.types.media import StreamRole
from tests.unit.live.test_wall import Entry, Stream, opened

SUB = StreamRole.SUB
CAMERAS = ("a", "b", "c", "d")
INIT = Init(b"init", "avc1.4d401e", 640, 360, 0)


class House:
    """Cameras with ten pictures a second, and seats before them."""

    def __init__(self) -> None:
        self.clock = SimClock()
        self.streams: dict[str, Stream] = {}
        self.reels = Reels(self.open, self.clock)
        self.taken = 0

    def open(self, camera: str, role: StreamRole) -> Stream:
        self.streams[camera] = Stream(camera, role, [INIT, self.picture(keyframe=True)])
        return self.streams[camera]

    def picture(self, *, keyframe: bool = False) -> Fragment:
        at = self.taken / 10
        return Fragment(b"picture %d" % self.taken, keyframe, at, at)

    def goes_on(self, cameras: Sequence[str] = CAMERAS) -> None:
        """A tick, at which each of these cameras has a picture; a keyframe in each second."""
        self.taken += 1
        self.clock.advance(0.1)
        for camera in cameras:
            if camera in self.streams:
                self.streams[camera].waiting.append(self.picture(keyframe=self.taken % 10 == 0))
        self.reels.advance()

    def seat(self, *cameras: str) -> Seat:
        seat = Seat(self.reels, self.clock)
        seat.want([Wanted(number, camera, SUB) for number, camera in enumerate(cameras)])
        return seat


def bundle(seat: Seat) -> Bundle | None:
    """What the seat sends, which its viewer confirms."""
    found = [message for message in seat.tick() if isinstance(message, Bundle)]
    if not found:
        return None
    seat.got(found[0].tick)
    return found[0]


def entries(message: Bundle | None) -> list[Entry]:
    return [] if message is None else opened(b"".join(message.parts))[1]


def test_equal_walls_are_given_the_same_message_and_others_their_own() -> None:
    house = House()
    seats = [house.seat("a", "b"), house.seat("a", "b"), house.seat("b", "a")]
    for _ in range(2):  # all at the beginning, each for itself
        house.goes_on()
        for seat in seats:
            bundle(seat)
    house.goes_on()
    one, two, three = [bundle(seat) for seat in seats]
    assert one is two is not None
    assert [e.data for e in entries(one)] == [b"picture 3", b"picture 3"]
    assert [(e.tile, e.data) for e in entries(three)] == [(0, b"picture 3"), (1, b"picture 3")]
    assert one is not three


def test_a_message_is_framed_once_for_all() -> None:
    framed: list[int] = []

    def frame(size: int) -> bytes:
        framed.append(size)
        return b"head:"

    message = Bundle(7, 1, [b"abc"])
    assert message.framed(frame) is message.framed(frame)
    assert framed == [8 + 3]
    assert message.framed(frame).endswith(b"abc")


def test_who_is_out_of_step_comes_back_into_it() -> None:
    house = House()
    seats = [house.seat("a", "b"), house.seat("a", "b")]
    one, two = seats
    for _ in range(3):
        house.goes_on()
        assert [len(entries(bundle(seat))) > 0 for seat in seats] == [True, True]
    house.goes_on()
    assert len(entries(bundle(one))) == 2  # the other is busy
    house.goes_on()
    late, on_time = entries(bundle(two)), entries(bundle(one))
    assert [(e.tile, e.data) for e in late] == [
        (0, b"picture 4"),
        (0, b"picture 5"),
        (1, b"picture 4"),
        (1, b"picture 5"),
    ]
    assert [e.data for e in on_time] == [b"picture 5", b"picture 5"]
    house.goes_on()
    together = [bundle(seat) for seat in seats]
    assert together[0] is together[1] is not None


def test_one_camera_that_is_away_keeps_nobody_out_of_step() -> None:
    house = House()
    seats = [house.seat("a", "b"), house.seat("a", "b")]
    house.goes_on()
    for seat in seats:
        bundle(seat)
    house.streams["b"].waiting = [Fault("camera_away")]
    house.goes_on(["a"])
    for seat in seats:
        bundle(seat)
    house.goes_on(["a"])
    one, two = [bundle(seat) for seat in seats]
    assert one is two is not None
    house.streams["b"].waiting = [replace(INIT, generation=1)]
    house.goes_on()
    for seat in seats:
        assert b"init" in [e.data for e in entries(bundle(seat))]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_no_picture_is_missing_without_a_word(seed: int) -> None:
    """Whoever is busy, hidden, turned elsewhere or cut off: what follows a hole is marked as such.

    A picture after a hole carries the gap flag or stands behind a new initialisation segment.
    """
    chance = random.Random(seed)
    house = House()
    seats = [house.seat(*CAMERAS[: 2 + number % 2]) for number in range(6)]
    shows = {seat: list(CAMERAS[: 2 + number % 2]) for number, seat in enumerate(seats)}
    taken: dict[str, list[int]] = {camera: [0] for camera in CAMERAS}
    last: dict[tuple[Seat, int], int] = {}
    sent = shared = 0
    for _ in range(400):
        for camera, stream in house.streams.items():
            if chance.random() < 0.01:
                stream.waiting += [Fault("camera_away"), replace(INIT, generation=house.taken)]
                taken[camera].append(house.taken)  # a hole
        there = [camera for camera in CAMERAS if chance.random() < 0.9]
        house.goes_on(there)
        for camera in there:
            taken[camera].append(house.taken)
        messages: set[Bundle] = set()
        for seat in seats:
            what = chance.random()
            if what < 0.05:
                continue
            if what < 0.06:
                seat.pause()
                seat.resume()
            elif what < 0.07:
                shows[seat] = chance.sample(CAMERAS, chance.choice((2, 2, 3)))
                seat.want([Wanted(tile, camera, SUB) for tile, camera in enumerate(shows[seat])])
            message = bundle(seat)
            shared += message in messages
            for each in entries(message):
                key = seat, each.tile
                if each.kind == 1:
                    last.pop(key, None)
                    continue
                number, before = int(each.data.split()[1]), last.get(key)
                if before is not None and not each.flags & 2:
                    known = taken[shows[seat][each.tile]]
                    assert number == known[known.index(before) + 1]
                last[key] = number
                sent += 1
            messages |= set() if message is None else {message}
    assert sent > 3000
    assert shared > 100


def test_the_window_counts_messages_and_not_ticks() -> None:
    house = House()
    seat = house.seat("a")
    house.goes_on()
    assert bundle(seat) is not None
    for _ in range(5 * WINDOW_TICKS):
        house.goes_on([])
        assert bundle(seat) is None
    for _ in range(WINDOW_TICKS):  # nobody confirms these
        house.goes_on()
        assert len([m for m in seat.tick() if isinstance(m, Bundle)]) == 1
    house.goes_on()
    assert not [m for m in seat.tick() if isinstance(m, Bundle)]
