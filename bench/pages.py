"""`make guide-pictures`: every page in both languages, from a run of the demo and a county.

The pictures go to `docs/guide/pictures/<page>-<zh|en>.<png|jpg>`. What is shown is what `make demo`
shows, and for what takes a year to fill an invented county; people sign in as they would.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.page_county import county_site
from bench.page_shots import COUNTY, DEMO, SHOTS, Guest, Shot
from bench.pictures import demo_of
from hub.kit.log import start_logging

PICTURES = Path("docs/guide/pictures")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-gpu"]
OFFICE = ViewportSize(width=1920, height=1080)
LAPTOP = ViewportSize(width=1366, height=768)
PHONE = ViewportSize(width=390, height=844)
SHOWN_AT_S = 62.0
SIZE_MAX = 300_000
PATIENT_MS = 90_000
SETTLE_MS = 4_000
"""Pictures come, numbers are counted up; nothing says when a page looks its best."""
WALL = {
    "size": 4,
    "cameras": ["cam-square-01", "cam-square-02", "cam-school-01", "cam-factory-01"],
    "tour_s": None,
}
"""Not the roads: plates can be read there."""
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def main() -> int:
    """Start each of the two, take the pictures, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--folder", type=Path, default=Path("var/pages"))
    parser.add_argument("--out", type=Path, default=PICTURES)
    parser.add_argument("--site", action="append", choices=[DEMO, COUNTY], help="one of the two")
    parser.add_argument("--laptop", action="store_true", help="1366x768, to be looked at, not kept")
    args = parser.parse_args()
    for each in (args.folder, args.out):
        each.mkdir(parents=True, exist_ok=True)
    start_logging("demo", "INFO", args.folder / "hub.log")
    office = LAPTOP if args.laptop else OFFICE
    sites = {DEMO: demo_site, COUNTY: county_site}
    for name in args.site or sites:
        with sites[name](args.folder.resolve() / name, args.port) as guest:
            shots = [shot for shot in SHOTS if shot.site == name]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                for language in LANGUAGES:
                    take_all(browser, guest, shots, language, office, args.out)
                browser.close()
    return 0


@contextlib.contextmanager
def demo_site(folder: Path, port: int) -> Iterator[Guest]:
    """The demo, when enough has happened."""
    demo = demo_of(folder, port)
    stopped = threading.Event()
    try:
        started = demo.start(stopped)
        demo.watch(SHOWN_AT_S, stopped)
        logins = dict(started.logins)
        people = {login: (login, password) for login, password in logins.items()}
        guest = Guest(started.address, people, facts(started.address, started.token or "", logins))
        yield guest
    finally:
        demo.stop()


def facts(address: str, token: str, logins: dict[str, str]) -> dict[str, str]:
    """An alert whose clip is there, and a task that the worker is shown."""
    api = f"{address}/api/v1"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30.0) as client:
        alerts = client.get(f"{api}/alerts", params={"limit": 200}).json()["items"]
        alert = next(
            each["id"]
            for each in sorted(alerts, key=lambda each: str(each["rule_kind"]) != "crowd")
            if each["source"].startswith("cam-square") and clip_is_there(client, api, each)
        )
    with httpx.Client(timeout=30.0) as client:
        worker = {"login": "worker", "password": logins["worker"]}
        client.post(f"{api}/session", json=worker).raise_for_status()
        tasks = client.get(f"{api}/tasks", params={"limit": 50}).json()["items"]
    with_picture = sorted(tasks, key=lambda each: str(each["brief"]["rule_kind"]) != "crowd")
    chosen = with_picture[0]
    return {"alert": alert, "task": chosen["id"], "incident": chosen["incident_id"]}


def clip_is_there(client: httpx.Client, api: str, alert: dict[str, Any]) -> bool:
    """Whether the evidence has its clip yet."""
    evidence = alert["evidence_id"]
    if evidence is None:
        return False
    return client.get(f"{api}/evidence/{evidence}/clip").status_code == httpx.codes.OK


def take_all(
    browser: Browser,
    guest: Guest,
    shots: Sequence[Shot],
    language: str,
    office: ViewportSize,
    out: Path,
) -> None:
    """These pages in one language, each person in a window of their own."""
    for login in dict.fromkeys(shot.login for shot in shots):
        context = browser.new_context(
            viewport=PHONE if login == "worker" else office,
            device_scale_factor=2 if login == "worker" else 1,
            locale=LANGUAGES[language],
        )
        context.set_default_timeout(PATIENT_MS)
        context.add_init_script(f"localStorage.setItem('hub.wall.1', '{json.dumps(WALL)}')")
        if login is not None:
            body = guest.session_of(login)
            answer = context.request.post(f"{guest.address}/api/v1/session", data=body)
            assert answer.ok, answer.text()
        page = context.new_page()
        for shot in shots:
            if shot.login == login:
                save(taken(page, guest, shot), out / f"{shot.name}-{language}", video=shot.video)
        context.close()


def taken(page: Page, guest: Guest, shot: Shot) -> Image.Image:
    """One page as it looks when it has settled."""
    page.goto(guest.address + shot.path.format(**guest.facts))
    page.locator(f'[data-test="{shot.there.format(**guest.facts)}"]').first.wait_for()
    for key in shot.keys:
        page.keyboard.press(key)
    if shot.click:
        page.locator(f'[data-test="{shot.click}"]').click()
    if shot.then:
        page.locator(f'[data-test="{shot.then}"]').wait_for()
    page.wait_for_timeout(SETTLE_MS)
    return Image.open(io.BytesIO(page.screenshot(timeout=PATIENT_MS))).convert("RGB")


def save(picture: Image.Image, path: Path, *, video: bool) -> None:
    """As small as the guide wants it: PNG for what is drawn, JPEG for what is filmed."""
    tries = _filmed(picture) if video else _drawn(picture)
    content = next((each for each in tries if len(each) < SIZE_MAX), None)
    if content is None:
        raise SystemExit(f"{path.name} cannot be made smaller than {SIZE_MAX} bytes")
    path.with_suffix(".jpg" if video else ".png").write_bytes(content)


def _drawn(picture: Image.Image) -> Iterator[bytes]:
    yield _as_file(picture, "PNG")
    # This way of choosing colours keeps the rare ones: a green dot says that all is well.
    few = picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    yield _as_file(few, "PNG")


def _filmed(picture: Image.Image) -> Iterator[bytes]:
    for quality in (82, 72, 62, 52, 42):
        yield _as_file(picture, "JPEG", quality=quality)


def _as_file(picture: Image.Image, kind: str, **how: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, optimize=True, **how)
    return file.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
