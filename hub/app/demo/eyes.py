"""What the demo sees of the hub while it runs: heartbeats, and what the api answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from hub.app.demo.numbers import backlogs
from hub.app.demo.table import View
from hub.kit.errors import Retryable
from hub.store.stream import Heartbeats, connect

log = logging.getLogger(__name__)

Json = dict[str, Any]

ALERTS_SHOWN = 40


class Eyes:
    """Reads from outside. What cannot be read just now stands as it was read last."""

    def __init__(self, address: str, token: str, redis_url: str, consumed: Mapping[str, Path]):
        """`consumed`: the file in which each centre's own program notes what it read."""
        self._address = address
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=address, headers=headers, timeout=5.0)
        self._beats = Heartbeats(connect(redis_url))
        self._consumed = consumed
        self._answers: dict[str, httpx.Response] = {}
        self._cameras: dict[str, Json] = {}

    def cameras(self) -> dict[str, Json]:
        """The newest numbers of each camera, from the workers' heartbeats."""
        try:
            bodies = self._beats.all()
        except Retryable as error:
            log.debug("no heartbeats: %s", error)
            return self._cameras
        for body in bodies.values():
            self._cameras |= {camera["id"]: camera for camera in body.get("cameras", [])}
        return self._cameras

    def view(
        self, site: str, zone: ZoneInfo, elapsed_s: float, restarts: Mapping[str, int]
    ) -> View:
        """What the live table shows now."""
        cameras = self.cameras()
        grids = self._json("/api/v1/grids", once=True).get("items", [])
        return View(
            site=site,
            zone=zone,
            elapsed_s=elapsed_s,
            cameras=[cameras[key] for key in sorted(cameras)],
            alerts=self._json(f"/api/v1/alerts?limit={ALERTS_SHOWN}").get("items", []),
            queues=backlogs(self._text("/metrics")),
            consumed={centre: _lines(path) for centre, path in self._consumed.items()},
            ledger=self._json("/api/v1/ledger"),
            grids={grid["code"]: grid["name"] for grid in grids},
            restarts=restarts,
            address=self._address,
        )

    def _json(self, path: str, *, once: bool = False) -> Json:
        if not (once and path in self._answers):
            self._ask(path)
        answer = self._answers.get(path)
        body: Json = answer.json() if answer is not None else {}
        return body

    def _text(self, path: str) -> str:
        self._ask(path)
        answer = self._answers.get(path)
        return answer.text if answer is not None else ""

    def _ask(self, path: str) -> None:
        try:
            self._answers[path] = self._client.get(path).raise_for_status()
        except httpx.HTTPError as error:
            log.debug("%s: %s", path, error)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0
