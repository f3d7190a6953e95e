"""A shift leader's day: an alert becomes a case, is checked, sent back once, closed, archived."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PATIENT_MS, Office, at
from tests.browser.town import Town
from tests.harness import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

NOTE = "已到现场，火已扑灭。"


def is_now(page: Page, state: str) -> None:
    """The case's page shows this state, by itself."""
    shown = page.locator(at("state")).first
    expect(shown).to_have_attribute("data-state", state, timeout=PATIENT_MS)


def handled(town: Town, office: Office, task: str) -> None:
    """The grid worker goes there, over the phone's own way to the hub."""
    worker = office.person("worker")
    for action in ("accept", "on-scene"):
        answer = worker.context.request.post(
            f"{town.address}/api/v1/tasks/{task}/{action}",
            data={},
            headers={"Idempotency-Key": str(uuid.uuid4()), "Origin": town.address},
        )
        assert answer.ok, answer.text()
    answer = worker.context.request.post(
        f"{town.address}/api/v1/tasks/{task}/done",
        multipart={"note": NOTE},
        headers={"Idempotency-Key": str(uuid.uuid4()), "Origin": town.address},
    )
    assert answer.ok, answer.text()


def say(page: Page, verb: str, **fields: str) -> None:
    """Press a verb of the case; one that wants something is filled in and sent."""
    page.locator(at(f"verb-{verb}")).click()
    if not fields:
        return
    form = page.locator(at("verb-form"))
    for name, value in fields.items():
        box = form.locator(at(f"verb-{name}"))
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    page.locator(at("confirm-yes")).click()
    form.wait_for(state="detached")


def test_from_an_alert_to_an_archived_case(town: Town, office: Office) -> None:
    alert = town.pressed()["id"]
    task = town.task_of(alert)
    incident = task["incident_id"]
    leader = office.person("leader")
    page = leader.open("/board", town.address)
    card = page.locator(at(f"card-{incident}"))
    expect(page.locator(at("column-dispatched")).locator(at(f"card-{incident}"))).to_be_visible(
        timeout=PATIENT_MS
    )

    handled(town, office, task["id"])
    # The card goes on by itself: nobody reloads a board.
    expect(page.locator(at("column-verifying")).locator(at(f"card-{incident}"))).to_be_visible(
        timeout=PATIENT_MS
    )
    card.get_by_role("link").first.click()
    page.wait_for_url(re.compile(rf"/incidents/{incident}$"))
    is_now(page, "handled")
    say(page, "verify")
    is_now(page, "verifying")
    say(page, "rework", reason="not_done")
    is_now(page, "dispatched")

    def again() -> str | None:
        items = town.hub.get("/tasks", limit=200)["items"]
        mine = [t["id"] for t in items if t["incident_id"] == incident and t["id"] != task["id"]]
        return str(mine[0]) if mine else None

    second = eventually("a new task", again)
    assert second is not None
    handled(town, office, second)
    is_now(page, "handled")
    say(page, "verify")
    say(page, "pass", **{"no-evidence": "夜间，无法拍照"})
    is_now(page, "closed")
    say(page, "archive")
    is_now(page, "archived")
    expect(page.locator(at("timeline"))).to_contain_text(NOTE)
