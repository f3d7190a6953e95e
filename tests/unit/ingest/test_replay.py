from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from hub.ingest.probe import probe
from hub.ingest.replay import Replay
from hub.ingest.source import Fault, SourceError
from hub.ingest.sources import AnyOpener, SourceSettings
from hub.kit.clock import RealClock, SimClock
from hub.types.media import Codec, Frame
from hub.types.site import Stream
from tests.unit.ingest.clips import camera, encode, square, walk

EPOCH = 1_700_000_000.0


def replay(path: Path) -> tuple[list[Frame], float]:
    frames: list[Frame] = []
    run = Replay(
        camera(), path, start_at=EPOCH, on_packet=lambda p, i: None, on_frame=frames.append
    )
    return frames, run.run()


@pytest.mark.parametrize("bframes", [0, 2])
def test_a_replay_gives_the_same_frames_each_time_by_media_time(
    tmp_path: Path, bframes: int
) -> None:
    clip = encode(tmp_path / "a.mp4", walk(50), bframes=bframes)
    (first, seconds), (second, _) = replay(clip), replay(clip)
    key = [(f.seq, f.media_s, f.captured_at, f.gate_open, f.picture.luma().sum()) for f in first]
    assert key == [
        (f.seq, f.media_s, f.captured_at, f.gate_open, f.picture.luma().sum()) for f in second
    ]
    assert seconds == pytest.approx(4.9, abs=0.15)
    assert len(first) == 25
    begin_s = first[0].media_s
    assert [f.captured_at - EPOCH for f in first] == pytest.approx(
        [f.media_s - begin_s for f in first], abs=1e-3
    )


def test_what_is_no_clip_is_named(tmp_path: Path) -> None:
    text = tmp_path / "a.mp4"
    text.write_text("this is no video" * 100)
    with pytest.raises(SourceError) as caught:
        replay(text)
    assert caught.value.fault is Fault.NOT_VIDEO
    with pytest.raises(SourceError) as caught:
        replay(tmp_path / "gone.mp4")
    assert caught.value.fault is Fault.NO_SUCH_PATH


def settings(*schemes: str) -> SourceSettings:
    return SourceSettings.model_validate({"addresses": {"schemes": schemes}})


def test_a_probe_gives_codec_size_rate_and_a_masked_picture(tmp_path: Path) -> None:
    clip = encode(tmp_path / "a.mp4", walk(10), codec="libx265")
    opener = AnyOpener(settings("rtsp", "file"), RealClock())
    spec = camera(masks=(square(0.0, 0.0, 1.0, 1.0),))
    seen = probe(Stream(url=f"file://{clip}"), spec, opener=opener, clock=RealClock())
    assert (seen.codec, seen.width, seen.height, seen.fps) == (Codec.H265, 320, 180, 10.0)
    assert seen.jpeg.startswith(b"\xff\xd8")
    plain = probe(Stream(url=str(clip)), camera(), opener=opener, clock=RealClock())
    assert len(plain.jpeg) > 2 * len(seen.jpeg)


def test_a_probe_counts_from_keyframe_to_keyframe_and_notices_b_frames(tmp_path: Path) -> None:
    opener = AnyOpener(settings("file"), RealClock())

    def tried(name: str, pictures: int, bframes: int = 0) -> tuple[int, bool]:
        clip = encode(tmp_path / name, walk(pictures), gop=8, bframes=bframes)
        seen = probe(Stream(url=str(clip)), camera(), opener=opener, clock=RealClock())
        return seen.gop, seen.reordered

    assert tried("two.mp4", 20) == (8, False)
    assert tried("b.mp4", 20, bframes=2) == (8, True)
    assert tried("one.mp4", 6) == (0, False)


@pytest.mark.parametrize("codec", ["mpeg4", "audio"])
def test_what_the_hub_does_not_carry_is_named(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.mp4"
    if codec == "audio":
        silence(path)
    else:
        encode(path, walk(5), codec=codec)
    opener = AnyOpener(settings("file"), RealClock())
    with pytest.raises(SourceError) as caught:
        probe(Stream(url=str(path)), camera(), opener=opener, clock=RealClock())
    assert caught.value.fault is (Fault.AUDIO_ONLY if codec == "audio" else Fault.UNKNOWN_CODEC)


def silence(path: Path) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=8000)
        for i in range(8):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 8000, i * 1024
            for packet in stream.encode(frame):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)


def test_clips_are_opened_only_where_they_are_allowed(tmp_path: Path) -> None:
    clip = encode(tmp_path / "a.mp4", walk(3))
    opener = AnyOpener(settings("rtsp"), RealClock())
    for url in (str(clip), f"file://{clip}", "http://10.0.0.1/a.mp4"):
        with pytest.raises(SourceError) as caught:
            opener.open(Stream(url=url), camera())
        assert caught.value.fault is Fault.ADDRESS_REFUSED


def test_a_paced_clip_comes_at_its_own_pace(tmp_path: Path) -> None:
    clip = encode(tmp_path / "a.mp4", walk(31))
    clock = SimClock()
    source = AnyOpener(settings("file"), clock).open(Stream(url=str(clip)), camera())
    count = sum(1 for _ in source.units())
    source.close()
    assert count == 31
    assert clock.monotonic() == pytest.approx(3.0)
