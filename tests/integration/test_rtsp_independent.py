"""The hub's RTSP against a server that is not ours: GStreamer's."""

from __future__ import annotations

import itertools
import logging
import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.ingest.probe import Probed, probe
from hub.ingest.runner import CameraRunner
from hub.ingest.source import Fault, Opener, SourceError
from hub.ingest.sources import AnyOpener, SourceSettings
from hub.kit.clock import RealClock
from hub.kit.metrics import Metrics
from hub.types.media import Codec, Frame, Packet, StreamInfo, StreamRole
from hub.types.scene import HealthChanged, HealthState
from hub.types.site import CameraSpec
from tests.contract.sources import SourceContract

pytestmark = pytest.mark.gstreamer

SERVER = Path(__file__).with_name("gst_rtsp_server.py")
PYTHON = "/usr/bin/python3"
SECRET = "p@s:s/w%rd"
LIMIT_S = 40.0
SETTINGS = SourceSettings.model_validate(
    {"rtsp": {"connect_timeout_s": 4.0, "read_timeout_s": 2.0}}
)


@pytest.fixture(scope="module", autouse=True)
def _gstreamer() -> None:
    asked = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        subprocess.run([PYTHON, "-c", asked], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("GStreamer's RTSP server: apt install gir1.2-gst-rtsp-server-1.0 python3-gi")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def serving(port: int, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [PYTHON, str(SERVER), str(port), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="module")
def open_server() -> Iterator[str]:
    port = free_port()
    with serving(port):
        yield f"rtsp://127.0.0.1:{port}"


def camera(url: str, *, transport: str = "tcp", password: str | None = None) -> CameraSpec:
    credentials = None if password is None else {"username": "joe", "password": password}
    return CameraSpec.model_validate(
        {
            "id": "gst-1",
            "name": "GStreamer",
            "owner_kind": "public",
            "owner": "test",
            "place_class": "street",
            "main": {"url": url},
            "transport": transport,
            "credentials": credentials,
        }
    )


def look(spec: CameraSpec) -> Probed:
    clock = RealClock()
    return probe(spec.main, spec, opener=AnyOpener(SETTINGS, clock), clock=clock)


def refusal(spec: CameraSpec) -> SourceError:
    with pytest.raises(SourceError) as caught:
        look(spec)
    return caught.value


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(("mount", "codec"), [("h264", Codec.H264), ("h265", Codec.H265)])
def test_both_codecs_come_over_both_transports(
    open_server: str, mount: str, codec: Codec, transport: str
) -> None:
    seen = look(camera(f"{open_server}/{mount}", transport=transport))
    assert (seen.codec, seen.width, seen.height) == (codec, 320, 180)
    assert seen.jpeg.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("mount", "fault"),
    [
        ("audio", Fault.AUDIO_ONLY),
        ("mjpeg", Fault.UNKNOWN_CODEC),
        ("nothing", Fault.NO_SUCH_PATH),
    ],
)
def test_what_is_no_camera_is_named(open_server: str, mount: str, fault: Fault) -> None:
    assert refusal(camera(f"{open_server}/{mount}")).fault is fault


def test_a_host_that_refuses_or_is_silent_is_named_in_time() -> None:
    assert refusal(camera(f"rtsp://127.0.0.1:{free_port()}/a")).fault is Fault.UNREACHABLE
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        begun = time.monotonic()
        error = refusal(camera(f"rtsp://127.0.0.1:{deaf.getsockname()[1]}/a"))
        assert error.fault is Fault.TIMEOUT
        assert time.monotonic() - begun < 20.0, "4 s, and what a busy machine adds"


@pytest.mark.parametrize("method", ["basic", "digest"])
def test_passwords_are_understood_and_never_shown(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    port = free_port()
    url = f"rtsp://127.0.0.1:{port}/h264"
    with serving(port, method, "joe", SECRET):
        assert look(camera(url, password=SECRET)).codec is Codec.H264
        for password in ("not-the-one", None):
            error = refusal(camera(url, password=password))
            assert error.fault is Fault.WRONG_PASSWORD
            assert "not-the-one" not in f"{error} {error!r} {error.__cause__} {caplog.text}"


class Watched:
    """A running camera and what it said."""

    def __init__(self, spec: CameraSpec) -> None:
        clock = RealClock()
        self.packets: list[tuple[Packet, StreamInfo]] = []
        self.frames: list[Frame] = []
        self.health: list[HealthChanged] = []
        self.runner = CameraRunner(
            spec,
            opener=AnyOpener(SETTINGS, clock),
            clock=clock,
            rng=random.Random(7),
            metrics=Metrics(),
            on_packet=lambda packet, info: self.packets.append((packet, info)),
            on_frame=self.frames.append,
            on_health=self.health.append,
        )

    def until(self, state: HealthState) -> None:
        wait_for(lambda: self.health[-1].state is state, lambda: f"{self.health}")


def wait_for(true: Callable[[], bool], why: Callable[[], str] = lambda: "") -> None:
    end = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < end, f"not within {LIMIT_S} s: {why()}"
        time.sleep(0.02)


def test_a_camera_runs_and_survives_the_death_of_its_server() -> None:
    port = free_port()
    watched = Watched(camera(f"rtsp://127.0.0.1:{port}/h264"))
    with serving(port):
        watched.runner.start()
        watched.until(HealthState.ONLINE)
        wait_for(lambda: len(watched.frames) >= 15)
    watched.until(HealthState.STALE)
    watched.until(HealthState.OFFLINE)
    seen = len(watched.frames)
    with serving(port):
        watched.until(HealthState.ONLINE)
        wait_for(lambda: len(watched.frames) >= seen + 10)
        assert watched.runner.stop(5.0) == []
    check_times(watched)
    assert watched.runner.stats().reconnects == 1
    assert watched.runner.stats().frames_decoded >= len(watched.frames)


def check_times(watched: Watched) -> None:
    packets = [packet for packet, _ in watched.packets]
    assert packets[0].keyframe
    assert all(a.dts_s < b.dts_s for a, b in itertools.pairwise(packets))
    assert all(packet.captured_at <= packet.received_at for packet in packets)
    late = sorted(packet.received_at - packet.captured_at for packet in packets)
    assert late[len(late) // 2] < 1.5
    gaps = [
        b.captured_at - a.captured_at
        for a, b in zip(watched.frames[2:12], watched.frames[3:12], strict=False)
    ]
    assert sorted(gaps)[len(gaps) // 2] == pytest.approx(0.2, abs=0.07)
    assert {info.generation for _, info in watched.packets} == {0}
    newest = packets[-1].captured_at
    cut = watched.runner.ring(StreamRole.MAIN).cut(newest - 2, newest)
    assert cut.packets[0].keyframe
    assert cut.info.extradata.startswith(b"\0\0\0\1")


class TestRtsp(SourceContract):
    @pytest.fixture
    def opener(self) -> Opener:
        return AnyOpener(SETTINGS, RealClock())

    @pytest.fixture
    def good(self, open_server: str) -> CameraSpec:
        return camera(f"{open_server}/h264")

    @pytest.fixture
    def gone(self) -> CameraSpec:
        return camera(f"rtsp://127.0.0.1:{free_port()}/h264")
