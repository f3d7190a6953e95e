"""The live table of the demo: cameras, alerts, queue, ledger. Pure: numbers in, Rich out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

Json = dict[str, Any]

STATE_STYLE = {
    "online": "green",
    "connecting": "cyan",
    "stale": "yellow",
    "frozen": "magenta",
    "offline": "bold red",
}
SEVERITY_STYLE = {"P1": "bold white on red", "P2": "bold red", "P3": "yellow", "P4": "dim"}


@dataclass(frozen=True, slots=True)
class View:
    """All that one picture of the table shows. `grids` maps codes to names."""

    elapsed_s: float
    cameras: Sequence[Json] = ()
    alerts: Sequence[Json] = ()
    tasks: Sequence[Json] = ()
    ledger: Mapping[str, Any] = field(default_factory=dict)
    grids: Mapping[str, str] = field(default_factory=dict)
    footer: str = ""


def render(view: View) -> RenderableType:
    """The whole screen."""
    return Group(
        Panel(_cameras(view.cameras), title="cameras 摄像机", border_style="blue"),
        Panel(_alerts(view), title="alerts 告警", border_style="red"),
        Panel(_queue(view), title="dispatch queue 派遣队列 · ledger 台账", border_style="green"),
        Text(f"{view.elapsed_s:5.0f} s  {view.footer}", style="dim"),
    )


def _cameras(cameras: Sequence[Json]) -> Table:
    table = Table(expand=True, box=None, pad_edge=False)
    table.add_column("camera", no_wrap=True)
    table.add_column("state", no_wrap=True)
    for heading in ("fps", "kbit/s", "decoded", "analysed", "gate", "detector", "again"):
        table.add_column(heading, justify="right", no_wrap=True)
    for camera in cameras:
        analysed = camera["frames_analysed"]
        table.add_row(
            camera["id"],
            Text(camera["state"], style=STATE_STYLE.get(camera["state"], "")),
            f"{camera['fps']:.1f}",
            f"{camera['bitrate_bps'] / 1000:.0f}",
            f"{camera['frames_decoded']}",
            f"{analysed}",
            _share(camera["gate_open"], analysed),
            _share(camera["looked"], analysed),
            f"{camera['reconnects']}",
        )
    return table


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _alerts(view: View) -> Table:
    table = Table(expand=True, box=None, pad_edge=False)
    for heading in ("time", "", "rule", "source"):
        table.add_column(heading, no_wrap=True)
    table.add_column("grid path", ratio=1)
    table.add_column("life", no_wrap=True)
    for alert in view.alerts:
        path = " › ".join(view.grids.get(code, code) for code in alert["grid_path"])
        table.add_row(
            alert["raised_at"][11:19],
            Text(alert["severity"], style=SEVERITY_STYLE.get(alert["severity"], "")),
            alert["rule_kind"],
            alert["source"],
            path or Text("unbound 未归格", style="bold yellow"),
            alert["life"],
        )
    return table


def _queue(view: View) -> Table:
    table = Table(expand=True, box=None, pad_edge=False, show_header=False)
    table.add_column("name", no_wrap=True)
    table.add_column("value", ratio=1)
    states: dict[str, int] = {}
    for task in view.tasks:
        states[task["state"]] = states.get(task["state"], 0) + 1
    table.add_row("tasks", "   ".join(f"{k} {v}" for k, v in sorted(states.items())) or "none yet")
    counted = ("opened", "merged", "muted", "rejected")
    table.add_row("ledger", "   ".join(f"{key} {view.ledger.get(key, 0)}" for key in counted))
    return table
