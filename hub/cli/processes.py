"""`hub run` and the three processes it starts."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable

from rich.console import Console

from hub.app.setup import Setup, add_setup_arguments, setup_from
from hub.kit.clock import RealClock
from hub.kit.log import start_logging

OURS_ALONE = 0o077
"""Evidence, spools and the database hold personal data: no other account may read them."""

FIRST_ACCOUNT = """people   HUB_TOKEN=<the token> hub accounts add <login> --role admin
         prints a password for the first login to the address above"""

NAMES = ("run", "worker", "centre", "api")
"""The commands of this file."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """run, and (for `run` itself) worker, centre, api."""
    run = commands.add_parser("run", help="start the hub on this machine")
    add_setup_arguments(run)
    run.set_defaults(run=_run)
    for name, start in (("worker", _worker), ("centre", _centre), ("api", _api)):
        role = commands.add_parser(name, help=f"the {name} process (started by `hub run`)")
        add_setup_arguments(role)
        role.add_argument("--name", default=f"{name}-0" if name != "centre" else "centre")
        role.set_defaults(run=start)


def stop_on_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def _run(args: argparse.Namespace) -> int:
    from hub.app.run import Hub

    os.umask(OURS_ALONE)
    setup = setup_from(args)
    start_logging("hub", setup.log_level)
    stopped = stop_on_signal()
    hub = Hub(setup, RealClock())
    started = hub.prepare()
    try:
        hub.start()
        console = Console()
        console.print(f"api      {started.address}")
        if started.token:
            console.print(f"token    {started.token}   (admin, shown once)", highlight=False)
            console.print(FIRST_ACCOUNT, highlight=False)
        stopped.wait()
    finally:
        clean = hub.stop()
    return 0 if clean else 1


def _process(args: argparse.Namespace, serve: Callable[[Setup, str, threading.Event], None]) -> int:
    os.umask(OURS_ALONE)
    setup = setup_from(args)
    start_logging(args.name, setup.log_level)
    serve(setup, args.name, stop_on_signal())
    return 0


def _worker(args: argparse.Namespace) -> int:
    from hub.app.worker import serve

    return _process(args, serve)


def _centre(args: argparse.Namespace) -> int:
    from hub.app.centre import serve

    return _process(args, serve)


def _api(args: argparse.Namespace) -> int:
    from hub.app.api import serve

    return _process(args, serve)
