"""A server that plays sound only and answers 503 while it puts the last session away."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub.ingest.source import Fault, SourceError
from hub.ingest.sources import AnyOpener, SourceSettings
from hub.kit.clock import RealClock
from hub.types.site import CameraSpec

SOUND = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\na=control:sound\r\n"
)
SETTINGS = SourceSettings.model_validate({"rtsp": {"connect_timeout_s": 1.0}})
ALL = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        number = self.server.begun()
        while request := self._request():
            method, sequence, transport = request
            status, more, body = self._answer(method, number, transport)
            head = f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{more}Content-Length: {len(body)}\r\n"
            self.wfile.write(f"{head}\r\n{body}".encode())

    def _request(self) -> tuple[str, str, str] | None:
        lines: list[str] = []
        while line := self.rfile.readline().decode().strip():
            lines.append(line)
        if not lines:
            return None
        headers = dict(line.split(": ", 1) for line in lines[1:])
        return lines[0].split()[0], headers["CSeq"], headers.get("Transport", "")

    def _answer(self, method: str, number: int, transport: str) -> tuple[str, str, str]:
        busy = 1 < number <= 1 + self.server.busy
        match method:
            case "DESCRIBE" if busy:
                return "503 Service Unavailable", "", ""
            case "DESCRIBE":
                return "200 OK", "Content-Type: application/sdp\r\n", SOUND
            case "SETUP":
                return "200 OK", f"Transport: {transport}\r\nSession: 1\r\n", ""
            case "PLAY" if number == 1:
                return "455 Method Not Valid in This State", "", ""
            case _:
                return "200 OK", f"Public: {ALL}\r\nSession: 1\r\n", ""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, busy: int) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.busy = busy
        self.sessions = 0

    def begun(self) -> int:
        self.sessions += 1
        return self.sessions


@contextmanager
def serving(busy: int) -> Iterator[_Server]:
    with _Server(busy) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(5.0)


def refusal(server: _Server) -> SourceError:
    spec = CameraSpec.model_validate(
        {
            "id": "busy-1",
            "name": "Busy",
            "owner_kind": "public",
            "owner": "test",
            "place_class": "street",
            "main": {"url": f"rtsp://127.0.0.1:{server.server_address[1]}/sound"},
        }
    )
    with pytest.raises(SourceError) as caught:
        AnyOpener(SETTINGS, RealClock()).open(spec.main, spec)
    return caught.value


@pytest.mark.parametrize("busy", [0, 1, 3])
def test_a_server_that_wants_a_moment_is_asked_again(busy: int) -> None:
    with serving(busy) as server:
        assert refusal(server).fault is Fault.AUDIO_ONLY
        assert server.sessions == 2 + busy


def test_one_that_stays_busy_is_said_to_be_broken() -> None:
    with serving(busy=99) as server:
        error = refusal(server)
        assert (error.fault, server.sessions) == (Fault.BROKEN, 5)
        assert "5XX" in str(error)
