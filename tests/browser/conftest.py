"""One hub and one chromium for all browser tests; windows are opened and closed for each.

What a failed test showed is kept in `var/browser/<test>`: pictures, and what the pages said.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from hub.app.setup import BUILT_PAGES
from tests.browser.people import Office
from tests.browser.town import Town, open_town
from tests.harness import ROOT

CHROMIUM = Path("/usr/bin/chromium")
PAGES = Path(os.environ.get("HUB_PAGES") or BUILT_PAGES)
FLAGS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-gpu"]
FAILED: pytest.StashKey[bool] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=120_000)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def town(chromium: Browser) -> Iterator[Town]:
    if not (PAGES / "index.html").exists():
        pytest.skip(f"the pages are not built in {PAGES}: make web")
    # A short path: the hub's sockets have at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="hub-") as folder, open_town(Path(folder)) as town:
        yield town


@pytest.fixture
def office(request: pytest.FixtureRequest, chromium: Browser, town: Town) -> Iterator[Office]:
    token = str(town.hub.api.headers["Authorization"]).removeprefix("Bearer ")
    office = Office(chromium, town.address, town.logins, token)
    yield office
    keep: Path | None = None
    if request.node.stash.get(FAILED, False):
        keep = ROOT / "var/browser" / re.sub(r"\W+", "_", request.node.name)
        keep.mkdir(parents=True, exist_ok=True)
    office.close(keep)
