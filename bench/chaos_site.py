"""The site that is put under fire: three simulated cameras, sensors over HTTP and MQTT, one folder.

Pictures need no model here: the cameras speak through their health (they vanish now and then), the
picture rules' findings come from the producer of `bench.chaos_producer`.
"""

from __future__ import annotations

import json
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

SHIPPED = Path(__file__).parents[1] / "configs"

CAMERAS = ("chaos-1", "chaos-2", "chaos-3")
PLACES = ((103.203444, 38.608990), (103.231683, 38.613873), (103.230995, 38.602252))
"""In three grids, one of them below the second centre."""
HTTP_SENSORS = ("http-1", "http-2", "http-3", "http-4")
MQTT_SENSORS = ("mqtt-1", "mqtt-2")
ZONE_RULE, LEVEL_RULE, OFFLINE_RULE = "zone", "level", "offline"
HIGH, LOW = 90.0, 10.0
LONGEST_S = 1800

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """Folders and ports of one run."""

    folder: Path
    api_port: int
    rtsp_port: int
    mqtt_port: int

    @property
    def config(self) -> Path:
        return self.folder / "configs"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def scenario(self) -> Path:
        return self.config / "simulation.yaml"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def consumed(self, centre: str) -> Path:
        return self.folder / f"consumed-{centre}.jsonl"

    @property
    def promised(self) -> Path:
        """Ids that the extra producer was told are on the disk."""
        return self.folder / "promised.txt"


def make_site(folder: Path) -> Site:
    """Write all files of the site into an empty folder."""
    site = Site(folder, *_free_ports(3))
    site.config.mkdir(parents=True)
    for name in ("grids.geojson", "models.yaml"):
        shutil.copyfile(SHIPPED / name, site.config / name)
    clip = folder / "clip.mp4"
    _film(clip)
    files = {
        "hub.yaml": {"addresses": {"ranges": ["127.0.0.0/8"]}},
        "dispatch.yaml": _dispatch(),
        "rules.yaml": {"rules": _rules()},
        "cameras.yaml": {"cameras": [_camera(site, n) for n in range(len(CAMERAS))]},
        "sensors.yaml": _sensors(site),
        "simulation.yaml": _simulation(site, clip),
    }
    for name, content in files.items():  # JSON is YAML
        (site.config / name).write_text(json.dumps(content, indent=1), "utf-8")
    return site


def _free_ports(count: int) -> list[int]:
    """Ports that are free now, and different."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports


def _dispatch() -> Json:
    centres = [{"id": "county", "name": "County"}, {"id": "nanpo", "name": "Nanpo"}]
    # An entry that a killed server took along with its reader's answer is soon handed out anew.
    return {"centres": centres, "default_centre": "county", "redelivery_idle_s": 60}


def _rules() -> list[Json]:
    at_once = {"group_wait_s": 0, "repeat_within_s": 0, "clear_after_s": 0}
    return [
        {"id": ZONE_RULE, "kind": "zone_intrusion", **at_once},
        {"id": OFFLINE_RULE, "kind": "camera_offline", "after_s": 1, **at_once},
        {
            "id": LEVEL_RULE,
            "kind": "sensor_threshold",
            "quantity": "level",
            "above": 50,
            "hold_s": 0,
            **at_once,
        },
    ]


def _placed(number: int) -> Json:
    lon, lat = PLACES[number % len(PLACES)]
    return {
        "owner_kind": "public",
        "owner": "bench",
        "place_class": "square",
        "position": {"lon": lon, "lat": lat, "datum": "wgs84"},
    }


def _camera(site: Site, number: int) -> Json:
    name = CAMERAS[number]
    return {
        "id": name,
        "name": name,
        **_placed(number),
        "main": {"url": f"rtsp://127.0.0.1:{site.rtsp_port}/{name}/main"},
        "sub": {"url": f"rtsp://127.0.0.1:{site.rtsp_port}/{name}/sub"},
        "rules": [{"rule": OFFLINE_RULE}],
    }


def _sensors(site: Site) -> Json:
    reading = {"quantity": "level", "path": "data.level"}
    common = {"readings": [reading], "rules": [LEVEL_RULE]}
    http = [
        {"id": name, "name": name, **_placed(n), "protocol": "http", **common}
        for n, name in enumerate(HTTP_SENSORS)
    ]
    mqtt = [
        {"id": name, "name": name, **_placed(n), "broker": "local", "topic": f"t/{name}", **common}
        for n, name in enumerate(MQTT_SENSORS)
    ]
    broker = {"id": "local", "host": "127.0.0.1", "port": site.mqtt_port, "tls": False}
    return {"brokers": [broker], "sensors": [*http, *mqtt]}


def _simulation(site: Site, clip: Path) -> Json:
    small = {"width": 160, "height": 90, "kbps": 100}
    course = [(second, HIGH if second % 2 else LOW) for second in range(LONGEST_S)]
    return {
        "port": site.rtsp_port,
        "control_port": 0,
        "clips": {"walk": {"source": f"file:{clip}"}},
        "broker": {"host": "127.0.0.1", "port": site.mqtt_port},
        "cameras": [
            {
                "id": name,
                "playlist": [{"clip": "walk"}],
                "main": {"width": 320, "height": 180, "kbps": 300},
                "sub": small,
                "fps": 10,
                "gop_s": 1,
                "faults": [
                    {"kind": "vanish", "at_s": second + 5 * n, "for_s": 4}
                    for second in range(8, LONGEST_S, 20)
                ],
            }
            for n, name in enumerate(CAMERAS)
        ],
        "sensors": [
            {
                "id": name,
                "topic": f"t/{name}",
                "quantity": "level",
                "every_s": 0.5,
                "course": course,
            }
            for name in MQTT_SENSORS
        ],
    }


def _film(path: Path) -> None:
    """Two seconds of a block that walks through a plain picture."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.bit_rate = 320, 180, 500_000
        for n in range(20):
            picture = np.full((180, 320, 3), 90, np.uint8)
            picture[60:120, 10 + 10 * n : 40 + 10 * n] = 220
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))
