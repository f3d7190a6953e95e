"""The reference pages say what the program does: no key and no number without its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.reference import reference

ROOT = Path(__file__).resolve().parents[3]
METRIC = re.compile(r'"(hub_[a-z_]+)"')
NO_METRICS = {"hub_session", "hub_known", "hub_url", "hub_token", "hub_write"}


def test_the_configuration_page_is_as_the_models_are() -> None:
    page = (ROOT / "docs/ref/configuration.md").read_text("utf-8")
    assert page == reference(), "run: python -m bench.reference > docs/ref/configuration.md"


@pytest.mark.parametrize(
    "line",
    [
        "| `addresses.schemes` | list of text | `[rtsp]` |",
        "| `retention.evidence_days` | whole number ≥ 1, ≤ 3650 | `30` |",
        "## rules.yaml: `kind: zone_intrusion`",
        "| `zones[].polygon` |",
        "| `members[].sha256`".replace("members", "models[].members"),
    ],
)
def test_keys_of_every_depth_are_there(line: str) -> None:
    assert line in reference()


def test_every_number_for_prometheus_is_explained_and_no_other() -> None:
    sources = (path.read_text("utf-8") for path in sorted((ROOT / "hub").rglob("*.py")))
    exported = {name for text in sources for name in METRIC.findall(text)} - NO_METRICS
    page = (ROOT / "docs/ref/metrics.md").read_text("utf-8")
    explained = set(re.findall(r"^\| `(hub_[a-z_]+)`", page, re.MULTILINE))
    assert explained == exported
