"""A seat decides what an operator's browser is sent, and what is not sent any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from hub.kit.clock import SimClock
from hub.live.items import Fault, Fragment, Init, Piece
from hub.live.reel import ENTRY
from hub.live.reels import Reels
from hub.live.sheet import HEAD, Bundle
from hub.live.tile import Wanted
from hub.live.wall import WINDOW_TICKS, Seat, Sight
from hub.types.media import StreamRole
from hub.types.scene import HealthState

SUB, MAIN = StreamRole.SUB, StreamRole.MAIN
ONLINE = Sight(HealthState.ONLINE, 5.0)


@dataclass
class Stream:
    """A pretended reader."""

    camera: str
    role: StreamRole
    waiting: list[Piece] = field(default_factory=list)
    dropped: int = 0
    closed: bool = False

    def take(self) -> list[Piece]:
        taken, self.waiting = self.waiting, []
        return taken

    def close(self) -> None:
        self.closed = True


@dataclass
class Entry:
    tile: int
    kind: int
    flags: int
    captured_at: float
    media_s: float
    data: bytes


def opened(message: bytes) -> tuple[int, list[Entry]]:
    """The tick and the entries of a binary message."""
    version, zero, count, tick = HEAD.unpack_from(message)
    assert (version, zero) == (1, 0)
    at, entries = HEAD.size, []
    for _ in range(count):
        tile, kind, flags, length, captured_at, media_s = ENTRY.unpack_from(message, at)
        at += ENTRY.size
        entries.append(Entry(tile, kind, flags, captured_at, media_s, message[at : at + length]))
        at += length
    assert at == len(message)
    return tick, entries


class Room:
    """A seat, the streams it has opened, and what it has said."""

    def __init__(self) -> None:
        self.clock = SimClock()
        self.streams: list[Stream] = []
        self.reels = Reels(self.open, self.clock)
        self.seat = Seat(self.reels, self.clock)
        self.texts: list[dict[str, Any]] = []

    def open(self, camera: str, role: StreamRole) -> Stream:
        self.streams.append(Stream(camera, role))
        return self.streams[-1]

    def live(self, camera: str, role: StreamRole = SUB) -> Stream:
        (found,) = [
            s for s in self.streams if (s.camera, s.role, s.closed) == (camera, role, False)
        ]
        return found

    def tick(self) -> list[Entry]:
        """The pictures of one tick; what was said beside them is kept."""
        entries: list[Entry] = []
        self.reels.advance()
        for message in self.seat.tick():
            if isinstance(message, Bundle):
                entries += opened(b"".join(message.parts))[1]
            else:
                assert not entries, "what is said of a tile stands before its bytes"
                self.texts.append(message)
        return entries

    def said(self, op: str) -> list[dict[str, Any]]:
        """What was said since the last time."""
        for message in self.seat.tick():
            assert not isinstance(message, Bundle)
            self.texts.append(message)
        found = [text for text in self.texts if text["op"] == op]
        self.texts = [text for text in self.texts if text["op"] != op]
        return found


@pytest.fixture
def room() -> Room:
    return Room()


def init(generation: int = 0, codec: str = "avc1.4d401e") -> Init:
    return Init(b"init%d" % generation, codec, 640, 360, generation)


def picture(media_s: float, *, keyframe: bool = False, gap: bool = False) -> Fragment:
    return Fragment(b"picture %.1f" % media_s, keyframe, media_s, 1000.0 + media_s, gap)


def wall(*cameras: str) -> list[Wanted]:
    return [Wanted(number, camera, SUB) for number, camera in enumerate(cameras)]


def test_all_tiles_travel_in_one_message_and_begin_with_the_last_keyframe(room: Room) -> None:
    room.seat.want(wall("a", "b"))
    room.live("a").waiting = [init(), picture(1.0, keyframe=True), picture(1.1)]
    room.live("b").waiting = [init(4), picture(7.0, keyframe=True)]
    entries = room.tick()
    assert [(e.tile, e.kind, e.flags, e.data) for e in entries] == [
        (0, 1, 0, b"init0"),
        (0, 2, 1, b"picture 1.0"),
        (0, 2, 0, b"picture 1.1"),
        (1, 1, 0, b"init4"),
        (1, 2, 1, b"picture 7.0"),
    ]
    assert (entries[2].captured_at, entries[2].media_s) == (1001.1, 1.1)
    assert room.said("tile")[1] == {
        "op": "tile",
        "tile": 1,
        "camera": "b",
        "role": "sub",
        "codec": "avc1.4d401e",
        "width": 640,
        "height": 360,
        "generation": 4,
    }


def test_ticks_are_counted_and_nothing_is_sent_when_nothing_came(room: Room) -> None:
    room.seat.want(wall("a"))
    room.tick()
    assert room.seat.tick() == []
    for number in (1, 2, 3):
        room.reels.advance()  # a tick at which nothing came is not sent
        room.live("a").waiting = [picture(number / 10)]
        room.reels.advance()
        (message,) = room.seat.tick()
        assert isinstance(message, Bundle)
        assert opened(b"".join(message.parts))[0] == room.reels.turn


def test_what_stays_is_not_disturbed_and_what_is_missing_ends(room: Room) -> None:
    room.seat.want(wall("a", "b", "c"))
    a, b, c = room.streams
    room.seat.want([Wanted(0, "a", SUB), Wanted(1, "c", SUB)])
    # What only moves to another tile goes on from the same stream.
    assert (a.closed, b.closed, c.closed) == (False, True, False)
    assert len(room.streams) == 3
    room.seat.want([Wanted(0, "a", MAIN)])
    assert a.closed
    room.seat.close()
    assert all(stream.closed for stream in room.streams)


def test_a_viewer_who_confirms_nothing_is_sent_nothing_more(room: Room) -> None:
    room.seat.want(wall("a"))
    for number in range(WINDOW_TICKS):
        room.live("a").waiting = [picture(number / 10)]
        assert room.tick()
    room.live("a").waiting = [picture(9.9)]
    assert room.tick() == []
    room.clock.advance(1.0)
    assert room.seat.full_s == 1.0
    room.seat.got(WINDOW_TICKS + 7)  # what was never sent is not believed
    assert room.tick() == []
    room.seat.got(1)
    assert room.seat.full_s == 0.0
    assert [e.media_s for e in room.tick()] == [9.9]
    assert room.tick() == []


def test_a_gap_is_flagged_and_dropped_frames_are_told(room: Room) -> None:
    room.seat.want(wall("a", "b"))
    room.live("b").dropped = 12
    room.live("b").waiting = [picture(3.0, keyframe=True, gap=True), picture(3.1)]
    assert [e.flags for e in room.tick()] == [3, 0]
    room.seat.pulse()
    assert room.said("pulse") == [{"op": "pulse", "now": room.clock.now(), "dropped": {"1": 12}}]


def test_a_hidden_window_takes_nothing_and_begins_at_the_last_keyframe(room: Room) -> None:
    room.seat.want(wall("a"))
    room.live("a").dropped = 2
    room.tick()
    room.seat.pause()
    assert all(stream.closed for stream in room.streams)
    assert room.seat.idle
    room.seat.want(wall("a", "b"))
    assert len(room.streams) == 1
    room.seat.resume()
    room.live("a").waiting = [init(), picture(8.0, keyframe=True), picture(8.1)]
    assert [(e.kind, e.flags) for e in room.tick()] == [(1, 0), (2, 3), (2, 0)]
    room.live("a").dropped = 1
    room.seat.pulse()
    assert room.said("pulse")[0]["dropped"] == {"0": 3}


def test_pictures_of_an_older_generation_are_not_sent_under_the_name_of_the_new(
    room: Room,
) -> None:
    room.seat.want(wall("a"))
    room.live("a").waiting = [init(1), picture(1.0, keyframe=True)]
    assert len(room.tick()) == 2
    room.live("a").waiting = [picture(1.1), init(2), picture(0.1, keyframe=True)]
    assert [e.data for e in room.tick()] == [b"init2", b"picture 0.1"]
    assert room.said("tile")[-1]["generation"] == 2
    room.seat.pulse()
    assert room.said("pulse")[0]["dropped"] == {"0": 1}


def test_states_are_told_at_first_and_at_every_change(room: Room) -> None:
    room.seat.see({"a": ONLINE})
    room.seat.want(wall("a", "b"))
    first = {s["camera"]: (s["state"], s["last_picture_at"], s["why"]) for s in room.said("state")}
    assert first == {"a": ("online", 5.0, ""), "b": ("offline", None, "not_watched")}
    room.seat.see({"a": Sight(HealthState.ONLINE, 6.0), "b": ONLINE})
    assert [(s["camera"], s["state"]) for s in room.said("state")] == [("b", "online")]
    room.seat.see({"a": Sight(HealthState.STALE, 7.5, "no picture"), "b": ONLINE})
    assert room.said("state") == [
        {
            "op": "state",
            "camera": "a",
            "state": "stale",
            "last_picture_at": 7.5,
            "why": "no picture",
        }
    ]
    room.seat.want([])
    room.seat.want(wall("b"))
    assert [s["camera"] for s in room.said("state")] == ["b"]


def test_a_withheld_picture_is_said_of_its_tile_and_taken_back(room: Room) -> None:
    room.seat.see({"a": ONLINE})
    room.seat.want(wall("a"))
    room.said("state")
    room.live("a").waiting = [Fault("masked_busy", "four masked cameras are watched already")]
    assert room.tick() == []
    (told,) = room.said("state")
    assert (told["tile"], told["state"]) == (0, "withheld")
    assert told["why"] == "four masked cameras are watched already"
    room.live("a").waiting = [init(), picture(1.0, keyframe=True)]
    assert len(room.tick()) == 2
    assert [(s["camera"], s["state"]) for s in room.said("state")] == [("a", "online")]


def test_h265_goes_to_those_who_play_it(room: Room) -> None:
    room.seat.want([Wanted(0, "a", MAIN)], ["h264", "hevc"])
    room.live("a", MAIN).waiting = [init(codec="hvc1.1.6.L93.90"), picture(1.0, keyframe=True)]
    assert len(room.tick()) == 2


def test_who_does_not_play_h265_gets_the_sub_stream_if_that_is_h264(room: Room) -> None:
    room.seat.want([Wanted(0, "a", MAIN)], ["h264"])
    room.live("a", MAIN).waiting = [init(codec="hvc1.1.6.L93.90"), picture(1.0, keyframe=True)]
    assert room.tick() == []
    room.live("a", SUB).waiting = [init(), picture(1.0, keyframe=True)]
    assert len(room.tick()) == 2
    assert room.said("tile")[0]["role"] == "sub"


def test_who_can_play_neither_stream_is_told_so_once(room: Room) -> None:
    room.seat.want([Wanted(0, "a", MAIN)], ["h264"])
    for role in (MAIN, SUB):
        room.live("a", role).waiting = [init(codec="hvc1.1.6.L93.90"), picture(1.0)]
        assert room.tick() == []
    (told,) = [s for s in room.said("state") if "tile" in s]
    assert told["state"] == "unsupported"
    assert "hvc1.1.6.L93.90" in told["why"]
    assert all(stream.closed for stream in room.streams)


def test_a_camera_that_nobody_watches_is_waited_for(room: Room) -> None:
    room.seat.want(wall("a"))
    room.live("a").waiting = [Fault("not_watched", "no worker watches a now")]
    room.tick()
    (told,) = [s for s in room.said("state") if "tile" in s]
    assert (told["state"], told["why"]) == ("offline", "no worker watches a now")
    room.live("a").waiting = [init(), picture(1.0, keyframe=True)]
    assert len(room.tick()) == 2


def test_a_refused_tile_is_named(room: Room) -> None:
    room.seat.refuse(3, "not_found", "there is no camera x")
    assert not room.seat.idle
    assert room.said("refused") == [
        {"op": "refused", "tile": 3, "code": "not_found", "detail": "there is no camera x"}
    ]
    assert room.seat.idle
