"""The hub's own wall in Chromium, and what is read from the pictures on it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from bench.browser_site import CAMERAS, OPERATOR, Site
from bench.frame_code import COLUMNS, ROWS, number_of

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-gpu"]
WINDOW = ViewportSize(width=1280, height=720)
PATIENT_MS = 60_000.0
POLL_S, WEIGH_S = 1.0, 10.0
MIB = 1024.0 * 1024.0
TILES = '[data-test="tiles"] > [data-camera] video'
ENLARGED = '[data-test="enlarged"][data-mode="rtc"] video.rtc'

_CODES = Path(__file__).with_name("browser_codes.js").read_text("utf-8")
_TAKE = "() => window.pictureCodes.splice(0)"
_MOVING = """([selector, count]) => {
  const videos = [...document.querySelectorAll(selector)];
  return videos.length === count && videos.every((video) => video.currentTime > 0 && !video.paused);
}"""


@dataclass(frozen=True, slots=True)
class Reading:
    """A picture that came onto the screen at `moment` (UTC s); `number` None: not readable."""

    camera: str
    moment: float
    number: int | None


@dataclass(frozen=True, slots=True)
class Memory:
    """What a page holds at `at` (UTC s), MiB: its scripts' live objects, its process's RSS."""

    at: float
    heap_mib: float
    rss_mib: float


@contextmanager
def wall(site: Site, cameras: Sequence[str] = CAMERAS) -> Iterator[Page]:
    """The operator's wall with these cameras, playing."""
    if not CHROMIUM.exists():
        raise SystemExit(f"no {CHROMIUM}: apt-get install chromium")
    layout = {"size": len(cameras), "cameras": list(cameras), "tour_s": None}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, timeout=2 * PATIENT_MS
        )
        context = browser.new_context(viewport=WINDOW, locale="zh-CN")
        context.set_default_timeout(PATIENT_MS)
        context.add_init_script(f"localStorage.setItem('hub.wall.1', '{json.dumps(layout)}')")
        body = {"login": OPERATOR, "password": site.password}
        answer = context.request.post(f"{site.address}/api/v1/session", data=body)
        if not answer.ok:
            raise SystemExit(f"the operator cannot sign in: {answer.text()}")
        page = context.new_page()
        page.goto(f"{site.address}/wall")
        page.wait_for_function(_MOVING, arg=[TILES, len(cameras)])
        yield page
        browser.close()


def enlarge(page: Page) -> None:
    """The first tile's camera large by WebRTC, and no tile beside it any more.

    Raises playwright's TimeoutError where the hub's page takes the socket instead.
    """
    page.locator('[data-test="tile-1"]').dblclick()
    page.locator('[data-test="enlarged"][data-mode="rtc"]').wait_for()
    page.keyboard.press("Delete")
    page.locator('[data-test="tiles"] > [data-camera]').wait_for(state="detached")
    page.wait_for_function(_MOVING, arg=[ENLARGED, 1])


def watch(
    page: Page, selector: str, seconds: float, each: Callable[[], None] = lambda: None
) -> list[Reading]:
    """What the videos of a selector show for so long; `each` is called about each POLL_S."""
    page.evaluate(_CODES, {"selector": selector, "columns": COLUMNS, "rows": ROWS})
    found: list[Reading] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        page.wait_for_timeout(1000 * POLL_S)  # what is measured is a span of time
        found += [_reading(said) for said in page.evaluate(_TAKE)]
        each()
    return found


def _reading(said: dict[str, Any]) -> Reading:
    return Reading(said["camera"], said["moment"], number_of(said["levels"]))


class Scales:
    """Weighs a page each WEIGH_S; what nobody holds any more is collected before."""

    def __init__(self, page: Page) -> None:
        self.weighed: list[Memory] = []
        self._due = 0.0
        self._page: CDPSession = page.context.new_cdp_session(page)
        browser: Browser | None = page.context.browser
        assert browser is not None
        self._browser: CDPSession = browser.new_browser_cdp_session()

    def look(self) -> None:
        """Weigh when it is time."""
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + WEIGH_S
            self.weighed.append(self._weigh())

    def _weigh(self) -> Memory:
        self._page.send("HeapProfiler.collectGarbage")
        heap = self._page.send("Runtime.getHeapUsage")["usedSize"]
        processes = self._browser.send("SystemInfo.getProcessInfo")["processInfo"]
        pages = [process["id"] for process in processes if process["type"] == "renderer"]
        # The browser keeps others ready, with nothing in them: the one with the videos is larger.
        return Memory(time.time(), heap / MIB, max(map(_rss, pages)) / MIB)


def _rss(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
