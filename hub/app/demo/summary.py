"""The end of the demo in one screen. Pure: the report in, Rich out."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

Json = dict[str, Any]


def summary(report: Json) -> RenderableType:
    """What fired, where it went, how long it took, what it cost."""
    latency = report["latency_ms"]["capture_to_queue"]
    ledger, dispatch = report["ledger"], report["dispatch"]
    read = sum(entry["consumed_at"] is not None for entry in dispatch)
    unbound = sum(alert["unbound"] for alert in report["alerts"])
    lines = [
        f"ran       {report['seconds']:.0f} s, {len(report['cameras'])} cameras",
        f"tasks     {len(dispatch)} queued, {read} read by the centre's own program",
        f"grids     {len(report['alerts']) - unbound} alerts with a grid, {unbound} unbound",
        "ledger    " + ", ".join(f"{key} {value}" for key, value in ledger.items()),
        "latency   capture to queue: " + _latency(latency),
        "cpu       " + ", ".join(f"{k} {v:.1f} s" for k, v in sorted(report["cpu_s"].items())),
    ]
    style = "red" if ledger["missing"] or ledger["unexpected"] else ""
    return Group(_rules(report["alerts"]), *[Text(line, style=style) for line in lines])


def _latency(latency: Json) -> str:
    if not latency["n"]:
        return "nothing was queued"
    named = ", ".join(f"{key} {latency[key]:.0f} ms" for key in ("p50", "p90", "max"))
    return f"{named} of {latency['n']}"


def _rules(alerts: list[Json]) -> Table:
    table = Table(title="alerts by rule", title_justify="left", box=None, pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("alerts", justify="right")
    table.add_column("sources")
    found: dict[str, list[str]] = defaultdict(list)
    for alert in alerts:
        found[alert["rule"]].append(alert["source_id"])
    for rule, sources in sorted(found.items()):
        table.add_row(rule, f"{len(sources)}", ", ".join(sorted(set(sources))))
    return table
