"""What an operator sees when something breaks: a camera, the network."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, WebSocket, expect

from hub.access.actions import Role, Subject
from hub.api.push import PRIVATE, TOPICS, visible
from hub.ingest.simulate import Fault, FaultKind
from hub.store import feed
from hub.store.db import Database
from tests.browser.line import line_to
from tests.browser.people import PATIENT_MS, SMALL, Office, at
from tests.browser.town import STREET, Town
from tests.browser.wall import open_wall, tiles
from tests.harness import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ZONE = ZoneInfo("Asia/Shanghai")
OPERATOR = Subject.of("the operator", Role.OPERATOR)
"""Without what is told to one account alone."""
OUTAGE_S = 10.0


def seen(page: Page, what: str, look: Callable[[], bool], limit_s: float = 120.0) -> None:
    """Look again and again while the page lives: playwright's events come in between."""
    until = time.monotonic() + limit_s
    while not look():
        assert time.monotonic() < until, f"not within {limit_s:.0f} s: {what}"
        page.wait_for_timeout(250)


def all_live(page: Page) -> None:
    """Wait until every tile has shown its camera in time."""
    live: set[str] = set()

    def look() -> bool:
        shown = tiles(page)
        live.update(camera for camera, tile in shown.items() if tile.in_time)
        print([(tile.camera, tile.cover, tile.age_s, tile.behind_s) for tile in shown.values()])
        return live >= set(shown)

    seen(page, "every tile is live", look)


@pytest.mark.parametrize("kind", [FaultKind.VANISH, FaultKind.STALL])
def test_a_dead_camera_says_so_with_the_time_of_its_last_picture(
    town: Town, office: Office, kind: FaultKind
) -> None:
    town.street()
    camera, healthy = STREET[4], STREET[5]
    page = office.person("operator", viewport=SMALL).open("/wall", town.address)
    open_wall(page, town, (camera, healthy))
    all_live(page)
    town.hub.simulator.order(camera, Fault(kind=kind))
    try:
        state = page.locator(f'[data-camera="{camera}"] {at("tile-state")}')
        state.wait_for()
        last = town.sent(camera)[-1]
        told = re.search(r"\d\d:\d\d:\d\d", state.inner_text())
        assert told is not None, state.inner_text()
        # What it left the camera by, give or take the way to the hub and the pictures on that way.
        moments = {f"{datetime.fromtimestamp(last + s, ZONE):%H:%M:%S}" for s in range(-3, 4)}
        assert told[0] in moments
        assert tiles(page)[healthy].cover == "none"
        eventually("the hub says so too", lambda: town.hub.state(camera) != "online", 120)
    finally:
        town.hub.simulator.clear(camera)
    expect(state).to_have_count(0, timeout=PATIENT_MS)
    before = tiles(page)[camera]
    seen(page, "it moves again", lambda: tiles(page)[camera].differs(before))


def test_after_ten_seconds_without_a_network_nothing_is_missing_or_told_twice(
    town: Town, office: Office
) -> None:
    town.street()
    with line_to(town.hub.setup.port) as line:
        address = f"http://127.0.0.1:{line.port}"
        page = office.person("operator", viewport=SMALL).page
        numbers: list[int] = []
        page.on("websocket", lambda socket: _note(socket, numbers))
        page.goto(f"{address}/wall")
        open_wall(page, town, STREET[:4])
        first = town.pressed()["id"]
        page.locator(f'{at("popup")}[data-alert="{first}"]').wait_for()
        began = time.monotonic()
        line.cut()
        button = town.button()
        during = town.press(button)["id"]
        for _ in range(2):
            town.pressed()
        left_s = OUTAGE_S - (time.monotonic() - began)
        page.wait_for_timeout(max(0.0, left_s * 1000))  # the outage itself
        line.mend()
        popup = page.locator(f'{at("popup")}[data-alert="{during}"]')
        seen(page, "the alert of the outage", lambda: _told(page, town, numbers))
        assert popup.count() <= 1
        all_live(page)
        assert numbers == _feed(town, numbers[0], numbers[-1])


def _note(socket: WebSocket, numbers: list[int]) -> None:
    """Keep the numbers of the feed as they come to the page."""
    if "/feed/" not in socket.url:
        return

    def heard(text: str | bytes) -> None:
        said = json.loads(text)
        if "seq" in said and said.get("topic", "notice") not in PRIVATE:
            numbers.append(said["seq"])

    socket.on("framereceived", heard)


def _feed(town: Town, first: int, last: int) -> list[int]:
    """The numbers that an operator should have been told, first and last among them."""
    db = Database(town.hub.setup.database)
    try:
        with db.read() as tx:
            rows = feed.after(tx, first - 1, 100_000, tuple(TOPICS))
            return [row.seq for row in rows if row.seq <= last and visible(row, OPERATOR)]
    finally:
        db.close()


def _told(page: Page, town: Town, numbers: list[int]) -> bool:
    """The page has been told everything there is so far."""
    return bool(numbers) and _feed(town, numbers[0], 1 << 60)[-1] <= numbers[-1]
