"""What is on a wall's tiles, measured in the page."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.people import at
from tests.browser.town import STREET, Town

_TILES = Path(__file__).with_name("tiles.js").read_text("utf-8")


@dataclass(frozen=True)
class TileNow:
    """One tile at one moment. `at`: UTC seconds; `age_s`: of the picture on the screen."""

    camera: str
    at: float
    cover: str
    age_s: float | None
    behind_s: float | None
    decoded: int
    size: tuple[int, int]
    pixels: list[int]

    @property
    def in_time(self) -> bool:
        """The picture is live: nothing lies over it, it is young, little waits behind it."""
        ages = (self.age_s, self.behind_s)
        return self.cover == "none" and all(age is not None and age < 1.5 for age in ages)

    def differs(self, other: TileNow) -> bool:
        """Whether another picture is shown, beyond what an encoder changes in a still one."""
        changed = [abs(a - b) for a, b in zip(self.pixels, other.pixels, strict=True)]
        return max(changed) > 24


def tiles(page: Page) -> dict[str, TileNow]:
    """What each tile with a camera shows."""
    said: list[dict[str, Any]] = page.evaluate(_TILES)
    return {one["camera"]: TileNow(**{**one, "size": tuple(one["size"])}) for one in said}


def open_wall(page: Page, town: Town, cameras: tuple[str, ...] = STREET) -> None:
    """Choose a saved layout of these cameras on a wall that is open, and wait for its pictures."""
    size = next(n for n in (1, 4, 9, 16, 25) if n >= len(cameras))
    body = {"size": size, "cameras": list(cameras), "tour_s": None}
    name = f"layout {uuid.uuid4().hex[:8]}"
    made = town.post("/wall/layouts", {"name": name, "shared": True, "body": body})
    page.reload()
    page.locator(at("layouts")).select_option(value=made["id"])
    page.locator(f'[data-camera="{cameras[0]}"]').wait_for()
    page.locator(f'[data-camera="{cameras[-1]}"]').wait_for()
