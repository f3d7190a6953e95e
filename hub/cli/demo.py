"""`hub demo`: eight simulated cameras, two sensors, seven rules, one queue."""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.live import Live

from hub.app.demo.ports import ports_of
from hub.app.demo.run import Demo, Options, fresh, write
from hub.app.demo.summary import summary
from hub.app.demo.table import render
from hub.app.setup import setup_from
from hub.cli.processes import stop_on_signal
from hub.config import load_or_refuse
from hub.kit.clock import RealClock
from hub.kit.errors import Retryable
from hub.kit.log import start_logging

REFRESH_S = 0.5
PROFILE = "demo"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `demo` to the command line."""
    parser = commands.add_parser("demo", help="the whole hub on simulated cameras, live")
    parser.add_argument("--seconds", type=float, help="run so long without a screen, then end")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write a report (JSON)")
    parser.add_argument("--empty", action="store_true", help="the clips' empty backgrounds only")
    parser.add_argument("--config", type=Path, default=Path("configs"))
    parser.add_argument("--folder", type=Path, default=Path("var/demo"), help="its files")
    parser.add_argument("--port", type=int, default=8080, help="port of the api")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--log-level", default="INFO")
    parser.set_defaults(run=run, profile=PROFILE, host="127.0.0.1", data=None)


def run(args: argparse.Namespace) -> int:
    """Pull what is missing, start everything, show it, stop everything, report."""
    scenario = args.config / "profiles" / PROFILE / "simulation.yaml"
    config = load_or_refuse(args.config, PROFILE)
    _ready(args, scenario, config.models.default)
    folders = fresh(args.folder.resolve())
    # The processes' own lines go to a file: the screen belongs to the table.
    start_logging("demo", args.log_level, folders.log("hub"))
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    setup = replace(setup_from(args), data=folders.data)
    centres = tuple(centre.id for centre in config.dispatch.centres)
    ports = ports_of(config.cameras, config.brokers, args.port)
    site = config.settings.site
    demo = Demo(Options(setup, folders, scenario, centres, args.empty, ports, site), RealClock())
    stopped = stop_on_signal()
    console = Console()
    try:
        started = demo.start(stopped)
        console.print(f"open     {started.address}", highlight=False)
        for login, password in started.logins:
            console.print(f"login    {login:<10} {password}", highlight=False)
        console.print(f"token    {started.token}", highlight=False)
        console.print(f"files    {folders.root}", highlight=False)
        if args.seconds is None:
            _show(demo, console, stopped)
        else:
            demo.watch(args.seconds, stopped)
    finally:
        demo.stop()
    report = demo.collect()
    if args.report is not None:
        write(args.report, report)
    console.print(summary(report), highlight=False)
    return 0


def _ready(args: argparse.Namespace, scenario: Path, model: str) -> None:
    """Models and clips, with their progress on the screen; nothing to do the second time."""
    hub = [sys.executable, "-m", "hub"]
    for command in (
        [*hub, "models", "--config", str(args.config), "pull", model],
        [*hub, "simulate", "--scenario", str(scenario), "--prepare"]
        + (["--empty"] if args.empty else []),
    ):
        if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - our own program
            raise Retryable(f"`{' '.join(command[1:])}` failed", code="not_ready")


def _show(demo: Demo, console: Console, stopped: threading.Event) -> None:
    # The alternate screen, drawn over in place: nothing scrolls and nothing flickers.
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while not stopped.wait(REFRESH_S):
            live.update(render(demo.view(), console.width, console.height), refresh=True)
