"""A recorded clip in place of a camera: at its own pace for tests, at full speed for replay."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import av

from hub.ingest.container import AvSource, named
from hub.ingest.source import Decoder, Fault, Header, Source, SourceError, Unit
from hub.kit.clock import Clock
from hub.types.site import CameraSpec, Ring, Spec, Stream


class FileSettings(Spec):
    """`paced`: deliver at the clip's own pace, as a camera would; else as fast as it is read."""

    paced: bool = True
    read_timeout_s: float = 5.0


PAUSE_S_MAX = 30.0
"""Between two pictures of a clip that is played at its own pace."""


class FileOpener:
    """Opens `file:///path/clip.mp4` or a bare path."""

    schemes: ClassVar[tuple[str, ...]] = ("file", "")

    def __init__(self, clock: Clock, settings: FileSettings = FileSettings()) -> None:
        self._clock = clock
        self._settings = settings
        self.open_limit_s = 2 * settings.read_timeout_s

    def open(self, stream: Stream, camera: CameraSpec) -> Source:  # noqa: ARG002
        """Open the clip. Raises SourceError."""
        source = open_clip(Path(_path(stream.url)), self._settings.read_timeout_s)
        return _Paced(source, self._clock) if self._settings.paced else source


def open_clip(path: Path, read_timeout_s: float = 5.0) -> AvSource:
    """A clip at full speed. Raises SourceError."""
    if not path.is_file():
        raise SourceError(Fault.NO_SUCH_PATH, f"no file {path}")
    try:
        container = av.open(str(path), mode="r", timeout=read_timeout_s)
    except av.FFmpegError as error:
        raise named(error) from None
    try:
        return AvSource(container, read_timeout_s)
    except SourceError:
        container.close()
        raise


def _path(url: str) -> str:
    return unquote(urlsplit(url).path) if url.startswith("file:") else url


class _Paced:
    """Holds each unit back until its time has come."""

    def __init__(self, source: AvSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        # It sleeps between its packets; a GOP of stills may be seconds apart.
        self.read_limit_s = source.read_limit_s + PAUSE_S_MAX
        self._never = threading.Event()

    @property
    def header(self) -> Header:
        """As the clip says."""
        return self._source.header

    def units(self) -> Iterator[Unit]:
        """Units, each when its decode time has come since the first."""
        begun = self._clock.monotonic()
        first_s: float | None = None
        for unit in self._source.units():
            if unit.dts_s is not None:
                first_s = unit.dts_s if first_s is None else first_s
                wait_s = begun + unit.dts_s - first_s - self._clock.monotonic()
                if wait_s > 0:
                    self._clock.wait(self._never, wait_s)
            yield unit

    def decoder(self, masks: Sequence[Ring]) -> Decoder:
        """The clip's decoder."""
        return self._source.decoder(masks)

    def cut(self) -> None:
        """A clip has no line to cut."""
        self._source.cut()

    def close(self) -> None:
        """Close the file."""
        self._source.close()
