from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from hub.ingest.decode import AvPicture, Scaler
from hub.ingest.source import Fault, SourceError, Unit
from hub.ingest.sources.file import open_clip
from hub.types.media import Picture
from tests.unit.ingest.clips import encode, square, street


def pictures(path: Path, masks: tuple[tuple[tuple[float, float], ...], ...] = ()) -> list[Picture]:
    source = open_clip(path)
    try:
        decoder = source.decoder(masks)
        out = [each.picture for unit in source.units() for each in decoder.decode(unit)]
        return out + [each.picture for each in decoder.flush()]
    finally:
        source.close()


@pytest.mark.parametrize(("width", "height"), [(320, 180), (350, 198), (640, 360)])
def test_luma_is_the_picture_without_the_padding_of_its_lines(
    tmp_path: Path, width: int, height: int
) -> None:
    scene = street(3, 640, 360)[:height, :width]
    (picture, *_) = pictures(encode(tmp_path / "a.mp4", [scene] * 3))
    luma = picture.luma()
    assert luma.shape == (height, width) == (picture.height, picture.width)
    assert np.abs(luma.astype(int) - scene).mean() < 6
    assert not luma.flags.owndata


def test_a_picture_outlives_its_source(tmp_path: Path) -> None:
    got = pictures(encode(tmp_path / "a.mp4", [street(3, 320, 180)] * 20))
    assert len(got) == 20
    assert len({int(picture.luma().sum()) // 100_000 for picture in got}) == 1


def test_colour_comes_at_the_size_asked_for(tmp_path: Path) -> None:
    (picture, *_) = pictures(encode(tmp_path / "a.mp4", [street(3, 320, 180)] * 2))
    for width, height in ((416, 234), (320, 180), (101, 57), (416, 234)):
        bgr = picture.bgr(width, height)
        assert bgr.shape == (height, width, 3)
        assert bgr.flags.c_contiguous
        assert np.ptp(bgr, axis=2).max() <= 6  # gray stays gray


def test_masks_are_black_in_luma_and_colour_and_nowhere_else(tmp_path: Path) -> None:
    clip = encode(tmp_path / "a.mp4", [street(3, 320, 180)] * 12)
    masks = (square(0.25, 0.25, 0.5, 0.75),)
    plain, masked = pictures(clip), pictures(clip, masks)
    for open_, shut in zip(plain, masked, strict=True):
        luma = shut.luma()
        assert set(np.unique(luma[46:134, 81:159])) == {16}
        # The decoder goes on predicting from its own, unpainted memory.
        assert np.array_equal(luma[:, 170:], open_.luma()[:, 170:])
        bgr = shut.bgr(160, 90)
        assert bgr[24:66, 41:79].max() == 0
        assert np.array_equal(bgr[:, 90:], open_.bgr(160, 90)[:, 90:])


def test_pictures_of_ten_bits_give_eight_bit_luma() -> None:
    frame = av.VideoFrame.from_ndarray(np.full((180, 320), 128, np.uint8), format="gray")
    deep = frame.reformat(format="yuv420p10le")
    picture = AvPicture(deep, Scaler(), ())
    assert picture.luma().dtype == np.uint8
    assert abs(int(picture.luma().mean()) - 128) < 20


def test_garbage_is_named_and_the_next_picture_still_decodes(tmp_path: Path) -> None:
    source = open_clip(encode(tmp_path / "a.ts", [street(3, 320, 180)] * 10, gop=5))
    decoder = source.decoder(())
    rubbish = av.Packet(b"\x00\x00\x00\x01\x65" + b"\x00" * 200)
    with pytest.raises(SourceError) as caught:
        decoder.decode(Unit(b"", True, 0.0, 0.0, native=rubbish))
    assert caught.value.fault is Fault.BROKEN
    assert sum(len(decoder.decode(unit)) for unit in source.units()) >= 9
    source.close()
