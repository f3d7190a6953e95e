"""The bench's numbered pictures through the real simulator: what is read is what the log tells."""

from __future__ import annotations

import time
from pathlib import Path

import av
import numpy as np

from bench.browser_sent import send_line
from bench.frame_code import FPS, GOP, HEIGHT, WIDTH, levels, number_of, write_clip
from hub.ingest.simulate.scenario import CameraSim, Clip, Rendering, Scenario, Segment
from hub.ingest.simulate.simulator import simulated
from hub.types.media import U8
from tests.harness import eventually

ENOUGH = 3 * GOP


def read(url: str) -> list[tuple[int | None, float]]:
    """Number and arrival (UTC s) of the pictures of a camera, from a keyframe on."""
    found: list[tuple[int | None, float]] = []
    with av.open(url, options={"rtsp_transport": "tcp"}) as container:
        for packet in container.demux(video=0):
            at = time.time()
            for frame in packet.decode():
                shown: U8 = np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
                found.append((number_of(levels(shown)), at))
            if len(found) >= ENOUGH:
                return found
    return found


def test_the_number_in_a_picture_tells_when_it_was_sent(tmp_path: Path) -> None:
    write_clip(tmp_path / "numbers.mp4")
    size = Rendering(width=WIDTH, height=HEIGHT, kbps=540)
    camera = CameraSim(
        id="numbers",
        playlist=(Segment(clip="numbers"),),
        main=size,
        sub=None,
        fps=FPS,
        gop_s=GOP / FPS,
    )
    clips = {"numbers": Clip(source=f"file:{tmp_path / 'numbers.mp4'}")}
    scenario = Scenario(port=0, control_port=0, clips=clips, cameras=(camera,))
    sent = tmp_path / "sent.jsonl"
    with simulated(scenario, cache=tmp_path / "cache", log_file=sent) as simulator:
        found = read(simulator.url("numbers"))

        def told() -> bool:
            lines = sent.read_text("ascii").splitlines()
            return sum('"n":' in line for line in lines) >= ENOUGH

        eventually("the log tells of all pictures", told)
        line = send_line(sent.read_text("ascii").splitlines(keepends=True), "numbers")
    numbers = [number for number, _ in found]
    begun = numbers[0]
    assert begun is not None
    assert numbers == list(range(begun, begun + len(found)))
    delays = [at - sent_at for n, at in found if (sent_at := line.sent_at(n or 0, at)) is not None]
    # A wrong beginning would be wrong by whole groups of pictures, a second each, or find nothing.
    assert len(delays) == len(found)
    assert min(delays) < GOP / FPS
