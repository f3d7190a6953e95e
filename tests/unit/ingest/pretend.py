"""A pretended camera for the runner: says when it opens, what it sends and how it fails."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from hub.ingest.runner import CameraRunner, RunnerSettings
from hub.ingest.source import Decoded, Fault, Header, Source, SourceError, Unit
from hub.kit.clock import SimClock
from hub.kit.metrics import Metrics
from hub.types.media import U8, Codec, Frame, Packet, StreamInfo
from hub.types.scene import HealthChanged, HealthState
from hub.types.site import CameraSpec, Ring, Stream
from tests.unit.ingest.clips import camera

SETS = b"\0\0\0\1\x67sps\0\0\0\1\x68pps"
KEY = SETS + b"\0\0\0\1\x65idr"
DELTA = b"\0\0\0\1\x41more"


class Plain:
    """A picture of one gray level."""

    width, height = 320, 180

    def __init__(self, level: int) -> None:
        self._level = level

    def luma(self) -> U8:
        return np.full((180, 320), self._level % 200, np.uint8)

    def bgr(self, width: int, height: int) -> U8:
        return np.full((height, width, 3), self._level % 200, np.uint8)


class PretendDecoder:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._count = 0

    def decode(self, unit: Unit) -> Sequence[Decoded]:
        if self._script.undecodable:
            raise SourceError(Fault.BROKEN, "garbage")
        self._count += not self._script.frozen
        return [Decoded(Plain(self._count), unit.pts_s, unit.keyframe)]

    def flush(self) -> Sequence[Decoded]:
        return []


class Script:
    """One connection: sends `seconds` of pictures at 5 a second, then `ending`."""

    def __init__(
        self,
        clock: SimClock,
        seconds: float = 10.0,
        *,
        ending: Fault | None = None,
        frozen: bool = False,
        undecodable: bool = False,
        each: Callable[[], object] = lambda: None,
    ) -> None:
        self.header = Header(Codec.H264, 320, 180, SETS, 5.0)
        self.frozen = frozen
        self.undecodable = undecodable
        self.closed_by: int | None = None
        self.opened_by = threading.get_ident()
        self._clock = clock
        self._seconds = seconds
        self._ending = ending
        self._each = each

    read_limit_s = 5.0

    def units(self) -> Iterator[Unit]:
        for i in range(int(self._seconds * 5)):
            key = i % 10 == 0
            yield Unit(KEY if key else DELTA, key, i / 5, i / 5)
            self._clock.advance(0.2)
            self._each()
        if self._ending is not None:
            raise SourceError(self._ending, "it broke")

    def decoder(self, masks: Sequence[Ring]) -> PretendDecoder:
        return PretendDecoder(self)

    def cut(self) -> None:
        pass

    def close(self) -> None:
        self.closed_by = threading.get_ident()


class PretendOpener:
    """Plays its list of connections, a `Fault` standing for a refusal; then refuses for ever."""

    open_limit_s = 15.0

    def __init__(self, *plays: Script | Fault) -> None:
        self.plays: deque[Script | Fault] = deque(plays)
        self.asked: list[Stream] = []

    def open(self, stream: Stream, camera: CameraSpec) -> Source:
        self.asked.append(stream)
        play = self.plays.popleft() if self.plays else Fault.UNREACHABLE
        if isinstance(play, Fault):
            raise SourceError(play, "refused")
        return play


class Desk:
    """A runner driven by hand on a simulated clock, and all it said."""

    def __init__(self, opener: PretendOpener, clock: SimClock, **more: object) -> None:
        self.packets: list[tuple[Packet, StreamInfo]] = []
        self.frames: list[Frame] = []
        self.health: list[HealthChanged] = []
        self.metrics = Metrics()
        self.clock = clock
        self.runner = CameraRunner(
            camera(**more),
            opener=opener,
            clock=clock,
            rng=random.Random(4),
            metrics=self.metrics,
            on_packet=lambda packet, info: self.packets.append((packet, info)),
            on_frame=self.frames.append,
            on_health=self.health.append,
            settings=RunnerSettings(),
        )

    def watch(self, seconds: float) -> list[HealthState]:
        """Let `seconds` pass with nothing coming; the states told in that time."""
        told = len(self.health)
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.runner.watch()
        return [change.state for change in self.health[told:]]

    @property
    def states(self) -> list[HealthState]:
        return [change.state for change in self.health]
