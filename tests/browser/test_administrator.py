"""An administrator's work: a camera by its address, a zone on its picture, the zone's alert."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.people import Office, at
from tests.browser.town import SQUARE, Town
from tests.harness import eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CAMERA = "square-new"
CORNERS = ((0.03, 0.05), (0.97, 0.05), (0.97, 0.97), (0.03, 0.97))


def test_a_camera_is_registered_a_zone_drawn_and_its_alert_arrives(
    town: Town, office: Office, request: pytest.FixtureRequest
) -> None:
    page = office.person("admin").open("/cameras", town.address)
    page.locator(at("camera-new")).click()
    _fill(page, town)
    page.locator(at("probe")).click()
    picture = page.locator(f"{at('probe-ok')} img")
    picture.wait_for()
    assert picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 960
    assert "264" in page.locator(at("probe-codec")).inner_text()
    page.locator(at("camera-save")).click()
    request.addfinalizer(lambda: town.without(CAMERA))
    page.wait_for_url(f"**/cameras/{CAMERA}")
    eventually("it is watched", lambda: town.hub.state(CAMERA) == "online", 120)

    page.locator(at("camera-draw")).click()
    _draw_a_zone(page)
    page.locator(at("rule-pick")).select_option("closed-area")
    page.locator(at("rule-bind-go")).click()
    page.locator(at("use-closed-area")).wait_for()
    page.locator(at("draw-save")).click()
    eventually("it is saved", lambda: bool(town.hub.get(f"/cameras/{CAMERA}")["zones"]))
    camera = town.hub.get(f"/cameras/{CAMERA}")
    zone = camera["zones"][0]
    assert [tuple(round(v, 1) for v in corner) for corner in zone["polygon"]] == [
        tuple(round(v, 1) for v in corner) for corner in CORNERS
    ]
    assert camera["rules"] == [{"rule": "closed-area", "zone": zone["id"], "line": None}]

    alert = eventually("somebody in the zone", lambda: town.alert(source=CAMERA), 120)
    assert alert is not None
    assert (alert["rule_id"], alert["place"]) == ("closed-area", zone["id"])
    page.goto(f"{town.address}/alerts/{alert['id']}?state=all")
    page.locator(at(f"detail-{alert['id']}")).wait_for()
    page.goto(f"{town.address}/cameras/{CAMERA}")
    page.locator(at(f"camera-alert-{alert['id']}")).wait_for()

    page.locator(at("camera-draw")).click()
    _try_the_rule(page, zone["id"])


def _try_the_rule(page: Page, zone: str) -> None:
    """The minutes in which the alert came are tried: the rule finds it there again."""
    page.locator(at(f"zone-{zone}")).click()
    page.locator(at("try-closed-area")).click()
    result = page.locator(at("try-result"))
    result.wait_for()
    episodes = int(result.get_attribute("data-episodes") or 0)
    assert episodes >= 1
    assert result.locator(at("try-episode")).count() == episodes


def _fill(page: Page, town: Town) -> None:
    """What a person types, the address as it stands on the camera's sheet."""
    url = town.hub.simulator.url
    typed = {
        "id": CAMERA,
        "name": "文化广场新机位",
        "owner": "柳溪镇人民政府",
        "main": url(SQUARE, "main"),
        "sub": url(SQUARE, "sub"),
        "lon": "103.2035",
        "lat": "38.6105",
    }
    for field, value in typed.items():
        page.locator(at(f"field-{field}")).fill(value)


def _draw_a_zone(page: Page) -> None:
    """Click the corners on the picture, and the first one again."""
    page.locator(f"{at('draw')} .stage img").wait_for()
    page.locator(at("draw-zone")).click()
    canvas = page.locator(at("draw-canvas"))
    box = canvas.bounding_box()
    assert box is not None
    for x, y in (*CORNERS, CORNERS[0]):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.locator(at("rule-bind")).wait_for()
