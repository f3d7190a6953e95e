"""One simulated camera: an encoder's time line that all its clients share."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from hub.ingest.simulate.faults import FaultBook, spoilt
from hub.ingest.simulate.footage import Footage, Recipe
from hub.ingest.simulate.playlist import Playhead, Shown, Variant
from hub.ingest.simulate.receiver import LiveFrame, Receiver
from hub.ingest.simulate.rendition import Rendition
from hub.ingest.simulate.rtp import CLOCK_HZ
from hub.ingest.simulate.scenario import CameraSim, Fault, FaultKind
from hub.ingest.simulate.sendlog import SendLog
from hub.kit.clock import Clock
from hub.types.media import StreamRole

log = logging.getLogger(__name__)

_LONG_GOP_S = 10.0
_VARIANT_OF = (
    (FaultKind.FREEZE, Variant.FROZEN),
    (FaultKind.RESOLUTION, Variant.RESOLUTION),
    (FaultKind.LONG_GOP, Variant.LONG_GOP),
)
"""Which rendition a fault shows; the first wins where several are active."""


def recipe(camera: CameraSim, segment: int, role: StreamRole, variant: Variant) -> Recipe:
    """What must be prepared for one segment of one stream in one variant."""
    shown, size = camera.playlist[segment], camera.renderings()[role]
    plain = Recipe(
        clip=shown.clip,
        codec=camera.codec,
        width=size.width,
        height=size.height,
        kbps=size.kbps,
        fps=camera.fps,
        gop=max(1, round(camera.gop_s * camera.fps)),
        empty=shown.empty,
    )
    match variant:
        case Variant.PLAIN:
            return plain
        case Variant.FROZEN:
            return replace(plain, frozen=True)
        case Variant.LONG_GOP:
            return replace(plain, gop=round(_LONG_GOP_S * camera.fps))
        case Variant.RESOLUTION:
            return replace(
                plain, width=_three_quarters(size.width), height=_three_quarters(size.height)
            )


def _three_quarters(pixels: int) -> int:
    return pixels * 3 // 8 * 2


def variants(faults: list[FaultKind]) -> set[Variant]:
    """The variants a camera needs for these faults."""
    return {Variant.PLAIN} | {variant for kind, variant in _VARIANT_OF if kind in faults}


def recipes(camera: CameraSim, faults: list[FaultKind]) -> list[Recipe]:
    """Everything to prepare for a camera with these faults."""
    return [
        recipe(camera, segment, role, variant)
        for segment in range(len(camera.playlist))
        for role in camera.renderings()
        for variant in sorted(variants(faults))
    ]


class SimCamera:
    """Ticks at its frame rate and hands each frame to every client of each stream.

    Lives in one asyncio loop; only its methods are called from there.
    """

    def __init__(
        self, spec: CameraSim, footage: Footage, clock: Clock, sent: SendLog, rng: random.Random
    ) -> None:
        self.spec = spec
        self.receivers: dict[StreamRole, set[Receiver]] = {
            role: set() for role in spec.renderings()
        }
        self.on_cut: Callable[[], None] = lambda: None
        self._footage, self._clock, self._sent, self._rng = footage, clock, sent, rng
        self._timestamp_base = rng.getrandbits(32)
        self._n = 0
        self._started_at = 0.0
        self._began_at = 0.0
        self._n_began = 0
        self._faults = FaultBook()
        self._playhead = self._new_playhead()
        self._shown = Shown(Variant.PLAIN, 0, 0)
        self._handle: asyncio.TimerHandle | None = None

    @property
    def gone(self) -> bool:
        """Connections are dropped and refused."""
        return self._faults.active(FaultKind.VANISH) is not None

    @property
    def refusing(self) -> bool:
        """No password is right any more."""
        return self._faults.active(FaultKind.WRONG_PASSWORD) is not None

    def status(self) -> dict[str, object]:
        """Active faults, clients by stream and the frames dropped for the slow among them."""
        return {
            "faults": self._faults.kinds(),
            "clients": {role.value: len(found) for role, found in self.receivers.items()},
            "dropped": sum(r.dropped for found in self.receivers.values() for r in found),
        }

    def shown(self, role: StreamRole) -> Rendition:
        """The rendition a stream shows at present."""
        return self._rendition(role, self._shown.segment, self._shown.variant)

    def timestamp(self) -> int:
        """RTP time of the next frame."""
        return self._timestamp(self._n)

    def start(self) -> None:
        """Begin to tick."""
        self._started_at = self._clock.monotonic()
        self.begin()
        self._tick()

    def begin(self) -> None:
        """Second 0 of playlist and timetable; the stream itself goes on."""
        self._began_at = self._clock.monotonic()
        self._n_began = self._n
        self._faults = FaultBook(self.spec.faults)
        self._playhead = self._new_playhead()
        self._resume()

    def stop(self) -> None:
        """No more ticks."""
        if self._handle is not None:
            self._handle.cancel()

    def order(self, fault: Fault) -> None:
        """Enter a fault whose renditions are prepared; it begins `at_s` from now."""
        self._faults.order(fault, self._second())

    def clear(self) -> None:
        """End all faults at the next frame."""
        self._faults.clear()

    def _new_playhead(self) -> Playhead:
        lengths = [
            None if segment.seconds is None else max(1, round(segment.seconds * self.spec.fps))
            for segment in self.spec.playlist
        ]
        return Playhead(lengths, partial(self._rendition, StreamRole.MAIN))

    def _rendition(self, role: StreamRole, segment: int, variant: Variant) -> Rendition:
        return self._footage.get(recipe(self.spec, segment, role, variant))

    def _second(self) -> float:
        return self._clock.monotonic() - self._began_at

    def _tick(self) -> None:
        now = self._clock.monotonic()
        due = int((now - self._started_at) * self.spec.fps)
        if due - self._n > self.spec.fps:
            log.warning(
                "camera %s: %d frames left out, the machine stood", self.spec.id, due - self._n
            )
            self._n = due
            self._resume()
        next_at = self._started_at + (self._n + 1) / self.spec.fps
        self._handle = asyncio.get_running_loop().call_later(max(0.0, next_at - now), self._tick)
        n, self._n = self._n, self._n + 1
        self._advance_faults()
        self._shown = self._playhead.at(n - self._n_began, self._variant())
        if self._faults.active(FaultKind.STALL) is None and not self.gone:
            for role, receivers in self.receivers.items():
                self._send(n, role, receivers)

    def _advance_faults(self) -> None:
        for change in self._faults.advance(self._second()):
            kind = change.fault.kind
            self._sent.event(
                "fault_begin" if change.began else "fault_end",
                self._clock.now(),
                camera=self.spec.id,
                kind=kind.value,
                due_s=round(change.at_s, 3),
            )
            if kind in (FaultKind.VANISH, FaultKind.WRONG_PASSWORD) and change.began:
                self.on_cut()
            if kind is FaultKind.STALL and not change.began:
                self._resume()

    def _variant(self) -> Variant:
        for kind, variant in _VARIANT_OF:
            if self._faults.active(kind) is not None:
                return variant
        return Variant.PLAIN

    def _resume(self) -> None:
        for receivers in self.receivers.values():
            for receiver in receivers:
                receiver.resume_at_keyframe()

    def _timestamp(self, n: int) -> int:
        seconds = n / self.spec.fps + self._faults.jump_s()
        return (self._timestamp_base + round(seconds * CLOCK_HZ)) & 0xFFFFFFFF

    def _send(self, n: int, role: StreamRole, receivers: set[Receiver]) -> None:
        if not receivers:
            return
        shown, rendition = self._shown, self.shown(role)
        payloads, key = rendition.payloads[shown.frame], rendition.is_keyframe(shown.frame)
        garbage = self._faults.active(FaultKind.GARBAGE)
        if garbage is not None:
            payloads = spoilt(payloads, garbage.share, self._rng)
        slow = self._faults.active(FaultKind.SLOW_LINK)
        rate_kbps = None if slow is None else slow.rate_kbps
        at = self._clock.now()
        frame = LiveFrame(payloads, self._timestamp(n), key, at)
        sent = False
        for receiver in tuple(receivers):
            receiver.pay_out(rate_kbps)
            sent = receiver.offer(frame, rate_kbps) or sent
        if sent:
            self._sent.frame(
                self.spec.id, role.value, n, n / self.spec.fps, frame.timestamp, at, key
            )
