"""`hub indicators rebuild`: everything derived is forgotten, and derived again by the centre."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, date, datetime, time
from pathlib import Path

from rich.console import Console

from hub.indicators import refresh, repository
from hub.kit.errors import Misconfigured
from hub.kit.places import data_dir
from hub.store.db import Database


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `indicators` with its part."""
    parser = commands.add_parser("indicators", help="the numbers people are judged by")
    parts = parser.add_subparsers(title="parts", required=True, metavar="PART")
    again = parts.add_parser("rebuild", help="derive all figures anew from the log")
    again.add_argument("--data", type=Path, help="data folder (HUB_DATA, ./var)")
    again.add_argument(
        "--cameras-from",
        type=date.fromisoformat,
        metavar="DAY",
        help="count camera seconds since that day, as 2026-01-01 (default: yesterday)",
    )
    again.set_defaults(run=_rebuild)


def _rebuild(args: argparse.Namespace) -> int:
    """Forget; a running centre begins at the first line of the log within seconds."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        path = (args.data or data_dir()).resolve() / "hub.sqlite"
        if not path.is_file():
            raise Misconfigured(f"there is no database {path}", code="no_database")
        url = f"sqlite:///{path}"
    db = Database(url)
    try:
        with db.write() as tx:
            repository.forget_all(tx)
            if args.cameras_from is not None:
                # Noon in Greenwich is of that day wherever the site may be.
                noon = datetime.combine(args.cameras_from, time(12), UTC)
                repository.put_mark(tx, refresh.CAMERAS, noon.timestamp())
    finally:
        db.close()
    Console().print("forgotten; the active centre derives the figures anew from the log")
    return 0
