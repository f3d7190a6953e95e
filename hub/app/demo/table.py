"""The live table of the demo: cameras, alerts, queue, ledger. Pure: numbers in, Rich out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from hub.app.demo.numbers import Backlog
from hub.kit.clock import from_iso, local_text

Json = dict[str, Any]

STATE_STYLE = {
    "online": "green",
    "connecting": "cyan",
    "stale": "yellow",
    "frozen": "magenta",
    "offline": "bold red",
}
SEVERITY_STYLE = {"P1": "bold white on red", "P2": "bold red", "P3": "yellow", "P4": "dim"}
WIDE = 100
"""From this many columns on the less needed numbers are shown too."""
ALERT_COLUMNS = 8 + 2 + 16 + 16 + 7
"""Cells that time, severity, rule, source and life of an alert take, without the gaps."""


@dataclass(frozen=True, slots=True)
class View:
    """All that one picture of the table shows.

    `grids` maps codes to names, `queues` and `consumed` (tasks that its own program read) go by
    centre, `restarts` by process. `logins`: login and password of the people of the demo.
    """

    site: str
    zone: ZoneInfo
    elapsed_s: float
    cameras: Sequence[Json] = ()
    alerts: Sequence[Json] = ()
    queues: Sequence[Backlog] = ()
    consumed: Mapping[str, int] = field(default_factory=dict)
    ledger: Mapping[str, Any] = field(default_factory=dict)
    grids: Mapping[str, str] = field(default_factory=dict)
    restarts: Mapping[str, int] = field(default_factory=dict)
    address: str = ""
    logins: Sequence[tuple[str, str]] = ()


def render(view: View, width: int, height: int) -> RenderableType:
    """The whole screen of `width` columns and `height` lines: the alerts take what is left."""
    below: list[RenderableType] = [
        _rule("dispatch queue 派遣队列 · ledger 台账", "green"),
        *(_queue(queue, view.consumed.get(queue.centre, 0)) for queue in view.queues),
        _ledger(view.ledger),
        _processes(view.restarts),
        *_people(view, width),
    ]
    # Header, two rules, and the headings of two tables.
    room = height - 5 - len(view.cameras) - len(below)
    return Group(
        _header(view, width),
        _rule("cameras 摄像机", "blue"),
        _cameras(view.cameras, width),
        _rule("alerts 告警, the newest first", "red"),
        _alerts(view, max(1, room), width),
        *[Text("") for _ in range(room - max(1, len(view.alerts)))],
        *below,
    )


def _rule(title: str, style: str) -> Rule:
    return Rule(title, style=style, align="left")


def _header(view: View, width: int) -> Table:
    minutes, seconds = divmod(int(view.elapsed_s), 60)
    right = f"{minutes}:{seconds:02d}   Ctrl-C ends"
    wide = f"{view.address}   {right}" if width >= WIDE else right
    line = Table.grid(expand=True)
    line.add_column(no_wrap=True, overflow="ellipsis")
    line.add_column(no_wrap=True, justify="right")
    line.add_row(Text(view.site, style="bold"), Text(wide, style="dim"))
    return line


def _table(width: int) -> Table:
    wide = width >= WIDE
    gap = (0, 2 if wide else 1, 0, 0)
    return Table(expand=not wide, box=None, pad_edge=False, padding=gap, header_style="dim")


def _cameras(cameras: Sequence[Json], width: int) -> Table:
    wide = width >= WIDE
    table = _table(width)
    table.add_column("camera", no_wrap=True)
    table.add_column("state", no_wrap=True, min_width=10)
    headings = ["fps", "kbit/s", "analysed", "gate open", "detector"]
    for heading in [*headings, "decoded", "reconnects"] if wide else headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for camera in cameras:
        analysed = camera["frames_analysed"]
        numbers = [
            f"{camera['fps']:.1f}",
            f"{camera['bitrate_bps'] / 1000:.0f}",
            f"{analysed}",
            _share(camera["gate_open"], analysed),
            _share(camera["looked"], analysed),
        ]
        more = [f"{camera['frames_decoded']}", f"{camera['reconnects']}"] if wide else []
        state = Text(camera["state"], style=STATE_STYLE.get(camera["state"], ""))
        table.add_row(camera["id"], state, *numbers, *more)
    return table


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _alerts(view: View, room: int, width: int) -> RenderableType:
    if not view.alerts:
        return Text("none yet", style="dim")
    table = _table(width)
    for heading, cells in (("time", 8), ("", 2), ("rule", 16), ("source", 16)):
        table.add_column(heading, no_wrap=True, min_width=cells)
    table.add_column("grid", no_wrap=True)
    table.add_column("life", no_wrap=True, min_width=7)
    path_cells = width - ALERT_COLUMNS - (10 if width >= WIDE else 5)
    for alert in view.alerts[:room]:
        names = [view.grids.get(code, code) for code in alert["binding"]["grid_path"]]
        table.add_row(
            local_text(from_iso(alert["raised_at"]), view.zone)[11:19],
            Text(alert["severity"], style=SEVERITY_STYLE.get(alert["severity"], "")),
            alert["rule_kind"],
            alert["source"],
            fit_path(names, path_cells) or Text("unbound 未归格", style="bold yellow"),
            Text(alert["life"], style="bold" if alert["life"] == "active" else "dim"),
        )
    return table


def fit_path(names: Sequence[str], cells: int) -> str:
    """The path from the root down, its upper grids left out until it fits into `cells`.

    The last name is the grid itself: it is never left out, and cut by the table if it must be.
    """
    for start in range(len(names)):
        path = ("… › " if start else "") + " › ".join(names[start:])
        if cell_len(path) <= cells:
            return path
    return names[-1] if names else ""


def _queue(queue: Backlog, consumed: int) -> Text:
    line = Text(f"{queue.centre:<8}")
    line.append(f"depth {queue.unsent + queue.unacked}", style="bold")
    line.append(f"   acked {queue.acked}   read by the centre {consumed}")
    line.append(f"   oldest waits {queue.age_s:.1f} s" if queue.age_s else "   nothing waits")
    if queue.dead:
        line.append(f"   dead {queue.dead}", style="bold red")
    return line


def _ledger(ledger: Mapping[str, Any]) -> Text:
    counted = ("findings", "opened", "merged", "muted", "rejected")
    return Text("ledger  " + "   ".join(f"{key} {ledger.get(key, 0)}" for key in counted))


def _processes(restarts: Mapping[str, int]) -> Text:
    line = Text("runs    ")
    for name, count in restarts.items():
        line.append(name, style="bold red" if count else "green")
        line.append(f" (restarted {count} times)   " if count else "   ")
    return line


def _people(view: View, width: int) -> list[Text]:
    """Who may log in, and where, if the header has no room for that."""
    if not view.logins:
        return []
    line = Text("log in  ")
    for login, password in view.logins:
        line.append(login, style="bold")
        line.append(f" {password}   ")
    line.rstrip()
    return [line] if width >= WIDE else [Text(f"open    {view.address}"), line]
