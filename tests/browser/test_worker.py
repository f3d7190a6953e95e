"""A grid worker's day on a phone: a task, no network, the work, a report that goes out once."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Request, expect

from tests.browser.people import PATIENT_MS, PHONE, Office, at
from tests.browser.town import Town
from tests.harness import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

NOTE = "已到现场，人已劝离，围挡已修好。"


def a_photo() -> bytes:
    """A picture as large as a phone's, that does not compress to nothing."""
    picture = io.BytesIO()
    Image.effect_noise((2400, 1600), 60).convert("RGB").save(picture, "JPEG")
    return picture.getvalue()


def test_a_task_is_done_without_a_network_and_told_once(town: Town, office: Office) -> None:
    task = town.task_of(town.pressed()["id"])["id"]
    worker = office.person("worker", viewport=PHONE, has_touch=True, is_mobile=True)
    page = worker.open("/tasks", town.address)
    card = page.locator(f'{at("task")}[data-id="{task}"]')
    card.click()
    page.locator(at("say-accept")).wait_for()
    # The service worker keeps the pages from here on: the phone may go anywhere.
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.locator(at("say-accept")).wait_for()

    worker.context.set_offline(True)
    page.locator(at("say-accept")).click()
    page.locator(at("say-on_scene")).click()
    page.locator(at("note")).fill(NOTE)
    photo = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
    page.locator(at("photo")).set_input_files(photo)  # type: ignore[arg-type]
    page.locator(at("photo-count")).wait_for()
    # The app is closed and opened again where there is no network: all is still there.
    page.close()
    page = worker.another()
    page.goto(f"{town.address}/tasks/{task}")
    expect(page.locator(at("note"))).to_have_value(NOTE, timeout=PATIENT_MS)
    page.locator(at("finish")).click()
    page.locator(f'{at("state")}[data-state="done"]').wait_for()
    assert town.hub.get(f"/tasks/{task}")["state"] in {"queued", "delivered"}

    words: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and (said := re.search(rf"/tasks/{task}/(.+)$", request.url)):
            words.append(said[1])

    page.on("request", note)
    worker.context.set_offline(False)
    expect(page.locator(at("outbox"))).to_have_count(0, timeout=PATIENT_MS)
    eventually("its photo", lambda: bool(town.hub.get(f"/tasks/{task}")["photo_ids"]))
    done = town.hub.get(f"/tasks/{task}")
    assert (done["state"], done["note"], len(done["photo_ids"])) == ("done", NOTE, 1)
    assert sorted(words) == ["accept", "done", "on-scene", "photos"]
    kept = town.hub.api.get(f"/evidence/{done['photo_ids'][0]}/photo")
    assert max(Image.open(io.BytesIO(kept.content)).size) <= 1600
    told = [event for event in ("accepted_at", "on_scene_at", "done_at") if done[event]]
    assert told == ["accepted_at", "on_scene_at", "done_at"]
