"""The protocols, one file each, listed here; `AnyOpener` picks by the address's scheme."""

from __future__ import annotations

from urllib.parse import urlsplit

from hub.ingest.addresses import AddressPolicy
from hub.ingest.source import Fault, Opener, Source, SourceError
from hub.ingest.sources.file import FileOpener, FileSettings
from hub.ingest.sources.rtsp import RtspOpener, RtspSettings
from hub.kit.clock import Clock
from hub.types.site import CameraSpec, Spec, Stream

OPENERS: tuple[type[RtspOpener] | type[FileOpener], ...] = (RtspOpener, FileOpener)
"""ADD A PROTOCOL: its opener here, its settings below."""


class SourceSettings(Spec):
    """The settings of each protocol, and the addresses cameras may have."""

    addresses: AddressPolicy = AddressPolicy()
    rtsp: RtspSettings = RtspSettings()
    file: FileSettings = FileSettings()


class AnyOpener:
    """Opens any stream by the scheme of its address; clips only where `file` is allowed."""

    def __init__(self, settings: SourceSettings, clock: Clock) -> None:
        openers: tuple[Opener, ...] = (
            RtspOpener(settings.addresses, clock, settings.rtsp),
            FileOpener(clock, settings.file),
        )
        self._by_scheme: dict[str, Opener] = {
            scheme: opener
            for kind, opener in zip(OPENERS, openers, strict=True)
            for scheme in kind.schemes
            if (scheme or "file") in settings.addresses.schemes
        }
        self.open_limit_s = max(opener.open_limit_s for opener in openers)

    def open(self, stream: Stream, camera: CameraSpec) -> Source:
        """Connect by the right protocol. Raises SourceError."""
        scheme = urlsplit(stream.url).scheme
        opener = self._by_scheme.get(scheme)
        if opener is None:
            raise SourceError(Fault.ADDRESS_REFUSED, f"scheme {scheme or 'file'!r} is not allowed")
        return opener.open(stream, camera)
