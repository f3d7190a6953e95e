"""What a page must offer everybody: names for what can be used, contrast, things that stay put."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

NAMED = frozenset(
    {
        *("button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "switch"),
        *("slider", "spinbutton", "tab", "menuitem", "option", "listbox", "dialog", "toolbar"),
        *("application", "img", "image"),
    }
)
"""Roles that mean nothing without a name."""

_PALE = Path(__file__).with_name("contrast.js").read_text("utf-8")

SHIFTED_MAX = 0.1
"""Cumulative layout shift that counts as good (Web Vitals)."""

_SHIFTED = """() => new Promise((told) => {
  const moved = [];
  const take = (entries) => entries.filter((each) => !each.hadRecentInput).forEach((each) =>
    moved.push([each.value, each.sources.map((source) => source.node?.outerHTML?.slice(0, 120))]));
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => { take(observer.takeRecords()); observer.disconnect(); told(moved); }, 300);
})"""


@dataclass(frozen=True)
class Contrast:
    """Texts below WCAG AA (4.5, large ones 3), and how many were looked at."""

    pale: list[str]
    looked: int


def contrast(page: Page) -> Contrast:
    """Look at every text that stands on one colour."""
    said = page.evaluate(_PALE)
    return Contrast(said["found"], said["looked"])


def shifted(page: Page) -> list[str]:
    """What moved by itself since the page was opened, when it was more than nobody minds."""
    moves = page.evaluate(_SHIFTED)
    if sum(value for value, _ in moves) <= SHIFTED_MAX:
        return []
    return [f"{value:.3f}: {sources}" for value, sources in moves]


def nameless(page: Page) -> list[str]:
    """What a screen reader would call by its role alone, as the browser itself computes names."""
    session = page.context.new_cdp_session(page)
    try:
        session.send("DOM.enable")
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        bare = [_described(session, node) for node in nodes if _lacks_a_name(node)]
        # A drawing inside a named thing is an image to the browser and to nobody else.
        return [each for each in bare if not each.startswith("image: <svg")]
    finally:
        session.detach()


def _lacks_a_name(node: dict[str, Any]) -> bool:
    if node.get("ignored") or node.get("role", {}).get("value") not in NAMED:
        return False
    return not str(node.get("name", {}).get("value", "")).strip()


def _described(session: Any, node: dict[str, Any]) -> str:
    """Its markup, so that it can be found."""
    role = node["role"]["value"]
    if "backendDOMNodeId" not in node:
        return str(role)
    told = session.send("DOM.getOuterHTML", {"backendNodeId": node["backendDOMNodeId"]})
    return f"{role}: {told['outerHTML'][:160]}"
