"""An RTSP 1.0 server (RFC 2326) for simulated cameras, as far as players of live video ask."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.ingest.simulate import auth, sdp
from hub.ingest.simulate.camera import SimCamera
from hub.ingest.simulate.receiver import Receiver, Wire
from hub.ingest.simulate.wire import TcpWire, UdpPair, UdpWire
from hub.kit.clock import Clock
from hub.types.media import StreamRole

log = logging.getLogger(__name__)

SESSION_S = 60
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
_HEAD_BYTES_MAX = 16 * 1024
_BUFFER_BYTES_MAX = 4 * 1024 * 1024
_SEND_BUFFER_BYTES = 256 * 1024
"""The system's own buffer kept small, so that a slow client is noticed."""
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in small letters."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


def parse_request(head: bytes) -> Request:
    """The request line and headers. Raises ValueError."""
    first, *rest = head.decode("utf-8").strip().split("\r\n")
    method, url, version = first.split(" ")
    if not version.startswith("RTSP/1"):
        raise ValueError(f"not RTSP: {first[:60]!r}")
    pairs = (line.partition(":") for line in rest)
    return Request(method, url, {key.strip().lower(): value.strip() for key, _, value in pairs})


class RtspServer:
    """Serves `rtsp://host:port/<camera>/<stream>`."""

    def __init__(self, cameras: Mapping[str, SimCamera], clock: Clock, rng: random.Random) -> None:
        self.cameras, self.clock, self.rng = cameras, clock, rng
        self.udp = UdpPair()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        for camera in cameras.values():
            camera.on_cut = lambda camera=camera: self._cut(camera)  # type: ignore[misc]

    async def open(self, host: str, port: int) -> None:
        """Begin to listen. Raises OSError if the port is taken."""
        self._server = await asyncio.start_server(
            self._serve, host, port, limit=_HEAD_BYTES_MAX, backlog=256
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self.udp.open(host)

    async def close(self) -> None:
        """Stop listening and drop all connections."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.abort()
        self.udp.close()

    def clients(self, camera: SimCamera) -> int:
        """Clients that play a stream of this camera."""
        return sum(len(receivers) for receivers in camera.receivers.values())

    def _cut(self, camera: SimCamera) -> None:
        for connection in tuple(self._connections):
            if connection.camera is camera:
                connection.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES
        )
        connection = _Connection(self, reader, writer)
        self._connections.add(connection)
        try:
            await connection.run()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError) as error:
            log.debug("connection ended: %r", error)
        except (ValueError, asyncio.LimitOverrunError) as error:
            log.warning("connection dropped: %s", error)
        finally:
            self._connections.discard(connection)
            connection.forget()
            writer.close()


class _Connection:
    """One client's control connection; the session ends with it."""

    def __init__(
        self, server: RtspServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.camera: SimCamera | None = None
        self._server, self._reader, self._writer = server, reader, writer
        self._nonce = secrets.token_hex(16)
        self._session = secrets.token_hex(8)
        self._role: StreamRole | None = None
        self._receiver: Receiver | None = None

    async def run(self) -> None:
        """Answer requests until the client leaves or is silent for a session's time."""
        while True:
            async with asyncio.timeout(SESSION_S + 10):
                request = await self._next()
            if request is None:
                continue
            answer = self._answer(request)
            if answer is None:
                self.abort()
                return
            self._reply(request, answer)
            if request.method == "PLAY" and answer.status == 200:
                self._play()
            if request.method == "TEARDOWN":
                return

    def abort(self) -> None:
        """Reset the connection."""
        self.forget()
        self._writer.transport.abort()

    def forget(self) -> None:
        """Take the client off its stream."""
        if self.camera is not None and self._role is not None and self._receiver is not None:
            self.camera.receivers[self._role].discard(self._receiver)

    async def _next(self) -> Request | None:
        """The next request; None for an interleaved packet (a receiver report), left unread."""
        first = await self._reader.readexactly(1)
        if first == b"$":
            head = await self._reader.readexactly(3)
            await self._reader.readexactly(int.from_bytes(head[1:], "big"))
            return None
        request = parse_request(first + await self._reader.readuntil(b"\r\n\r\n"))
        length = int(request.headers.get("content-length", "0"))
        if not 0 <= length <= _HEAD_BYTES_MAX:
            raise ValueError(f"a body of {length} bytes")
        await self._reader.readexactly(length)
        return request

    def _reply(self, request: Request, answer: Answer) -> None:
        lines = [f"RTSP/1.0 {answer.status} {_REASONS[answer.status]}"]
        headers = (("CSeq", request.headers.get("cseq", "0")), *answer.headers)
        lines.extend(f"{key}: {value}" for key, value in headers)
        if answer.body:
            lines.append(f"Content-Length: {len(answer.body.encode())}")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + answer.body).encode())
        if self._writer.transport.get_write_buffer_size() > _BUFFER_BYTES_MAX:
            raise ConnectionError("the client asks and does not read")

    def _answer(self, request: Request) -> Answer | None:
        """What to say; None to drop the connection without a word."""
        camera, role = self._find(request.url)
        if camera is not None and camera.gone:
            return None
        if request.method == "OPTIONS":
            return Answer(headers=(("Public", _METHODS),))
        if camera is None or role is None:
            return Answer(404)
        if not self._may(camera, request):
            said = auth.challenge("basic" if camera.spec.auth == "basic" else "digest", self._nonce)
            return Answer(401, (("WWW-Authenticate", said),))
        match request.method:
            case "DESCRIBE":
                return self._describe(camera, role, request.url)
            case "SETUP":
                return self._setup(camera, role, request)
            case "PLAY":
                return self._started(camera, request.url)
            case "TEARDOWN" | "GET_PARAMETER" | "SET_PARAMETER":
                return Answer(headers=(("Session", self._session),))
        return Answer(405, (("Allow", _METHODS),))

    def _find(self, url: str) -> tuple[SimCamera | None, StreamRole | None]:
        parts = urlsplit(url).path.strip("/").split("/")
        camera = self._server.cameras.get(parts[0])
        if camera is None or len(parts) < 2 or parts[1] not in camera.spec.renderings():
            return camera, None
        return camera, StreamRole(parts[1])

    def _may(self, camera: SimCamera, request: Request) -> bool:
        spec = camera.spec
        if camera.refusing:
            return False
        return spec.auth == "none" or auth.allowed(
            spec.auth,
            request.headers.get("authorization"),
            method=request.method,
            nonce=self._nonce,
            username=spec.username,
            password=spec.password.get_secret_value(),
        )

    def _describe(self, camera: SimCamera, role: StreamRole, url: str) -> Answer:
        rendition = camera.shown(role)
        host = self._writer.get_extra_info("sockname")[0]
        body = sdp.describe(
            f"{camera.spec.id} {role}",
            host,
            rendition.fps,
            rendition.sets,
            sprop=camera.spec.sprop,
        )
        base = url.rstrip("/") + "/"
        return Answer(200, (("Content-Type", "application/sdp"), ("Content-Base", base)), body)

    def _setup(self, camera: SimCamera, role: StreamRole, request: Request) -> Answer:
        if self._receiver is not None:
            return Answer(455)
        made = self._wire(request.headers.get("transport", ""))
        if made is None:
            return Answer(461)
        wire, transport = made
        self.camera, self._role = camera, role
        self._receiver = Receiver(wire, self._server.rng, self._server.clock.monotonic)
        ssrc = f"{self._receiver.rtp.ssrc:08X}"
        session = f"{self._session};timeout={SESSION_S}"
        return Answer(200, (("Transport", f"{transport};ssrc={ssrc}"), ("Session", session)))

    def _wire(self, wanted: str) -> tuple[Wire, str] | None:
        """The first transport of the client's list that is served, and how it is confirmed."""
        for offer in wanted.split(","):
            protocol, *fields = (part.strip() for part in offer.split(";"))
            said = dict(field.partition("=")[::2] for field in fields)
            if protocol == "RTP/AVP/TCP":
                channels = said.get("interleaved", "0-1")
                wire: Wire = TcpWire(self._writer, int(channels.split("-")[0]))
                return wire, f"RTP/AVP/TCP;unicast;interleaved={channels}"
            if protocol in ("RTP/AVP", "RTP/AVP/UDP") and "client_port" in said:
                port = int(said["client_port"].split("-")[0])
                host = self._writer.get_extra_info("peername")[0]
                udp = self._server.udp
                ports = f"client_port={port}-{port + 1};server_port={udp.port}-{udp.port + 1}"
                return UdpWire(udp, host, port, self._writer), f"RTP/AVP;unicast;{ports}"
        return None

    def _started(self, camera: SimCamera, url: str) -> Answer:
        if self._receiver is None:
            return Answer(455)
        track = url.rstrip("/") + "/trackID=0"
        info = f"url={track};seq={self._receiver.rtp.sequence};rtptime={camera.timestamp()}"
        session = ("Session", f"{self._session};timeout={SESSION_S}")
        return Answer(200, (session, ("Range", "npt=now-"), ("RTP-Info", info)))

    def _play(self) -> None:
        if self.camera is not None and self._role is not None and self._receiver is not None:
            self.camera.receivers[self._role].add(self._receiver)
