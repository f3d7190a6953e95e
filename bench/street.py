"""What the spine is measured on: a street of 360p cameras, mostly empty, people now and then."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Json = dict[str, Any]

CONFIGS = Path(__file__).parent.parent / "configs"
DEMO = CONFIGS / "profiles" / "demo" / "simulation.yaml"
ROUND_S = 60
PEOPLE_S = 5
FPS = 25


@dataclass(frozen=True, slots=True)
class Street:
    """`count` cameras of one size that take turns to see people, so that some always do."""

    count: int
    fps: int = FPS
    kbps: int = 500
    analysed: bool = True

    @property
    def ids(self) -> list[str]:
        """Names of the cameras."""
        return [f"street-{number:02d}" for number in range(self.count)]

    def scenario(self, folder: Path) -> Path:
        """The simulator's side; free ports."""
        clips = YAML(typ="safe").load(DEMO.read_text("utf-8"))["clips"]
        return _written(
            folder / "simulation.yaml",
            {
                "port": 0,
                "control_port": 0,
                "clips": {"square": clips["square"]},
                "cameras": [
                    {
                        "id": camera_id,
                        "main": {"width": 640, "height": 360, "kbps": self.kbps},
                        "sub": None,
                        "fps": self.fps,
                        "playlist": self._playlist(place),
                    }
                    for place, camera_id in enumerate(self.ids)
                ],
            },
        )

    def _playlist(self, place: int) -> list[Json]:
        """People for PEOPLE_S once in ROUND_S; each camera begins them a little later."""
        before_s = place * (ROUND_S - PEOPLE_S) // max(1, self.count - 1) // 2 * 2
        spans = [
            {"clip": "square", "empty": True, "seconds": before_s},
            {"clip": "square", "seconds": PEOPLE_S},
            {"clip": "square", "empty": True, "seconds": ROUND_S - PEOPLE_S - before_s},
        ]
        return [span for span in spans if span["seconds"]]

    def configs(self, folder: Path, urls: dict[str, str]) -> Path:
        """The hub's side: the county's own rules, model, grids and centre, these cameras."""
        for name in ("models.yaml", "rules.yaml", "grids.geojson", "dispatch.yaml"):
            shutil.copy(CONFIGS / name, folder / name)
        _written(folder / "hub.yaml", {"addresses": {"ranges": ["127.0.0.0/8"]}})
        cameras = [_camera(camera_id, urls[camera_id], self.analysed) for camera_id in self.ids]
        _written(folder / "cameras.yaml", {"cameras": cameras})
        return folder


def _camera(camera_id: str, url: str, analysed: bool) -> Json:
    camera = {
        "id": camera_id,
        "name": camera_id,
        "owner_kind": "township",
        "owner": "柳溪镇人民政府",
        "place_class": "street",
        "main": {"url": url},
        "position": {"lon": 103.203444, "lat": 38.608990, "datum": "wgs84"},
    }
    if not analysed:
        return camera
    return camera | {
        "analysis_fps": 5,
        "zones": [
            {"id": "all", "polygon": [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]]}
        ],
        "lines": [{"id": "middle", "a": [0.1, 0.5], "b": [0.9, 0.5]}],
        "rules": [
            {"rule": "closed-area", "zone": "all"},
            {"rule": "crowd", "zone": "all"},
            {"rule": "no-through-traffic", "line": "middle"},
            {"rule": "camera-offline"},
            {"rule": "camera-frozen"},
        ],
    }


def _written(path: Path, content: Json) -> Path:
    """JSON is YAML, and needs no writer of its own."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    return path
