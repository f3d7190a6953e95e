"""What every protocol must keep: one class for all openers."""

from __future__ import annotations

import pytest

from hub.ingest.source import Decoded, Fault, Opener, SourceError
from hub.types.media import Codec
from hub.types.site import CameraSpec


class SourceContract:
    """Give fixtures `opener`, `good` (a camera of 320x180 pixels) and `gone` (one that is not)."""

    @pytest.fixture
    def opener(self) -> Opener:
        raise NotImplementedError

    @pytest.fixture
    def good(self) -> CameraSpec:
        raise NotImplementedError

    @pytest.fixture
    def gone(self) -> CameraSpec:
        raise NotImplementedError

    def test_it_says_what_it_carries(self, opener: Opener, good: CameraSpec) -> None:
        source = opener.open(good.main, good)
        header = source.header
        source.close()
        assert header.codec in set(Codec)
        assert (header.width, header.height) == (320, 180)
        assert header.extradata == b"" or header.extradata.startswith((b"\0\0\1", b"\0\0\0\1"))

    def test_its_units_are_annex_b_and_its_decoder_takes_them(
        self, opener: Opener, good: CameraSpec
    ) -> None:
        source = opener.open(good.main, good)
        decoder = source.decoder(((((0.0, 0.0)), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)),))
        pictures: list[Decoded] = []
        for unit in source.units():
            assert unit.data.startswith((b"\0\0\1", b"\0\0\0\1"))
            pictures += decoder.decode(unit)
            if len(pictures) >= 5:
                break
        source.close()
        luma = pictures[-1].picture.luma()
        assert luma.shape == (180, 320)
        assert luma[:, :150].max() <= 16

    def test_its_limits_are_known(self, opener: Opener, good: CameraSpec) -> None:
        assert 0 < opener.open_limit_s <= 60
        source = opener.open(good.main, good)
        assert 0 < source.read_limit_s <= 60
        source.close()

    def test_one_that_is_not_there_is_refused_by_name(
        self, opener: Opener, gone: CameraSpec
    ) -> None:
        with pytest.raises(SourceError) as caught:
            opener.open(gone.main, gone)
        assert caught.value.fault in {Fault.UNREACHABLE, Fault.NO_SUCH_PATH, Fault.TIMEOUT}
