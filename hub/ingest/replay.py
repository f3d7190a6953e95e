"""A recorded clip through a live camera's lanes: full speed, the same result each time."""

from __future__ import annotations

from pathlib import Path

from hub.ingest.gate import Gate, GatePolicy
from hub.ingest.health import Progress
from hub.ingest.lane import Counts, FrameLane, OnFrame, OnPacket, PacketLane
from hub.ingest.ring import Ring, RingPolicy
from hub.ingest.source import Unit
from hub.ingest.sources.file import open_clip
from hub.types.media import Packet, StreamRole
from hub.types.site import CameraSpec


class Replay:
    """Replays one clip as `camera`; frames are picked by media time, no clock is read.

    Every packet counts as received the moment its picture is shown, the first at `start_at`
    (UTC epoch seconds), as over a network without delay.
    """

    def __init__(
        self,
        camera: CameraSpec,
        path: Path,
        *,
        start_at: float,
        on_packet: OnPacket,
        on_frame: OnFrame,
        gate: GatePolicy = GatePolicy(),
    ) -> None:
        self._camera = camera
        self._path = path
        self._start_at = start_at
        self.counts = Counts()
        # The whole clip may be asked for: replay is bounded by the clip's own length.
        self.ring = Ring(f"{camera.id}/replay", RingPolicy(keep_s=30.0))
        self._gate = Gate(gate)
        self._packets = PacketLane(
            camera.id, StreamRole.MAIN, ring=self.ring, counts=self.counts, on_packet=on_packet
        )
        self._frames = FrameLane(
            camera.id,
            camera.analysis_fps,
            gate=self._gate,
            counts=self.counts,
            progress=Progress(0.0),
            on_frame=on_frame,
        )

    def force(self) -> None:
        """Open the gate for the next analysed frame."""
        self._gate.force()

    def run(self) -> float:
        """Replay to the end; returns the clip's length in seconds. Raises SourceError."""
        source = open_clip(self._path)
        try:
            self._packets.begin(source.header)
            self._frames.begin(source.decoder(self._camera.masks))
            last: tuple[Unit, Packet, float] | None = None
            at_s = first_s = 0.0
            for unit in source.units():
                shown_s = unit.pts_s if unit.pts_s is not None else unit.dts_s
                if shown_s is not None:
                    first_s = shown_s if last is None else first_s
                    at_s = max(at_s, shown_s - first_s)
                packet = self._packets.take(unit, self._start_at + at_s, at_s)
                if packet is not None:
                    self._frames.take(unit, packet, at_s)
                    last = (unit, packet, at_s)
            if last is not None:
                self._frames.finish(last[1], last[0], last[2])
            return at_s
        finally:
            source.close()
