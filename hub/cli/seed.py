"""`hub seed --county`: an invented county in an empty database, to try and to measure."""

from __future__ import annotations

import argparse

from rich.console import Console

from hub.app.setup import add_setup_arguments, setup_from
from hub.kit.clock import RealClock


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `seed`."""
    seeding = commands.add_parser("seed", help="an invented county in an empty database")
    add_setup_arguments(seeding)
    seeding.add_argument(
        "--county",
        action="store_true",
        required=True,
        help="1,817 grids, 4,900 cameras (disabled), 1,300 accounts, a year of incidents",
    )
    seeding.add_argument("--seed", type=int, default=1, help="the same number, the same county")
    seeding.add_argument("--scale", type=float, default=1.0, help="a part of it, such as 0.01")
    seeding.add_argument("--password", help="of all accounts (default: one is thought up)")
    seeding.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from hub.access.passwords import Passwords, generated
    from hub.app.seed import county
    from hub.config import load_or_refuse
    from hub.store.db import Database
    from hub.store.migrations import upgrade

    setup, console, clock = setup_from(args), Console(), RealClock()
    config = load_or_refuse(setup.config, setup.profile)
    setup.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = args.password or generated()
    plan = county.Plan(args.seed, clock.now(), Passwords().hash(password), args.scale)
    began = clock.monotonic()

    def told(line: str) -> None:
        console.print(f"{clock.monotonic() - began:6.1f} s  {line}", highlight=False)

    db = Database(setup.database)
    try:
        upgrade(db)
        with db.write() as tx:
            written = county.seed(tx, plan, config.dispatch, told)
    finally:
        db.close()
    for what, count in written.counts.items():
        console.print(f"{count:>9,}  {what}", highlight=False)
    told("done")
    console.print(f"log in as admin.1, shift-leader.1, worker.1 … with {password}", highlight=False)
    return 0
