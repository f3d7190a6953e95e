from __future__ import annotations

from pathlib import Path

import pytest

from hub.ingest.source import Opener
from hub.ingest.sources.file import FileOpener, FileSettings
from hub.kit.clock import RealClock
from hub.types.site import CameraSpec
from tests.contract.sources import SourceContract
from tests.unit.ingest.clips import camera, encode, walk


class TestFile(SourceContract):
    @pytest.fixture
    def opener(self) -> Opener:
        return FileOpener(RealClock(), FileSettings(paced=False))

    @pytest.fixture
    def good(self, tmp_path: Path) -> CameraSpec:
        return camera(main={"url": str(encode(tmp_path / "a.mp4", walk(8)))})

    @pytest.fixture
    def gone(self, tmp_path: Path) -> CameraSpec:
        return camera(main={"url": f"file://{tmp_path}/none.mp4"})
