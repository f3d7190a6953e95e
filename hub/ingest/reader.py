"""One thread's work: one stream of one camera, connected and read until it ends."""

from __future__ import annotations

import logging
import math
import random
import threading

from hub.ingest.lane import Counts, FrameLane, PacketLane
from hub.ingest.source import Fault, Opener, Source, SourceError
from hub.kit.clock import Clock
from hub.types.media import StreamRole
from hub.types.site import CameraSpec, Spec, Stream

log = logging.getLogger(__name__)


class ReaderPolicy(Spec):
    """Patience with one stream, seconds."""

    no_picture_s: float = 10.0
    """Packets without a picture for so long end the connection."""
    first_picture_s: float = 30.0
    """The same before the first picture: the first keyframe may be a long GOP away."""
    good_after_s: float = 5.0
    """A connection that gave video for so long counts as good: its end is not a failure."""
    spread_s: float = 2.0
    """After a good connection the next begins within this, at random: a fleet spreads out."""


class StreamReader:
    """Reads one stream. `step` is one connection's life, for kit.supervise.

    Opens, reads and closes its source in the thread that runs `step`; other threads read
    `seen_at`, `limit_s`, `last_error` and its moment `failed_at`, and may set `stop` and `cut`.
    """

    def __init__(
        self,
        camera: CameraSpec,
        stream: Stream,
        role: StreamRole,
        *,
        opener: Opener,
        clock: Clock,
        rng: random.Random,
        counts: Counts,
        packets: PacketLane,
        frames: FrameLane | None,
        policy: ReaderPolicy = ReaderPolicy(),
    ) -> None:
        self.role = role
        self.counts = counts
        self.stop = threading.Event()
        self.seen_at = clock.monotonic()
        self.limit_s = math.inf
        self.connects = 0
        self.refused = 0
        self.packet_at: float | None = None
        self._source: Source | None = None
        self._reads = False
        self.last_error: SourceError | None = None
        self.failed_at = -math.inf
        self._camera = camera
        self._stream = stream
        self._opener = opener
        self._clock = clock
        self._rng = rng
        self._packets = packets
        self._frames = frames
        self._policy = policy

    def overdue_s(self, now: float) -> float:
        """Seconds past the limit of what the thread is doing; negative while in time."""
        return now - self.seen_at - self.limit_s

    def cut(self) -> None:
        """End a read that hangs, from another thread.

        Nothing happens while it connects, or works on what it has read: then it is the host that
        is slow, and not the camera.
        """
        source = self._source
        if source is not None and self._reads:
            source.cut()

    def step(self) -> float:
        """Connect and read to the end. Returns a pause after a good connection, else raises."""
        self.packet_at = None
        begun = self._clock.monotonic()
        try:
            self._run()
        except SourceError as error:
            if self.stop.is_set():  # it was cut so that it ends
                return 0.0
            self.last_error = error
            self.failed_at = self._clock.monotonic()
            if not self._was_good(begun):
                raise
            log.info("%s/%s: %s", self._camera.id, self.role.value, error)
        finally:
            self.limit_s = math.inf
        return self._rng.uniform(0.1, 1.0) * self._policy.spread_s

    def _was_good(self, begun: float) -> bool:
        return self.packet_at is not None and self.packet_at - begun >= self._policy.good_after_s

    def _run(self) -> None:
        self._enter(self._opener.open_limit_s)
        try:
            source = self._opener.open(self._stream, self._camera)
        except SourceError:
            self.refused += 1
            raise
        try:
            if self.stop.is_set():
                return
            self.connects += 1
            self._packets.begin(source.header)
            if self._frames is not None:
                self._frames.begin(source.decoder(self._camera.masks))
            self._enter(source.read_limit_s)
            self._source = source
            self._read(source)
        finally:
            self._source, self._reads = None, False
            source.close()

    def _enter(self, limit_s: float) -> None:
        # Order matters to the watch: a new moment first, then the limit that counts from it.
        self.seen_at = self._clock.monotonic()
        self.limit_s = limit_s

    def _read(self, source: Source) -> None:
        """The hot loop: everything in here is paid for each packet of each camera."""
        now, monotonic, stopped = self._clock.now, self._clock.monotonic, self.stop.is_set
        packets, frames = self._packets, self._frames
        patience_s = self._policy.first_picture_s
        good_at = monotonic()
        self._reads = True
        for unit in source.units():
            self._reads = False
            arrival = monotonic()
            if stopped():
                return
            self.seen_at = arrival
            packet = packets.take(unit, now(), arrival)
            if packet is not None:
                self.packet_at = arrival
                if frames is None or frames.take(unit, packet, arrival):
                    good_at, patience_s = arrival, self._policy.no_picture_s
            if arrival - good_at > patience_s:
                raise SourceError(
                    Fault.NO_PICTURE, f"packets but no picture for {patience_s:.0f} s"
                )
            self._reads = True
        if not stopped():
            raise SourceError(Fault.ENDED, "the stream has ended")
