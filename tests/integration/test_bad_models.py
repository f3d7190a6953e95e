"""Models gone wrong beside one that is well: the camera is watched on, and the lack is told."""

from __future__ import annotations

import hashlib
import io
import time
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from hub.analytics.catalog import Catalog
from hub.analytics.catalog.cards import Card
from hub.analytics.model import Detector
from hub.app import lanes as lanes_module
from hub.kit.errors import Permanent, Retryable
from hub.kit.metrics import Metrics
from hub.store.media import MediaKind
from hub.types.scene import HealthState
from tests.integration.watch import Watch, planned, until, watching
from tests.unit.analytics.graphs import card_for, two_class_yolo

pytestmark = pytest.mark.timeout(300)

SMOKE = {
    "id": "smoke-seen",
    "kind": "zone_intrusion",
    "kinds": ["smoke"],
    "dwell_s": 0.5,
    "severity": "P1",
}


def red_left_half(path: Path) -> Path:
    """The left half red, which `two_class_yolo` takes for smoke; a white spot wanders at the right
    and keeps the gate open."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for n in range(120):
            picture = np.zeros((180, 320, 3), np.uint8)
            picture[:, :160, 2] = 255
            x = 170 + 20 * (n % 6)
            picture[60:100, x : x + 40] = 255
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))
    return path


@pytest.fixture
def own(tmp_path: Path) -> Card:
    """A user's own model of two classes, as a card and a file."""
    path = tmp_path / "own.onnx"
    return card_for(path, two_class_yolo(path), id="own")


def bad_cards(folder: Path, own: Card) -> list[Card]:
    """A file that is no graph, a hash that is another's, a graph that does not fit its card."""
    noise = folder / "noise.onnx"
    noise.write_bytes(b"\x08\x07 this is no graph" * 50)
    sha = own.members[0].sha256
    good = Path(own.source.removeprefix("file:"))
    return [
        card_for(noise, hashlib.sha256(noise.read_bytes()).hexdigest(), id="corrupt"),
        card_for(good, "0" * 64, id="other-hash"),
        card_for(good, sha, id="misfit", classes=["smoke", "flame", "ember"]),
    ]


def seen_smoke(watch: Watch, camera: str) -> bool:
    return any(
        f["source"] == camera and f["rule_id"] == "smoke-seen" and f["facts"]["kind"] == "smoke"
        for f in watch.opened()
    )


def is_watched(watch: Watch, camera: str) -> bool:
    stats = watch.stats(camera)
    online = stats.state is HealthState.ONLINE
    return online and stats.frames_analysed >= 5 and stats.ring_s > 1.0


def test_a_model_of_ones_own_from_a_card_alone_and_bad_ones_beside_it(
    tmp_path: Path, own: Card
) -> None:
    url = f"file:{red_left_half(tmp_path / 'red.mp4')}"
    words = {"corrupt": "model_corrupt", "other-hash": "hash_mismatch", "misfit": "model_misfit"}
    cards = [own, *bad_cards(tmp_path, own)]
    with watching(tmp_path, cards) as watch:
        watch.lanes.apply(
            [planned(name, url, SMOKE, model=name) for name in ("own", *words)]
            + [planned("unknown", url, SMOKE, model="nobody")]
        )
        until("the own model's finding is on the disk", lambda: seen_smoke(watch, "own"))
        lacks = watch.lanes.lacks()
        assert lacks.keys() == {*words, "unknown"}
        for name, word in words.items():
            assert lacks[name].startswith(f"{word}: "), lacks[name]
            assert watch.metrics.get("hub_model_missing_total", model=name) == 1
        assert lacks["unknown"].startswith("not_found")
        for name in lacks:  # the picture rules sleep; health, ring and evidence do not
            until(f"{name} is watched", partial(is_watched, watch, name))
        assert {f["source"] for f in watch.opened()} == {"own"}
        (found,) = watch.opened()
        watch.evidence.make_step()
        with watch.media.open(found["evidence_id"], MediaKind.PICTURE) as file:
            assert Image.open(io.BytesIO(file.read())).size[0] == 320


def test_a_model_that_could_not_be_fetched_is_asked_for_again(
    tmp_path: Path, own: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "MEND_S", 1.0)
    catalog, network = Catalog([own], tmp_path / "cache", Metrics()), {"there": False}

    def detector(model: str) -> Detector:
        if not network["there"]:
            raise Retryable(f"{model}: no connection", code="unreachable")
        return catalog.detector(model)

    url = f"file:{red_left_half(tmp_path / 'red.mp4')}"
    with watching(tmp_path, detector=detector) as watch:
        watch.lanes.apply([planned("cam", url, SMOKE, model="own"), planned("other", url)])
        assert watch.lanes.lacks() == {"cam": "unreachable: own: no connection"}
        time.sleep(1.0)
        watch.lanes.mend()
        assert watch.lanes.lacks().keys() == {"cam"}
        network["there"] = True
        other = watch.lanes.stats()["other"][1]
        time.sleep(1.0)
        watch.lanes.mend()
        assert watch.lanes.lacks() == {}
        assert watch.lanes.stats()["other"][1] is other, "who lacked nothing ran on"
        until("the finding is on the disk", lambda: seen_smoke(watch, "cam"))


def test_a_model_that_fails_at_work_is_told_and_its_neighbour_goes_on(
    tmp_path: Path, own: Card
) -> None:
    catalog = Catalog([own], tmp_path / "cache", Metrics())
    good = catalog.detector("own")

    class Failing:
        start_score, card, model_id = good.start_score, good.card, "failing"

        def detect(self, frame: object) -> object:
            raise Permanent("the graph gave no numbers", code="model_failed")

    def detector(model: str) -> Detector:
        return Failing() if model == "failing" else good  # type: ignore[return-value]

    url = f"file:{red_left_half(tmp_path / 'red.mp4')}"
    with watching(tmp_path, detector=detector) as watch:
        watch.lanes.apply(
            [planned("bad", url, SMOKE, model="failing"), planned("cam", url, SMOKE, model="own")]
        )
        until("the neighbour's finding is on the disk", lambda: seen_smoke(watch, "cam"))
        until("the failure is told", lambda: "bad" in str(watch.analyser.last_errors))
        assert "gave no numbers" in watch.analyser.last_errors["bad"]
        assert watch.stats("bad").state is HealthState.ONLINE
        assert watch.metrics.get("hub_analysis_failures_total", camera="bad") >= 1


def test_a_password_that_cannot_be_opened_and_a_change_of_plan_touch_nobody_else(
    tmp_path: Path,
) -> None:
    url = f"file:{red_left_half(tmp_path / 'red.mp4')}"
    login = {"username": "viewer", "password": ""}
    sealed = planned("sealed", url, secret="written-by-another-key", credentials=login)
    with watching(tmp_path) as watch:
        watch.lanes.apply([planned("a", url), planned("b", url), sealed])
        assert watch.lanes.stats().keys() == {"a", "b"}
        until("both are online", lambda: all(watch.stats(c).frames_analysed >= 3 for c in "ab"))
        lane = watch.lanes.stats()["a"][1]
        watch.lanes.apply([planned("a", url), planned("b", url, name="renamed"), planned("c", url)])
        assert watch.lanes.stats().keys() == {"a", "b", "c"}
        assert watch.lanes.stats()["a"][1] is lane
        assert (watch.stats("a").state, watch.stats("a").reconnects) == (HealthState.ONLINE, 0)
