"""What is masked is masked wherever it is seen: tile, snapshot, still, evidence."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from hub.kit.masks import FILL_BGR
from hub.types.media import U8
from tests.browser.people import Office, at
from tests.browser.town import ROAD, Town
from tests.browser.wall import open_wall
from tests.harness import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CAMERA = "masked-road"
BLACK = 0
"""What the models are shown in a masked place, and the evidence picture with them."""
MASK = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.4], [0.0, 0.4]]
"""Cars pass below it and beside it."""
FULL = """async (video) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}"""


def pixels(encoded: bytes) -> U8:
    """A picture's pixels, shape (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))


def is_masked(rgb: U8, *, fill: int = FILL_BGR[0], over: int = 10, share: float = 1.0) -> bool:
    """Whether `share` of the masked part is the mask's colour, but for what an encoder changes.

    What lies beside it must not be of one colour: an empty picture hides nothing.
    """
    height, width = rgb.shape[:2]
    inside = rgb[int(0.03 * height) : int(0.37 * height), int(0.03 * width) : int(0.47 * width)]
    beside = rgb[int(0.5 * height) : int(0.85 * height), int(0.1 * width) : int(0.9 * width)]
    same = np.abs(inside.astype(int) - fill) <= over
    return bool(same.mean() >= share and beside.std() > 15)


def test_a_masked_area_is_masked_wherever_it_is_seen(
    town: Town, office: Office, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = town.hub.simulator.url
    bare = {"id": CAMERA, "name": "bare", "owner_kind": "public", "owner": "county"}
    bare["place_class"] = "road"
    probe = town.post("/cameras/probe", {**bare, "main": {"url": url(ROAD, "sub")}})
    unmasked = pixels(base64.b64decode(probe["picture_jpeg"]))
    assert not is_masked(unmasked, over=25, share=0.6)
    assert not is_masked(unmasked, fill=BLACK, over=25, share=0.6)

    town.camera(
        CAMERA,
        url(ROAD, "main"),
        sub={"url": url(ROAD, "sub")},
        masks=[MASK],
        lines=[{"id": "across", "a": [0.0, 0.6], "b": [1.0, 0.6]}],
        rules=[{"rule": "no-through-traffic", "line": "across"}],
    )
    request.addfinalizer(lambda: town.without(CAMERA))
    page = office.person("operator").open("/wall", town.address)
    open_wall(page, town, (CAMERA,))
    tile = page.locator(f'[data-camera="{CAMERA}"]')
    tile.locator('[data-cover="none"]').wait_for(state="attached", timeout=180_000)
    assert is_masked(pixels(base64.b64decode(tile.locator("video").evaluate(FULL))))

    with page.expect_download() as download:
        tile.locator(at("snapshot")).dispatch_event("click")
    download.value.save_as(tmp_path / "snapshot.jpg")
    taken = pixels((tmp_path / "snapshot.jpg").read_bytes())
    above = taken[: round(taken.shape[0] / (1 + 1.6 / 18))]
    # The viewer's name lies over the picture, lighter than what is below it.
    assert is_masked(above, share=0.75)

    still = town.hub.api.get(f"/cameras/{CAMERA}/picture")
    assert still.status_code == 200, still.text
    assert is_masked(pixels(still.content))

    alert = eventually("cars cross the line", lambda: town.alert(source=CAMERA), 120)
    assert alert is not None
    evidence = f"/evidence/{alert['evidence_id']}"
    picture = eventually("its picture", lambda: _part(town, f"{evidence}/picture"))
    # The names of boxes below it are drawn into it.
    assert is_masked(_without_caption(pixels(picture)), fill=BLACK, share=0.85)
    clip = eventually("its clip", lambda: _part(town, f"{evidence}/clip"), 120)
    with av.open(io.BytesIO(clip), "r") as container:
        frames = [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]
    assert len(frames) > 50
    assert all(is_masked(frame, over=14) for frame in frames)


def _part(town: Town, path: str) -> bytes:
    answer = town.hub.api.get(path)
    return answer.content if answer.status_code == 200 else b""


def _without_caption(rgb: U8) -> U8:
    """The evidence picture without the lines of text below it: the stream is 16 by 9."""
    return rgb[: rgb.shape[1] * 9 // 16]
