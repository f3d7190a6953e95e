"""A recorded clip through the whole pipeline: found what is in it, and the same at each run."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from hub.app.replay import Json, Options, replay
from hub.config import load_or_refuse
from hub.ingest.simulate import load_scenario
from hub.kit.errors import NotFound
from hub.kit.fetch import pull_member
from hub.kit.places import cache_dir
from tests.harness import DEMO, ROOT

CAMERA = "cam-square-01"
SECONDS = 6.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first seconds of the real crowd, as recorded."""
    square = load_scenario(DEMO / "simulation.yaml").clips["square"]
    whole = pull_member(square.source, square.member, square.sha256, cache_dir())
    short = tmp_path_factory.mktemp("replay") / "crowd.mp4"
    with av.open(str(whole), "r") as source, av.open(str(short), "w") as out:
        video = source.streams.video[0]
        copy = out.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is None or float(packet.dts * packet.time_base) > SECONDS:
                break
            packet.stream = copy
            out.mux(packet)
    return short


def run(clip: Path, folder: Path, camera: str = CAMERA, video: Path | None = None) -> Json:
    folder.mkdir()
    config = load_or_refuse(ROOT / "configs", "demo")
    return replay(Options(config, camera, clip, cache_dir(), folder, video))


def test_the_same_clip_gives_the_same_report_and_what_is_in_it(clip: Path, tmp_path: Path) -> None:
    first = run(clip, tmp_path / "1", video=tmp_path / "out.mp4")
    assert first == run(clip, tmp_path / "2")
    assert {alert["rule"] for alert in first["alerts"]} == {"zone_intrusion", "crowd"}
    assert all(alert["grid_path"] for alert in first["alerts"])
    assert first["camera"]["frames_analysed"] == pytest.approx(5 * SECONDS, abs=2)
    with av.open(str(tmp_path / "out.mp4"), "r") as video:
        assert len(list(video.decode(video=0))) == first["camera"]["frames_analysed"]


def test_a_camera_nobody_configured_is_named(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cam-nowhere"):
        run(clip, tmp_path / "1", camera="cam-nowhere")
