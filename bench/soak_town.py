"""The demo's town for a long run: its own ports and folder, and faults only when ordered."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from hub.app.demo.run import Demo, Options
from hub.app.demo.stage import Folders
from hub.app.setup import Setup
from hub.config import load_or_refuse
from hub.ingest.simulate import FaultKind
from hub.kit.clock import Clock
from hub.kit.places import cache_dir

SHIPPED = Path(__file__).parents[1] / "configs"
PROFILE = "demo"
NEVER_S = 1e9
"""A fault on the timetable for then is prepared at the start and never comes."""

Json = dict[str, Any]
Kinds = Mapping[str, Sequence[FaultKind]]


class Town:
    """A copy of the demo's files in `folder` on ports that are free now.

    `cameras` are the simulated cameras' ids, `gop_s` is the longest distance of keyframes of any.
    """

    def __init__(self, folder: Path) -> None:
        self.folders = Folders(folder)
        self.config = folder / "configs"
        self.scenario = self.config / "profiles" / PROFILE / "simulation.yaml"
        self._rtsp, self.control_port, self._mqtt, self._api = _free_ports(4)
        shutil.copytree(SHIPPED, self.config)
        for path in sorted(self.config.joinpath("profiles", PROFILE).iterdir()):
            text = path.read_text("utf-8")
            text = text.replace("${DEMO_RTSP_PORT:-18554}", str(self._rtsp))
            text = text.replace("${DEMO_MQTT_PORT:-18883}", str(self._mqtt))
            path.write_text(text, "utf-8")
        self._scenario: Json = YAML(typ="safe").load(self.scenario.read_text("utf-8"))
        self._scenario |= {"port": self._rtsp, "control_port": self.control_port}
        self._scenario["broker"]["port"] = self._mqtt
        cameras = self._scenario["cameras"]
        self.cameras: list[str] = [camera["id"] for camera in cameras]
        self.gop_s: float = max(camera.get("gop_s", 2.0) for camera in cameras)

    def only_ordered(self, kinds: Kinds) -> None:
        """Take the demo's own faults out; what `kinds` need is made ready before the start."""
        for camera in self._scenario["cameras"]:
            camera["faults"] = [
                {"kind": kind.value, "at_s": NEVER_S} for kind in kinds.get(camera["id"], ())
            ]
        # JSON is YAML, and needs no writer of its own.
        text = json.dumps(self._scenario, ensure_ascii=False, indent=1)
        self.scenario.write_text(text, "utf-8")

    def make_ready(self) -> None:
        """Pull the model and prepare the clips, which takes minutes the first time."""
        hub = [sys.executable, "-m", "hub"]
        model = load_or_refuse(self.config, PROFILE).models.default
        for command in (
            [*hub, "models", "--config", str(self.config), "pull", model],
            [*hub, "simulate", "--scenario", str(self.scenario), "--prepare"],
        ):
            if subprocess.run(command, check=False).returncode:
                raise SystemExit(f"`{' '.join(command[1:])}` failed")

    def demo(self, clock: Clock) -> Demo:
        """The demo on these files."""
        centres = load_or_refuse(self.config, PROFILE).dispatch.centres
        setup = Setup(
            config=self.config,
            profile=PROFILE,
            data=self.folders.data,
            cache=cache_dir(),
            host="127.0.0.1",
            port=self._api,
            workers=1,
            log_level="INFO",
            redis_url=None,
            database_url=None,
        )
        names = tuple(centre.id for centre in centres)
        return Demo(Options(setup, self.folders, self.scenario, names), clock)


def _free_ports(count: int) -> list[int]:
    """Ports that are free now, and different."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports
