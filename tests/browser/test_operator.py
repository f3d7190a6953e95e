"""An operator's hours: sixteen moving pictures, a pop-up, a verdict by key, a dispatch."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from hub.dispatch import queue
from tests.browser.people import PATIENT_MS, SMALL, Office, at
from tests.browser.town import STREET, Town
from tests.browser.wall import TileNow, open_wall, tiles
from tests.harness import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

WINDOW_S = 10.0
DECODED_MIN = 0.8
POPUP_S_MAX = 2.0

NOTE_POPUPS = """() => {
  window.popUpAt = {};
  const look = () => {
    for (const each of document.querySelectorAll('[data-test="popup"]'))
      window.popUpAt[each.dataset.alert] ??= Date.now() / 1000;
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}"""


def test_signing_in_leads_to_the_wall_and_a_wrong_password_does_not(
    town: Town, office: Office
) -> None:
    person = office.somebody()
    page = person.open("/", town.address)
    page.locator(at("login-name")).fill("operator")
    page.locator(at("login-password")).fill("not-the-password")
    page.locator(at("login-submit")).click()
    expect(page.locator(at("login-refusal"))).not_to_be_empty(timeout=PATIENT_MS)
    page.locator(at("login-password")).fill(town.logins["operator"])
    page.locator(at("login-submit")).click()
    page.wait_for_url("**/wall")
    expect(page.locator(at("whoami"))).to_contain_text("Operator", timeout=PATIENT_MS)


def test_sixteen_tiles_show_moving_pictures_in_time(town: Town, office: Office) -> None:
    town.street()
    page = office.person("operator", viewport=SMALL).open("/wall", town.address)
    open_wall(page, town)
    before = tiles(page)
    assert set(before) == set(STREET)

    def smooth() -> bool:
        """Over the last window every tile decoded enough, moved, and was never late."""
        nonlocal before
        after = tiles(page)
        short = [why for camera in STREET if (why := _short(town, before[camera], after[camera]))]
        before = after
        print(short)
        return not short

    until = time.monotonic() + 180
    while time.monotonic() < until:
        page.wait_for_timeout(WINDOW_S * 1000)  # what is measured is a span of time
        if smooth():
            return
    pytest.fail("no window of ten seconds in which all sixteen tiles kept up")


def _short(town: Town, before: TileNow, after: TileNow) -> str:
    """What a tile lacked between two looks, nothing if all was well."""
    sent = [moment for moment in town.sent(after.camera, before.at) if moment < after.at]
    decoded = after.decoded - before.decoded
    if decoded < DECODED_MIN * len(sent) or len(sent) < 5 * WINDOW_S:
        return f"{after.camera}: {decoded} of {len(sent)} pictures"
    if after.size != (640, 360) or not after.differs(before):
        return f"{after.camera}: {after.size} does not move"
    return "" if after.in_time else f"{after.camera}: {after.cover} {after.age_s} {after.behind_s}"


def test_an_alert_pops_up_by_itself_and_goes_when_it_is_acknowledged(
    town: Town, office: Office
) -> None:
    buttons = [town.button() for _ in range(3)]
    page = office.person("operator").open("/wall", town.address)
    page.locator(at("wall")).wait_for()
    page.evaluate(NOTE_POPUPS)
    took_s: list[float] = []
    for button in buttons:
        took_s.append(_pops_up(page, town, button))
        if took_s[-1] < POPUP_S_MAX:
            return
    pytest.fail(f"pop-ups came after {took_s} s")


def _pops_up(page: Page, town: Town, button: str) -> float:
    """Press, see the pop-up, acknowledge it; seconds from the raising to the screen."""
    alert = town.press(button)["id"]
    popup = page.locator(f'{at("popup")}[data-alert="{alert}"]')
    popup.wait_for()
    raised = datetime.fromisoformat(town.hub.get(f"/alerts/{alert}")["raised_at"]).timestamp()
    shown: float = page.evaluate("(id) => window.popUpAt[id]", alert)
    popup.locator(at("popup-ack")).click()
    expect(popup).to_have_count(0, timeout=PATIENT_MS)
    eventually("it is acked", lambda: town.hub.get(f"/alerts/{alert}")["ack"] == "acked")
    return shown - raised


def test_a_verdict_by_key_sends_the_task_to_the_queue(town: Town, office: Office) -> None:
    alert = town.pressed("verify_first")["id"]
    assert town.hub.get(f"/alerts/{alert}")["incident_id"] is None
    page = office.person("operator").open(f"/alerts/{alert}", town.address)
    page.locator(at(f"detail-{alert}")).wait_for()
    expect(page.locator(at("verdict-confirmed"))).to_be_enabled(timeout=PATIENT_MS)
    page.keyboard.press("c")
    judged = eventually("the verdict", lambda: _judged(town, alert))
    assert judged == "confirmed"
    task = town.task_of(alert)
    redis = queue.connect(town.hub.hub.setup.redis_url or "")

    def queued() -> bool:
        entries = redis.xrange("dispatch:county") or []
        return any(task["id"] in str(fields) for _, fields in entries)

    eventually("the task is in the centre's queue", queued)
    page.goto(f"{town.address}/alerts/{alert}?state=all")
    expect(page.locator(f"{at('dispatch')} {at('task')}")).to_have_count(1, timeout=PATIENT_MS)


def _judged(town: Town, alert: str) -> str | None:
    said: str | None = town.hub.get(f"/alerts/{alert}")["verdict"]
    return said
