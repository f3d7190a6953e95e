"""The town that the browser tests walk through: a running hub, sixteen cameras, three people."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hub.app.demo.logins import make_logins
from hub.ingest.simulate.scenario import CameraSim, Rendering, Segment
from tests.harness import Json, Running, eventually, running_hub

FPS = 10
STREET = tuple(f"street-{n:02d}" for n in range(1, 17))
SQUARE, ROAD = "cam-square-02", "cam-road-02"
"""Simulated cameras of the demo: people who cross a square, a motorway."""
_POSITION = {"lon": 103.2035, "lat": 38.6105, "datum": "wgs84"}
_CLIPS = ("square-east", "motorway-near")


def _street_camera(camera: str, clip: str) -> CameraSim:
    """A tile of a wall as the wall's figures suppose it: 360p, ten pictures a second."""
    small = Rendering(width=640, height=360, kbps=500)
    shown = (Segment(clip=clip),)
    return CameraSim(id=camera, playlist=shown, main=small, sub=None, fps=FPS)


@dataclass(frozen=True)
class Town:
    """A running hub with its simulated cameras. `logins`: password by login."""

    hub: Running
    address: str
    logins: dict[str, str]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def post(self, path: str, body: Json | None = None) -> Json:
        """Something made by the administrator's token; the answer's body."""
        answer = self.hub.api.post(path, json=body or {})
        assert answer.is_success, answer.text
        said: Json = answer.json()
        return said

    def camera(self, camera: str, url: str, **more: object) -> Json:
        """Register a camera and wait until its picture comes."""
        body = {
            "id": camera,
            "name": f"路口 {camera}",
            "owner_kind": "public",
            "owner": "柳溪县城市管理局",
            "place_class": "road",
            "main": {"url": url},
            "position": _POSITION,
            **more,
        }
        made = self.post("/cameras", body)
        eventually(f"{camera} is online", lambda: self.hub.state(camera) == "online", 120)
        return made

    def without(self, camera: str) -> None:
        """Take a camera out of the register."""
        answer = self.hub.api.delete(f"/cameras/{camera}")
        assert answer.is_success, answer.text

    def street(self) -> None:
        """Register the sixteen cameras; once."""
        known = {item["id"] for item in self.hub.get("/cameras", limit=200)["items"]}
        missing = [camera for camera in STREET if camera not in known]
        for camera in missing:
            url = self.hub.simulator.url(camera)
            self.post(
                "/cameras",
                {
                    "id": camera,
                    "name": f"街景 {camera[-2:]} / Street {camera[-2:]}",
                    "owner_kind": "public",
                    "owner": "柳溪县城市管理局",
                    "place_class": "street",
                    "main": {"url": url},
                    "position": _POSITION,
                },
            )
        eventually(
            "the street is online",
            lambda: all(self.hub.state(camera) == "online" for camera in STREET),
            180,
        )

    def button(self, policy: str = "auto_dispatch") -> str:
        """A new panic button with a rule of its own: nothing it raises is a repeat."""
        name = f"button-{next(self._numbers):02d}"
        rule = {"id": f"{name}-rule", "kind": "panic_button", "severity": "P1", "policy": policy}
        self.post("/rules", {**rule, "group_wait_s": 0})
        sensor = {
            "id": name,
            "name": f"一键报警 {name}",
            "owner_kind": "school",
            "owner": "柳溪中学",
            "kind": "panic_button",
            "protocol": "http",
            "position": _POSITION,
            "rules": [rule["id"]],
        }
        self.post("/sensors", sensor)
        return name

    def pressed(self, policy: str = "auto_dispatch") -> Json:
        """Somebody presses a new button: its alert."""
        return self.press(self.button(policy))

    def press(self, button: str) -> Json:
        """Press until the centre knows the button; the alert it raised."""

        def raised() -> Json | None:
            self.post(f"/sensors/{button}/press")
            return self.alert(source=button)

        alert = eventually(f"an alert of {button}", raised)
        assert alert is not None
        return alert

    def alert(self, **wanted: object) -> Json | None:
        """The newest alert with these values, None while there is none."""
        items = self.hub.get("/alerts", limit=200)["items"]
        found = [each for each in items if wanted.items() <= each.items()]
        return max(found, key=lambda each: str(each["raised_at"])) if found else None

    def task_of(self, alert: str) -> Json:
        """The task that came of an alert."""

        def made() -> Json | None:
            incident = self.hub.get(f"/alerts/{alert}")["incident_id"]
            items = self.hub.get("/tasks", limit=200)["items"]
            return next((t for t in items if t["incident_id"] == incident), None)

        task = eventually(f"the task of {alert}", made)
        assert task is not None
        return task

    def sent(self, camera: str, since: float = 0.0) -> list[float]:
        """When each picture of a camera left the simulator, UTC seconds."""
        mine = f'{{"camera":"{camera}"'
        with (self.hub.folder / "sent.jsonl").open(encoding="ascii") as log:
            whole = [line for line in log if line.startswith(mine) and line.endswith("\n")]
        return [at for line in whole if (at := float(json.loads(line)["sent_at"])) >= since]


@contextmanager
def open_town(folder: Path) -> Iterator[Town]:
    """Simulator, hub and the three people, for the length of a `with`."""
    street = tuple(
        _street_camera(camera, clip)
        for camera, clip in zip(STREET, itertools.cycle(_CLIPS), strict=False)
    )
    with running_hub(folder, simulated=(SQUARE, ROAD), enabled=(), more=street) as running:
        logins = make_logins(running.setup.database, time.time())
        address = str(running.api.base_url).removesuffix("/api/v1/")
        yield Town(running, address, dict(logins))
