"""Simulated cameras read by PyAV: codecs, transports, passwords, several clients, each fault."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from hub.ingest.simulate import Fault, FaultKind, Scenario, Simulator, simulated
from hub.ingest.simulate.control import ask
from hub.kit.errors import NotFound
from tests.integration.video import opened, pictures, pictures_until, steps_of
from tests.unit.ingest.clips import street

FPS, GOP_S = 25, 0.4
PASSWORD = "p@ss/wörd"
SMALL = {"width": 160, "height": 90, "kbps": 100}


def camera(name: str, **more: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": name,
        "playlist": [{"clip": "walk"}],
        "main": {"width": 320, "height": 180, "kbps": 400},
        "sub": SMALL,
        "gop_s": GOP_S,
    }
    return fields | more


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def scenario(cache: Path) -> Scenario:
    """Cameras of each kind, all showing a block that moves by 3 pixels a picture."""
    path = cache / "walk.mp4"
    still = np.repeat(street(1, 320, 180)[:, :, None], 3, axis=2)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=FPS)
        stream.width, stream.height, stream.bit_rate = 320, 180, 2_000_000
        for n in range(2 * FPS):
            picture = still.copy()
            picture[60:120, 10 + 3 * n : 40 + 3 * n] = 250
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))
    secret = {"username": "viewer", "password": PASSWORD}
    return Scenario.model_validate(
        {
            "port": 0,
            "control_port": 0,
            "clips": {"walk": {"source": f"file:{path}"}},
            "cameras": [
                camera("avc"),
                camera("hevc", codec="hevc"),
                camera("digest", auth="digest", **secret),
                camera("basic", auth="basic", sprop=False, **secret),
                camera(
                    "empty-first",
                    playlist=[{"clip": "walk", "empty": True, "seconds": 1}, {"clip": "walk"}],
                ),
            ],
        }
    )


@pytest.fixture(scope="module")
def simulator(scenario: Scenario, cache: Path) -> Iterator[Simulator]:
    with simulated(scenario, cache=cache, log_file=cache / "sent.jsonl") as running:
        yield running


@pytest.fixture(autouse=True)
def _healed(simulator: Simulator) -> Iterator[None]:
    yield
    for name in simulator.status()["cameras"]:
        simulator.clear(name)


def sent(cache: Path, **wanted: object) -> list[dict[str, object]]:
    lines = map(json.loads, (cache / "sent.jsonl").read_text().splitlines())
    return [line for line in lines if all(line.get(k) == v for k, v in wanted.items())]


def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(
    ("name", "stream", "codec", "size"),
    [
        ("avc", "main", "h264", (320, 180)),
        ("hevc", "main", "hevc", (320, 180)),
        ("digest", "sub", "h264", (160, 90)),
        ("basic", "sub", "h264", (160, 90)),
    ],
)
def test_every_kind_of_camera_plays(
    simulator: Simulator,
    name: str,
    stream: str,
    codec: str,
    size: tuple[int, int],
    transport: str,
) -> None:
    with opened(simulator.url(name, stream, password=True), transport) as container:
        frames = pictures(container, 12)
        video = container.streams.video[0]
        assert (video.codec_context.name, video.width, video.height) == (codec, *size)
    assert steps_of(frames) == {90_000 // FPS}
    assert not any(frame.is_corrupt for frame in frames)


def test_it_plays_in_real_time_and_across_the_loop(simulator: Simulator) -> None:
    with opened(simulator.url("avc")) as container:
        begun, frames = time.monotonic(), pictures(container, 60)  # the clip has 50
        took = time.monotonic() - begun
    assert 1.9 < took < 8.0, "not faster than life, and on a busy machine hardly slower"
    assert steps_of(frames) == {90_000 // FPS}


def test_all_clients_see_the_same_frames_and_a_stuck_one_slows_nobody(
    simulator: Simulator, cache: Path
) -> None:
    port = simulator.port
    with socket.create_connection(("127.0.0.1", port)) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        url = simulator.url("avc")
        for n, line in enumerate(
            (
                f"SETUP {url} RTSP/1.0\r\nTransport: RTP/AVP/TCP;interleaved=0-1",
                f"PLAY {url} RTSP/1.0",
            )
        ):
            stuck.sendall(f"{line}\r\nCSeq: {n}\r\n\r\n".encode())
        seen: list[set[bytes]] = []

        def watch() -> None:
            with opened(url) as container:
                frames = pictures(container, 3 * FPS)  # the clip has 50
                seen.append({frame.to_ndarray().tobytes() for frame in frames})

        watchers = [threading.Thread(target=watch) for _ in range(3)]
        for one in watchers:
            one.start()
        for one in watchers:
            one.join(30)
        assert simulator.status()["cameras"]["avc"]["clients"]["main"] >= 1
    assert len(seen) == 3
    assert len(seen[0] & seen[1] & seen[2]) >= 2 * FPS - 5, "but for what a busy machine dropped"
    frames = sent(cache, camera="avc", stream="main")
    assert {"n", "media_s", "rtp_ts", "sent_at", "keyframe"} <= frames[0].keys()
    numbers = [int(str(line["n"])) for line in frames[-25:]]
    assert numbers == list(range(numbers[0], numbers[0] + 25))
    until(lambda: simulator.status()["cameras"]["avc"]["clients"]["main"] == 0)


def test_a_wrong_or_missing_password_is_refused(simulator: Simulator) -> None:
    for url in (
        simulator.url("digest"),
        simulator.url("digest", password=True).replace("viewer:", "viewer:x"),
        simulator.url("basic"),
    ):
        with pytest.raises(av.error.HTTPUnauthorizedError):
            opened(url)


def test_an_unknown_path_is_not_found(simulator: Simulator) -> None:
    for path in ("nobody/main", "avc", "avc/third"):
        with pytest.raises(av.error.HTTPNotFoundError):
            opened(f"rtsp://127.0.0.1:{simulator.port}/{path}")


def test_nonsense_and_half_requests_harm_nobody(simulator: Simulator) -> None:
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100, b"$\x00", b"x" * 100_000):
        with socket.create_connection(("127.0.0.1", simulator.port)) as client:
            client.sendall(nonsense)
    with opened(simulator.url("avc")) as container:
        assert len(pictures(container, 3)) == 3


def test_the_other_methods_of_a_session(simulator: Simulator) -> None:
    url = simulator.url("avc", "sub")

    def asked(client: socket.socket, line: str) -> str:
        client.sendall(f"{line}\r\nCSeq: 7\r\n\r\n".encode())
        return client.recv(4096).decode("latin-1")

    with socket.create_connection(("127.0.0.1", simulator.port), timeout=10) as client:
        assert "GET_PARAMETER" in asked(client, f"OPTIONS {url} RTSP/1.0")
        assert asked(client, f"PLAY {url} RTSP/1.0").startswith("RTSP/1.0 455")
        assert asked(client, f"SETUP {url} RTSP/1.0\r\nTransport: RAW/RAW/UDP").startswith(
            "RTSP/1.0 461"
        )
        assert asked(client, f"RECORD {url} RTSP/1.0").startswith("RTSP/1.0 405")
        answer = asked(client, f"GET_PARAMETER {url} RTSP/1.0")
        assert answer.startswith("RTSP/1.0 200 OK\r\nCSeq: 7\r\nSession: ")
        assert asked(client, f"TEARDOWN {url} RTSP/1.0").startswith("RTSP/1.0 200")
        assert client.recv(10) == b""


# --- faults


@pytest.mark.parametrize("name", ["avc", "hevc"])
def test_freeze_repeats_one_picture_to_the_bit(simulator: Simulator, name: str) -> None:
    with opened(simulator.url(name, "sub")) as container:
        frames = pictures(container, 10)
        simulator.order(name, Fault(kind=FaultKind.FREEZE))
        # More than two groups of pictures, keyframes included.
        frames += pictures_until(container, lambda seen: _runs(seen)[-1] >= 26)
        simulator.clear(name)
        frames += pictures_until(container, lambda seen: len(_runs(seen)) > 10)
    runs = _runs(frames)
    assert sorted(runs)[-2] <= 3, "and moving before and after"
    assert steps_of(frames) == {90_000 // FPS}


def _runs(frames: Sequence[av.VideoFrame]) -> list[int]:
    """How often each picture was shown before another came."""
    shown = [frame.to_ndarray().tobytes() for frame in frames]
    runs = [1]
    for before, after in pairwise(shown):
        if before == after:
            runs[-1] += 1
        else:
            runs.append(1)
    return runs


def test_stall_keeps_the_socket_and_sends_nothing(simulator: Simulator, cache: Path) -> None:
    with opened(simulator.url("avc", "sub")) as container:
        pictures(container, 3)
        simulator.order("avc", Fault(kind=FaultKind.STALL))
        until(lambda: bool(sent(cache, event="fault_begin", kind="stall", camera="avc")))
        time.sleep(1.0)
        simulator.clear("avc")
        until(lambda: bool(sent(cache, event="fault_end", kind="stall", camera="avc")))
        assert all(next(container.demux(video=0)).size > 0 for _ in range(35))
    begun, ended = (
        sent(cache, event=f"fault_{e}", kind="stall")[0]["at"] for e in ("begin", "end")
    )
    assert float(str(ended)) - float(str(begun)) > 0.9
    times = [float(str(line["sent_at"])) for line in sent(cache, camera="avc", stream="sub")]
    assert not any(float(str(begun)) < at < float(str(ended)) for at in times)
    assert max(times) > float(str(ended)), "and goes on"


def test_vanish_drops_and_refuses_and_comes_back(simulator: Simulator, cache: Path) -> None:
    with opened(simulator.url("avc", "sub")) as container:
        pictures(container, 3)
        simulator.order("avc", Fault(kind=FaultKind.VANISH))
        with pytest.raises(av.error.FFmpegError):
            pictures(container, 100)
    with pytest.raises(av.error.FFmpegError):
        opened(simulator.url("avc", "sub"))
    with opened(simulator.url("hevc", "sub")) as other:
        assert pictures(other, 2), "the others stay"
    simulator.clear("avc")
    until(lambda: bool(sent(cache, event="fault_end", kind="vanish", camera="avc")))
    with opened(simulator.url("avc", "sub")) as container:
        assert len(pictures(container, 3)) == 3
    assert len(sent(cache, event="fault_begin", kind="vanish", camera="avc")) == 1


@pytest.mark.parametrize("jump_s", [100.0, -50.0])
def test_clock_jump_shows_in_the_timestamps(simulator: Simulator, jump_s: float) -> None:
    with opened(simulator.url("avc", "sub")) as container:
        pictures(container, 3)
        simulator.order("avc", Fault(kind=FaultKind.CLOCK_JUMP, jump_s=jump_s))
        stamps = (packet.pts for packet in islice(container.demux(video=0), 10 * FPS))
        known = (stamp for stamp in stamps if stamp is not None)
        steps = ((after - before) / 90_000 for before, after in pairwise(known))
        assert any(step == pytest.approx(jump_s + 1 / FPS, abs=0.05) for step in steps)


def test_wrong_password_drops_clients_and_refuses_the_right_one(simulator: Simulator) -> None:
    url = simulator.url("digest", "sub", password=True)
    with opened(url) as container:
        pictures(container, 2)
        simulator.order("digest", Fault(kind=FaultKind.WRONG_PASSWORD))
        with pytest.raises(av.error.FFmpegError):
            pictures(container, 100)
    with pytest.raises(av.error.HTTPUnauthorizedError):
        opened(url)
    simulator.clear("digest")
    until(lambda: simulator.status()["cameras"]["digest"]["faults"] == [])
    with opened(url) as container:
        assert pictures(container, 1)


def test_garbage_spoils_packets_but_not_the_connection(simulator: Simulator) -> None:
    with opened(simulator.url("avc")) as container:
        packets = map(bytes, container.demux(video=0))
        clean = set(islice(packets, 2 * FPS + 5))
        simulator.order("avc", Fault(kind=FaultKind.GARBAGE, share=0.5))
        dirty = (one for one in islice(packets, 10 * FPS) if one not in clean)
        assert len(list(islice(dirty, 5))) == 5
        simulator.clear("avc")
    with opened(simulator.url("avc")) as again:
        assert not any(frame.is_corrupt for frame in pictures(again, 5))


def test_slow_link_limits_the_rate(simulator: Simulator) -> None:
    with opened(simulator.url("avc")) as container:
        pictures(container, 3)
        simulator.order("avc", Fault(kind=FaultKind.SLOW_LINK, rate_kbps=80))
        size, begun = 0, time.monotonic()
        for packet in container.demux(video=0):
            size += packet.size
            if time.monotonic() - begun > 2.0:
                break
    # Unlimited it is 400; what was on its way when the order came is counted too.
    assert size * 8 / 1000 / (time.monotonic() - begun) < 160


def test_long_gop_has_one_keyframe_a_clip(simulator: Simulator) -> None:
    simulator.order("avc", Fault(kind=FaultKind.LONG_GOP))
    until(lambda: simulator.status()["cameras"]["avc"]["faults"] == ["long_gop"])
    with opened(simulator.url("avc", "sub")) as container:
        keys = [
            packet.is_keyframe
            for packet, _ in zip(container.demux(video=0), range(52), strict=False)
        ]
    assert keys.count(True) == 2, "the clip of 2 s loops within the 10 s group"
    assert keys[0]


def test_resolution_changes_within_the_stream(simulator: Simulator) -> None:
    with opened(simulator.url("hevc")) as container:
        frames = pictures(container, 3)
        simulator.order("hevc", Fault(kind=FaultKind.RESOLUTION))
        frames += pictures_until(container, lambda seen: seen[-1].width == 240)
        simulator.clear("hevc")
        frames += pictures_until(container, lambda seen: seen[-1].width == 320)
    sizes = [size for size, _ in groupby((frame.width, frame.height) for frame in frames)]
    assert sizes == [(320, 180), (240, 134), (320, 180)]


# --- playlists and orders


def test_something_comes_into_an_empty_picture_at_its_time(simulator: Simulator) -> None:
    with opened(simulator.url("empty-first")) as container:
        pictures(container, 2)
        simulator.begin()
        frames = pictures(container, 3 * FPS)
    shown = [bool((frame.to_ndarray()[80:100] > 210).mean() > 0.05) for frame in frames]
    empty = [len(list(run)) for there, run in groupby(shown) if not there]
    assert max(empty) == pytest.approx(FPS, abs=GOP_S * FPS), "the empty second, in pictures"
    assert shown[-1]


def test_orders_come_by_line_and_wrong_ones_are_explained(simulator: Simulator) -> None:
    fault = {"kind": "stall", "for_s": 0.1}
    port = simulator.control_port
    assert ask(port, {"do": "fault", "camera": "avc", "fault": fault}) == {"ok": True}
    assert set(ask(port, {"do": "status"})["cameras"]) >= {"avc", "hevc"}
    assert ask(port, {"do": "clear", "camera": "avc"})["ok"]
    for wrong in (
        {"do": "fault", "camera": "nobody", "fault": fault},
        {"do": "fault", "camera": "avc", "fault": {"kind": "earthquake"}},
        {"do": "dance"},
    ):
        answer = ask(port, wrong)
        assert (answer["ok"], bool(answer["why"])) == (False, True)
    with pytest.raises(NotFound):
        simulator.clear("nobody")


def test_a_second_simulator_finds_its_footage(scenario: Scenario, cache: Path) -> None:
    Simulator(scenario, cache=cache, told=pytest.fail).prepare()
