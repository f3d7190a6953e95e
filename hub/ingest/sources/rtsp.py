"""RTSP cameras over TCP or UDP, with basic or digest authentication."""

from __future__ import annotations

import threading
from typing import ClassVar
from urllib.parse import quote, urlsplit, urlunsplit

import av
from av.container import InputContainer

from hub.ingest.addresses import AddressPolicy
from hub.ingest.container import AvSource, named, video_of
from hub.ingest.line import connections, line_to
from hub.ingest.source import Fault, Source, SourceError
from hub.kit.clock import Clock
from hub.kit.errors import HubError
from hub.types.site import CameraSpec, Credentials, Spec, Stream

_PORTS = {"rtsp": 554, "rtsps": 322}
"""Where none is given, as ffmpeg has it."""

_PAUSES_S = (0.0, 0.25, 0.5, 1.0)
"""Before each second look: a server that still puts away what the first had asked for answers 503
(GStreamer's does, on a busy machine at every other try)."""


class RtspSettings(Spec):
    """Limits of a connection. The probe sizes halve the time to the first picture."""

    connect_timeout_s: float = 5.0
    read_timeout_s: float = 5.0
    probe_bytes: int = 32_768
    analyse_s: float = 0.1


class RtspOpener:
    """Opens `rtsp://` and `rtsps://` addresses."""

    schemes: ClassVar[tuple[str, ...]] = ("rtsp", "rtsps")

    def __init__(
        self, policy: AddressPolicy, clock: Clock, settings: RtspSettings = RtspSettings()
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._settings = settings
        # Resolving, opening and looking for stream parameters each have their own limit.
        self.open_limit_s = 4 * settings.connect_timeout_s

    def open(self, stream: Stream, camera: CameraSpec) -> Source:
        """Connect and read the stream's parameters. Raises SourceError, without the password."""
        url = _with_credentials(self._checked(stream.url), camera.credentials)
        before = connections()
        container = self._attempt(url, camera.transport)
        if isinstance(container, SourceError):
            raise container
        parts = urlsplit(url)
        line = line_to(parts.hostname or "", parts.port or _PORTS[parts.scheme], before)
        try:
            return AvSource(container, self._settings.read_timeout_s, line)
        except SourceError:
            container.close()
            line.close()
            raise

    def _checked(self, url: str) -> str:
        try:
            return self._policy.check(url)
        except HubError as error:
            raise SourceError(Fault(error.code), str(error)) from None

    def _attempt(self, url: str, transport: str) -> InputContainer | SourceError:
        """Connect. The error is given back, for one raised here would carry ffmpeg's own with
        it, and that holds the address with the password."""
        begun = self._clock.monotonic()
        try:
            return self._connect(url, transport, allowed_media_types="video")
        except av.HTTPOtherClientError:
            # PLAY with no track set up is refused: there may be sound only.
            return self._without_limit(url, transport)
        except av.InvalidDataError as error:
            # ffmpeg reports a server that stays silent as invalid data.
            waited_s = self._clock.monotonic() - begun
            silent = waited_s >= 0.9 * self._settings.connect_timeout_s
            text = f"no answer for {waited_s:.0f} s"
            return SourceError(Fault.TIMEOUT, text) if silent else named(error)
        except av.FFmpegError as error:
            return named(error)

    def _connect(self, url: str, transport: str, **more: str) -> InputContainer:
        settings = self._settings
        # ffmpeg's own limit, for each step of a transfer, stands behind the others.
        backstop_s = max(settings.connect_timeout_s, settings.read_timeout_s) + 1.0
        options = {
            "rtsp_transport": transport,
            "timeout": str(int(backstop_s * 1e6)),
            "probesize": str(settings.probe_bytes),
            "analyzeduration": str(int(settings.analyse_s * 1e6)),
            "protocol_whitelist": "rtsp,rtsps,rtp,srtp,udp,tcp,tls,crypto",
            **more,
        }
        return av.open(
            url,
            mode="r",
            format="rtsp",
            options=options,
            # Not for reads: `line.py` says why, and who ends one that hangs.
            timeout=(settings.connect_timeout_s, None),
        )

    def _without_limit(self, url: str, transport: str) -> SourceError:
        """Why there was nothing to play: mostly there is sound only."""
        busy: SourceError
        for pause_s in _PAUSES_S:
            self._clock.wait(threading.Event(), pause_s)
            try:
                with self._connect(url, transport) as container:
                    video_of(container)
            except av.HTTPServerError as error:
                busy = named(error)
            except av.FFmpegError as error:
                return named(error)
            except SourceError as error:
                return error
            else:
                return SourceError(Fault.BROKEN, "the server refuses to play the video alone")
        return busy


def _with_credentials(url: str, credentials: Credentials | None) -> str:
    """The address with name and password; only ffmpeg ever sees this string."""
    if credentials is None:
        return url
    parts = urlsplit(url)
    name = quote(credentials.username, safe="")
    secret = quote(credentials.password.get_secret_value(), safe="")
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{name}:{secret}@{host}"))
