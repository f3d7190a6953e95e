"""Cameras gone wrong in every way at once, beside one that is well: each says so by name, the
well one never notices, and no finding is lost."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from hub.app.plan import PlannedCamera
from hub.ingest.runner import CameraStats
from hub.ingest.simulate import Fault, FaultKind, Scenario, Simulator, simulated
from hub.types.scene import HealthState
from tests.integration.watch import Watch, planned, until, watching
from tests.unit.ingest.clips import street

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]

FPS, CLIP_S = 10, 12
LOGIN = {"username": "viewer", "password": "right"}
WRONG = {"username": "viewer", "password": "wr0ng-one"}

GARBAGE = "zero-byte-and-truncated-packets"
BENT: dict[str, Fault | None] = {
    GARBAGE: Fault(kind=FaultKind.GARBAGE, share=0.4),
    "resolution-change": Fault(kind=FaultKind.RESOLUTION),
    "clock-ahead": Fault(kind=FaultKind.CLOCK_JUMP, jump_s=3600),
    "clock-back": Fault(kind=FaultKind.CLOCK_JUMP, jump_s=-7200),
    "gop-of-10-s": None,
}
"""Cameras that misbehave and must be watched on; the GOP is so from the start."""

REFUSED = {
    "wrong-password": "wrong_password",
    "unreachable": "unreachable",
    "silent": "timeout",
    "no-such-path": "no_such_path",
    "outside": "address_refused",
    "web-page": "not_video",
    "text-file": "not_video",
    "audio-only": "audio_only",
    "unknown-codec": "unknown_codec",
}
"""Cameras that cannot be watched, and the word that says why."""


def clip(path: Path, codec: str = "mpeg4") -> Path:
    """A block that wanders over a street."""
    still = np.repeat(street(1, 160, 90)[:, :, None], 3, axis=2)
    with av.open(str(path), "w") as out:
        stream = cast("VideoStream", out.add_stream(codec, rate=FPS))
        stream.width, stream.height = 160, 90
        for n in range(FPS * CLIP_S):
            picture = still.copy()
            picture[30:60, n : n + 20] = 250
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))
    return path


def sound(path: Path) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=16_000, layout="mono")
        for n in range(20):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 16_000, n * 1024
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("bad")
    common = {
        "playlist": [{"clip": "walk"}],
        "main": {"width": 160, "height": 90, "kbps": 100},
        "sub": None,
        "fps": FPS,
        "gop_s": 1.0,
    }
    cameras = [{"id": "well", **common}, {"id": "locked", "auth": "digest", **LOGIN, **common}]
    cameras += [{"id": name, **common} for name, fault in BENT.items() if fault]
    cameras += [{"id": "gop-of-10-s", **common, "gop_s": 10.0}]
    scenario = Scenario.model_validate(
        {
            "port": 0,
            "control_port": 0,
            "clips": {"walk": {"source": f"file:{clip(folder / 'walk.mp4')}"}},
            "cameras": cameras,
        }
    )
    with simulated(scenario, cache=folder) as running:
        yield running


class _Page(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the test's screen."""


@contextmanager
def addresses(folder: Path, simulator: Simulator) -> Iterator[dict[str, str]]:
    """An address for each camera of `REFUSED`."""
    (folder / "text.mp4").write_text("this is no video, although it is called so\n" * 50)
    web = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    serving = threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    with socket.create_server(("127.0.0.1", 0)) as deaf, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, but nobody listens
        yield {
            "wrong-password": simulator.url("locked"),
            "unreachable": f"rtsp://127.0.0.1:{closed.getsockname()[1]}/a",
            "silent": f"rtsp://127.0.0.1:{deaf.getsockname()[1]}/a",
            "no-such-path": f"rtsp://127.0.0.1:{simulator.port}/nobody/main",
            "outside": "rtsp://203.0.113.9/a",
            "web-page": f"rtsp://127.0.0.1:{web.server_port}/a",
            "text-file": f"file:{folder / 'text.mp4'}",
            "audio-only": f"file:{sound(folder / 'sound.mp4')}",
            "unknown-codec": f"file:{clip(folder / 'old.mp4')}",
        }
    web.shutdown()
    serving.join()
    web.server_close()


def watched(watch: Watch, camera_id: str) -> bool:
    stats = watch.stats(camera_id)
    return stats.state is HealthState.ONLINE and stats.frames_analysed >= 10


def test_each_says_what_is_wrong_and_the_well_one_never_notices(
    simulator: Simulator, tmp_path: Path
) -> None:
    fine = ["well", *BENT]
    with addresses(tmp_path, simulator) as urls, watching(tmp_path) as watch:
        running = [planned(name, simulator.url(name)) for name in fine]
        watch.lanes.apply(running)
        for name in fine:
            until(f"{name} is online", partial(watched, watch, name))
        told = len(watch.kept)
        before = {name: watch.stats(name) for name in fine}
        watch.lanes.apply([*running, *map(refused, urls, urls.values())])
        for name, fault in BENT.items():
            if fault:
                simulator.order(name, fault)

        for name, word in REFUSED.items():
            until(f"{name} says {word}", partial(says, watch, name, word))
            until(f"{name} has a finding that says so", partial(is_told, watch, name, word))
        for name in fine:
            until(f"{name} is watched on", partial(on, watch, before[name]))
        well = watch.stats("well")
        was = before["well"]
        assert (well.reconnects, well.dropped) == (was.reconnects, was.dropped)
        assert well.last_error == ""
        assert "well" not in {finding.source for finding in watch.kept[told:]}
        until("bad packets did arrive", Spoilt(watch).seen)
        assert "wr0ng-one" not in str(watch.spooled())
        check_times(watch)


def refused(name: str, url: str) -> PlannedCamera:
    return planned(name, url, credentials=WRONG if name == "wrong-password" else None)


def is_told(watch: Watch, name: str, word: str) -> bool:
    """On the disk; the first finding may have come before the reason was known."""
    of_it = [finding for finding in watch.spooled() if finding["source"] == name]
    return any(str(f["facts"].get("detail")).startswith(word) for f in of_it)


@dataclass
class Spoilt:
    """Packets of the garbled camera that do not stand in the clip. Both cameras show the same one,
    so the well one's packets, once round its loop, are all that there is in it."""

    watch: Watch
    well: set[bytes] = field(default_factory=set)
    garbled: set[bytes] = field(default_factory=set)

    def seen(self) -> bool:
        self.well |= self._kept("well")
        self.garbled |= self._kept(GARBAGE)
        return len(self.well) >= FPS * CLIP_S and not self.garbled <= self.well

    def _kept(self, name: str) -> set[bytes]:
        return {packet.data for packet in self.watch.ring(name).cut(0.0, math.inf).packets}


def says(watch: Watch, name: str, word: str) -> bool:
    stats = watch.stats(name)
    return stats.state is HealthState.OFFLINE and stats.last_error.startswith(f"main: {word}")


def on(watch: Watch, before: CameraStats) -> bool:
    """Twenty-five more pictures were looked at, and it is online."""
    now = watch.stats(before.id)
    return now.state is HealthState.ONLINE and now.frames_analysed >= before.frames_analysed + 25


def check_times(watch: Watch) -> None:
    """Whatever a camera's clock says, pictures are captured now, and a cut can be played."""
    well_at = watch.stats("well").last_picture_at or 0.0
    for name in ("clock-ahead", "clock-back", "resolution-change"):
        assert (watch.stats(name).last_picture_at or 0.0) == pytest.approx(well_at, abs=5.0)
        cut = watch.ring(name).cut(well_at - 2.0, well_at)
        assert cut.packets[0].keyframe
        assert all(abs(p.captured_at - p.received_at) < 5.0 for p in cut.packets)
        wide = 120 if name == "resolution-change" else 160
        assert cut.info.width == wide
