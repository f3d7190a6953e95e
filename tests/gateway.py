"""A gateway on this machine that answers as it is told, for the tests of notifiers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Gateway:
    """Keeps what it heard. `status`, `body`, `headers` are its answer, `slow_s` how late it is.

    `closed`: it hangs up without a word.
    """

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    slow_s: float = 0.0
    closed: bool = False
    heard: list[Heard] = field(default_factory=list)


@contextmanager
def gateway() -> Iterator[Gateway]:
    """A running one on a free port of the loopback."""
    here = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            names = {name.lower(): value for name, value in self.headers.items()}
            here.heard.append(Heard(self.command, self.path, names, body))
            time.sleep(here.slow_s)
            if here.closed:
                self.close_connection = True
                return
            self.send_response(here.status)
            for name, value in here.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(here.body)))
            self.end_headers()
            self.wfile.write(here.body)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
