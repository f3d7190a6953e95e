"""Every page for everybody: names, contrast, no overflow, nothing that jumps, both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import contrast, nameless, shifted
from tests.browser.people import LAPTOP, PATIENT_MS, PHONE, Office, at
from tests.browser.town import STREET, Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DESK = {
    "wall": "/wall",
    "alerts": "/alerts/{alert}",
    "map": "/map",
    "cameras": "/cameras",
    "camera": f"/cameras/{STREET[0]}",
    "draw": f"/cameras/{STREET[0]}/draw",
    "playback": "/playback/{alert}",
    "system": "/system",
    "accounts": "/accounts",
    "roles": "/accounts?tab=roles",
    "consents": "/consents",
    "not-found": "/no/such/page",
    "password": "/password",
    "board": "/board",
    "timeline": "/incidents/{incident}",
    "report": "/report",
}
CASEWORK = {"board", "timeline", "report"}
"""Pages of those who answer for cases; the administrator does not."""


LANG = {"zh-CN": "zh-CN", "en-GB": "en"}


@pytest.fixture(scope="module")
def alert(town: Town) -> str:
    town.street()
    return str(town.pressed()["id"])


def is_sound(page: Page) -> None:
    """Nothing without a name, nothing too pale, nothing beyond the screen's edge."""
    faults = [f"no name: {each}" for each in nameless(page)]
    seen = contrast(page)
    faults += [f"pale: {each}" for each in seen.pale]
    faults += beyond_the_edge(page)
    assert seen.looked > 3, "the page shows nothing"
    assert not faults


def beyond_the_edge(page: Page) -> list[str]:
    """How far the page is wider than its window."""
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{beyond} px beyond the edge"] if beyond > 0 else []


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("name", DESK)
def test_a_page_of_the_office_is_for_everybody(
    town: Town, office: Office, alert: str, name: str, language: str
) -> None:
    person = office.person("leader" if name in CASEWORK else "admin", language=language)
    incident = town.task_of(alert)["incident_id"]
    page = person.open(DESK[name].format(alert=alert, incident=incident), town.address)
    page.locator(at(name)).first.wait_for()
    expect(page.locator(at("loading"))).to_have_count(0, timeout=PATIENT_MS)
    expect(page.locator("html")).to_have_attribute("lang", LANG[language])
    is_sound(page)
    assert not shifted(page)
    page.set_viewport_size(LAPTOP)
    assert not beyond_the_edge(page)


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_login_is_for_everybody(town: Town, office: Office, language: str) -> None:
    page = office.somebody(language=language).open("/login", town.address)
    page.locator(at("login")).wait_for()
    is_sound(page)


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_the_phone_is_for_everybody(town: Town, office: Office, alert: str, language: str) -> None:
    task = town.task_of(alert)["id"]
    person = office.person("worker", language=language, viewport=PHONE, is_mobile=True)
    page = person.open("/tasks", town.address)
    page.locator(f'{at("task")}[data-id="{task}"]').wait_for()
    is_sound(page)
    assert not shifted(page)
    page.goto(f"{town.address}/tasks/{task}")
    page.locator(at("next")).wait_for()
    is_sound(page)
    assert not shifted(page)


def test_the_phone_can_be_installed(town: Town, office: Office) -> None:
    person = office.person("worker", viewport=PHONE, is_mobile=True)
    page = person.open("/tasks", town.address)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session = person.context.new_cdp_session(page)
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    assert told["url"].endswith("/manifest.webmanifest")
    missing = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A window of its own, forgotten at its end, is never offered an installation.
    assert [each["errorId"] for each in missing if each["errorId"] != "in-incognito"] == []
