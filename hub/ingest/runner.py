"""One camera: a thread for each stream, a watch over both, and the word on its health."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

from hub.ingest.gate import Gate, GatePolicy
from hub.ingest.health import HealthPolicy, Progress, judge
from hub.ingest.lane import Counts, FrameLane, OnFrame, OnPacket, PacketLane
from hub.ingest.reader import ReaderPolicy, StreamReader
from hub.ingest.ring import Ring, RingPolicy
from hub.ingest.source import Opener, SourceError
from hub.ingest.timeline import Timeline, TimelinePolicy
from hub.kit.clock import Clock
from hub.kit.errors import NotFound
from hub.kit.metrics import Metrics
from hub.kit.supervise import Backoff, Supervisor
from hub.types.media import StreamRole
from hub.types.scene import HealthChanged, HealthState, SourceKind
from hub.types.site import CameraSpec, Spec, Stream

log = logging.getLogger(__name__)

OnHealth = Callable[[HealthChanged], None]


GOODBYE_S = 1.0


class RunnerSettings(Spec):
    """How every camera of a worker is treated."""

    health: HealthPolicy = HealthPolicy()
    reader: ReaderPolicy = ReaderPolicy()
    ring: RingPolicy = RingPolicy()
    gate: GatePolicy = GatePolicy()
    timeline: TimelinePolicy = TimelinePolicy()
    watch_every_s: float = 0.5
    stall_s: float = 2.0
    """A watch this late was held up by the host, not by cameras: it skips one round."""
    late_s: float = 1.0
    """A picture taken up so long after it could have been is not decoded: the host lags behind."""
    overdue_s: float = 5.0
    """A thread so far past its own limits is abandoned: that its line was cut did not help."""


@dataclass(frozen=True, slots=True)
class CameraStats:
    """A camera's numbers. Counters run since the start; packets and bytes of both streams.

    `gate_open` counts the analysed frames for which the gate stood open (its share is
    `gate_open / frames_analysed`), `dropped` packets that were empty, garbage or not
    decodable, `late` pictures passed over because the host lagged behind, `abandoned` threads
    given up. `fps` and `bitrate_bps` are those of the analysed
    stream over the last seconds; `ring_s` is the pre-roll kept of the main stream.
    """

    id: str
    state: HealthState
    packets: int
    bytes: int
    frames_decoded: int
    frames_analysed: int
    gate_open: int
    reconnects: int
    fps: float
    bitrate_bps: float
    last_picture_at: float | None
    last_error: str
    ring_s: float
    dropped: int
    abandoned: int = 0
    ring_shortened: bool = False
    late: int = 0


@dataclass(slots=True)
class _Rate:
    """Packets and bits per second between looks of the watch, smoothed."""

    at: float
    packets: int = 0
    bytes: int = 0
    fps: float = 0.0
    bps: float = 0.0

    def look(self, counts: Counts, now: float) -> None:
        passed_s = now - self.at
        if passed_s < 1.0:
            return
        weight = 1.0 if self.fps == 0.0 else min(1.0, passed_s / 3.0)
        self.fps += weight * ((counts.packets - self.packets) / passed_s - self.fps)
        self.bps += weight * (8.0 * (counts.bytes - self.bytes) / passed_s - self.bps)
        self.at, self.packets, self.bytes = now, counts.packets, counts.bytes


class CameraRunner:
    """Reads a camera for ever; hands on packets, gated frames and changes of health.

    The callbacks run in the camera's own threads and must return at once. With a sub stream,
    that is decoded and the main stream only kept in its ring; without one, main is decoded.
    """

    def __init__(
        self,
        camera: CameraSpec,
        *,
        opener: Opener,
        clock: Clock,
        rng: random.Random,
        metrics: Metrics,
        on_packet: OnPacket,
        on_frame: OnFrame,
        on_health: OnHealth,
        settings: RunnerSettings = RunnerSettings(),
    ) -> None:
        self._camera = camera
        self._opener = opener
        self._clock = clock
        self._rng = rng
        self._metrics = metrics
        self._on_packet = on_packet
        self._on_frame = on_frame
        self._on_health = on_health
        self._settings = settings
        self._supervisor = Supervisor(clock, rng)
        self._streams: dict[StreamRole, Stream] = {StreamRole.MAIN: camera.main}
        if camera.sub is not None:
            self._streams[StreamRole.SUB] = camera.sub
        self.analysed = StreamRole.MAIN if camera.sub is None else StreamRole.SUB
        self._rings = {
            role: Ring(f"{camera.id}/{role.value}", settings.ring) for role in self._streams
        }
        self._counts = {role: Counts() for role in self._streams}
        self._gate = Gate(settings.gate)
        self._progress = Progress(clock.monotonic())
        self._readers = {role: self._new_reader(role) for role in self._streams}
        self._past_connects = 0
        self._abandoned = 0
        self._state = HealthState.CONNECTING
        self._watched_at = clock.monotonic()
        self._rate = _Rate(clock.monotonic())

    def start(self, delay_s: float = 0.0) -> None:
        """Begin after `delay_s`; a worker spreads its cameras over its first seconds."""
        self._progress.since = self._watched_at = self._clock.monotonic() + delay_s
        self._tell(HealthState.CONNECTING, "")
        for reader in self._readers.values():
            self._launch(reader, delay_s)
        self._supervisor.loop(f"{self._camera.id}/watch", self.watch)

    def stop(self, timeout_s: float = 10.0) -> list[str]:
        """End all threads; names those that did not end in time."""
        for reader in self._readers.values():
            reader.stop.set()
        # Who still gets pictures ends by itself, and says goodbye to the camera.
        goodbye_s = min(GOODBYE_S, timeout_s)
        if not self._supervisor.stop(goodbye_s):
            return []
        for reader in self._readers.values():
            reader.cut()
        return self._supervisor.stop(timeout_s - goodbye_s)

    def ring(self, role: StreamRole) -> Ring:
        """The ring of a stream. Raises NotFound where the camera has no such stream."""
        try:
            return self._rings[role]
        except KeyError:
            raise NotFound(f"{self._camera.id} has no {role.value} stream") from None

    def force(self) -> None:
        """Open the gate for the next analysed frame (a track is held, someone looks)."""
        self._gate.force()

    def stats(self) -> CameraStats:
        """The camera's numbers now."""
        counts = self._counts.values()
        troubles = {role: self._trouble(reader) for role, reader in self._readers.items()}
        errors = [f"{role.value}: {why}" for role, why in troubles.items() if why is not None]
        looked = self._counts[self.analysed]
        return CameraStats(
            id=self._camera.id,
            state=self._state,
            packets=sum(count.packets for count in counts),
            bytes=sum(count.bytes for count in counts),
            frames_decoded=looked.frames_decoded,
            frames_analysed=looked.frames_analysed,
            gate_open=looked.gate_open,
            reconnects=max(0, self._past_connects + self._readers[self.analysed].connects - 1),
            fps=self._rate.fps,
            bitrate_bps=self._rate.bps,
            last_picture_at=self._last_picture_at(),
            last_error="; ".join(errors),
            ring_s=self._rings[StreamRole.MAIN].span_s(),
            dropped=sum(count.dropped for count in counts),
            abandoned=self._abandoned,
            late=looked.late,
            ring_shortened=any(ring.shortened for ring in self._rings.values()),
        )

    def watch(self) -> float:
        """One round: judge the picture, give up threads that hang. Step for kit.supervise."""
        now = self._clock.monotonic()
        late_s = now - self._watched_at - self._settings.watch_every_s
        self._watched_at = now
        if late_s > self._settings.stall_s:
            # The whole host stood still: every camera would look dead in this round.
            self._metrics.add("hub_ingest_host_stalls_total")
            return self._settings.watch_every_s
        for role, reader in list(self._readers.items()):
            overdue_s = reader.overdue_s(now)
            if overdue_s > self._settings.overdue_s:
                self._abandon(role, reader)
            elif overdue_s > 0:
                reader.cut()
        reader = self._readers[self.analysed]
        self._progress.packet_at = reader.packet_at
        self._progress.connects_failed = reader.refused
        self._rate.look(self._counts[self.analysed], now)
        state = judge(self._progress, now, self._settings.health)
        if state is not self._state:
            self._tell(state, self._reason(state, now))
        return self._settings.watch_every_s

    def reader(self, role: StreamRole) -> StreamReader:
        """The present reader of a stream."""
        return self._readers[role]

    def _new_reader(self, role: StreamRole) -> StreamReader:
        camera, counts = self._camera, self._counts[role]
        packets = PacketLane(
            camera.id,
            role,
            ring=self._rings[role],
            counts=counts,
            on_packet=self._on_packet,
            timeline=Timeline(self._settings.timeline),
        )
        frames = None
        if role is self.analysed:
            frames = FrameLane(
                camera.id,
                camera.analysis_fps,
                gate=self._gate,
                counts=counts,
                progress=self._progress,
                on_frame=self._on_frame,
                late_s=self._settings.late_s,
            )
        return StreamReader(
            camera,
            self._streams[role],
            role,
            opener=self._opener,
            clock=self._clock,
            rng=self._rng,
            counts=counts,
            packets=packets,
            frames=frames,
            policy=self._settings.reader,
        )

    def _launch(self, reader: StreamReader, delay_s: float) -> None:
        pauses = iter((delay_s,) if delay_s > 0 else ())

        def step() -> float:
            pause_s = next(pauses, None)
            return reader.step() if pause_s is None else pause_s

        self._supervisor.loop(
            f"{self._camera.id}/{reader.role.value}", step, backoff=Backoff(), stop=reader.stop
        )

    def _abandon(self, role: StreamRole, reader: StreamReader) -> None:
        """Leave a hanging thread to itself (only it may close its source) and start another."""
        reader.stop.set()
        reader.cut()
        self._abandoned += 1
        self._metrics.add("hub_ingest_threads_abandoned_total", camera=self._camera.id)
        log.error("%s/%s: the reading thread hangs and is abandoned", self._camera.id, role.value)
        if role is self.analysed:
            self._past_connects += reader.connects
        self._readers[role] = self._new_reader(role)
        self._launch(self._readers[role], 0.0)

    def _tell(self, state: HealthState, detail: str) -> None:
        self._state = state
        self._on_health(
            HealthChanged(
                self._camera.id,
                SourceKind.CAMERA,
                state,
                self._clock.now(),
                self._last_picture_at(),
                detail,
            )
        )

    def _last_picture_at(self) -> float | None:
        """When the newest picture was new; of a frozen one the first of those that are the same."""
        frozen = self._state is HealthState.FROZEN
        at = self._progress.same_since if frozen else self._progress.picture_at
        return None if at is None else self._clock.now() - (self._clock.monotonic() - at)

    def _trouble(self, reader: StreamReader) -> SourceError | None:
        """What keeps a stream away; None once it has come again."""
        analysed = reader.role is self.analysed
        good_at = self._progress.picture_at if analysed else reader.packet_at
        return None if good_at is not None and good_at > reader.failed_at else reader.last_error

    def _reason(self, state: HealthState, now: float) -> str:
        error = self._trouble(self._readers[self.analysed])
        picture_at = self._progress.picture_at
        match state:
            case HealthState.FROZEN:
                return f"the same picture for {now - self._progress.same_since:.0f} s"
            case HealthState.STALE | HealthState.OFFLINE if error is not None:
                return str(error)
            case HealthState.STALE | HealthState.OFFLINE if picture_at is not None:
                return f"no picture for {now - picture_at:.0f} s"
            case _:
                return ""
