"""What the browser looks at: the hub on simulated cameras that show nothing but numbers."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.browser_sent import SendLine, send_line
from bench.frame_code import FPS, GOP, HEIGHT, WIDTH, write_clip
from bench.ready import free_port, online, until
from hub.app.demo.logins import make_logins
from hub.app.demo.stage import Extras, Folders
from hub.app.run import Hub
from hub.app.setup import BUILT_PAGES, Setup
from hub.kit.clock import RealClock
from hub.kit.places import cache_dir
from hub.store.stream import Heartbeats, connect

Json = dict[str, Any]

CONFIGS = Path(__file__).parent.parent / "configs"
CAMERAS = ("numbers-1", "numbers-2", "numbers-3", "numbers-4")
KBPS = 540
OPERATOR = "operator"
FLUSHED_S = 0.5
"""The simulator flushes its log each quarter second."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running hub: its address, the operator's password, the simulator's log."""

    address: str
    password: str
    send_log: Path

    def sent(self) -> dict[str, SendLine]:
        """What each camera sent up to now."""
        time.sleep(FLUSHED_S)
        lines = self.send_log.read_text("ascii").splitlines(keepends=True)
        return {camera: send_line(lines, camera) for camera in CAMERAS}


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """Cameras, then the hub, until it sees them all; ended in reverse."""
    if not (BUILT_PAGES / "index.html").exists():
        raise SystemExit(f"the pages are not built in {BUILT_PAGES}: make web")
    folders, config = Folders(folder), folder / "configs"
    config.mkdir()
    extras = Extras(folders)
    setup = Setup(
        config=config,
        profile=None,
        data=folders.data,
        cache=cache_dir(),
        host="127.0.0.1",
        port=free_port(),
        workers=1,
        log_level="WARNING",
        redis_url=None,
        database_url=None,
    )
    hub = Hub(setup, RealClock(), folders.log("hub"))
    try:
        _configs(config, _cameras(extras, folders))
        started = hub.prepare()
        logins = dict(make_logins(setup.database, time.time()))
        hub.start()
        beats = Heartbeats(connect(hub.setup.redis_url or ""))
        until(lambda: online(beats) == len(CAMERAS), "the hub's cameras")
        yield Site(started.address, logins[OPERATOR], folders.send_log)
    finally:
        hub.stop()
        extras.stop("simulator")


def _cameras(extras: Extras, folders: Folders) -> str:
    """Start the simulator in a process of its own; where its cameras are."""
    clip, scenario = folders.root / "numbers.mp4", folders.root / "simulation.yaml"
    write_clip(clip)
    stream = {"width": WIDTH, "height": HEIGHT, "kbps": KBPS}
    shown = {"main": stream, "sub": None, "fps": FPS, "gop_s": GOP / FPS}
    cameras = [{"id": id_, "playlist": [{"clip": "numbers"}], **shown} for id_ in CAMERAS]
    clips = {"numbers": {"source": f"file:{clip}"}}
    _write(scenario, {"port": 0, "control_port": 0, "clips": clips, "cameras": cameras})
    command = [sys.executable, "-m", "hub", "simulate", "--scenario", str(scenario)]
    extras.start("simulator", [*command, "--log", str(folders.send_log)], {})
    log = folders.log("simulator")
    until(lambda: "ready:" in log.read_text("utf-8", "replace"), "the simulator")
    port = re.search(r"on port (\d+)", log.read_text("utf-8"))
    assert port is not None
    return f"rtsp://127.0.0.1:{port[1]}"


def _configs(folder: Path, base: str) -> None:
    """The county's own rules, model, grids and centre; cameras without rules, so nobody looks."""
    for name in ("models.yaml", "rules.yaml", "grids.geojson", "dispatch.yaml"):
        shutil.copy(CONFIGS / name, folder / name)
    _write(folder / "hub.yaml", {"addresses": {"ranges": ["127.0.0.0/8"]}})
    cameras = [_camera(camera, f"{base}/{camera}/main") for camera in CAMERAS]
    _write(folder / "cameras.yaml", {"cameras": cameras})


def _camera(camera: str, url: str) -> Json:
    return {
        "id": camera,
        "name": camera,
        "owner_kind": "township",
        "owner": "柳溪镇人民政府",
        "place_class": "street",
        "main": {"url": url},
        "position": {"lon": 103.203444, "lat": 38.608990, "datum": "wgs84"},
    }


def _write(path: Path, content: Json) -> None:
    """JSON is YAML, and needs no writer of its own."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
