"""`hub retention verify`: is what was deleted gone, and does nothing past its time stand?"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from hub.config import load_or_refuse
from hub.kit.clock import RealClock
from hub.kit.errors import Misconfigured
from hub.kit.places import data_dir
from hub.privacy.retention.classes import classes, unlinked
from hub.privacy.retention.verify import Verdict, verify
from hub.privacy.settings import Retention
from hub.store.db import Database
from hub.store.media import MediaStore

SOUND, UNSOUND = 0, 1
"""Exit codes; 2, as for every command: it could not be read."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `retention` with its part."""
    parser = commands.add_parser("retention", help="prove that what is past its time is gone")
    parts = parser.add_subparsers(title="parts", required=True, metavar="PART")
    part = parts.add_parser(
        "verify", help="compare the ledger of deletions with log, database and disk"
    )
    part.add_argument("--data", type=Path, help="data folder (HUB_DATA, ./var)")
    part.add_argument("--config", type=Path, help="folder of hub.yaml, for the days of each class")
    part.add_argument("--json", action="store_true", help="for a program")
    part.set_defaults(run=_verify)


def _verify(args: argparse.Namespace) -> int:
    data = (args.data or data_dir()).resolve()
    keep = Retention()
    if args.config is not None:
        keep = load_or_refuse(args.config, None).settings.retention
    db = Database(_url(data))
    try:
        with db.read() as tx:
            all_ = (unlinked(keep), *classes(keep))
            verdict = verify(tx, all_, MediaStore(data / "media"), RealClock().now())
    finally:
        db.close()
    out = Console(soft_wrap=True)
    lines = [json.dumps(_body(verdict))] if args.json else list(_lines(verdict))
    for line in lines:
        out.print(line, markup=False, highlight=False)
    return SOUND if verdict.sound else UNSOUND


def _url(data: Path) -> str:
    url = os.environ.get("DATABASE_URL")
    if url:
        return url
    path = data / "hub.sqlite"
    if not path.is_file():
        raise Misconfigured(f"there is no database {path}", code="no_database")
    return f"sqlite:///{path}"


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"retention: {'sound' if verdict.sound else 'NOT SOUND'}"
    yield f"  deletions  {verdict.checked}, of {verdict.things} things"
    for fault in verdict.faults[:20]:
        example = f": {fault.example}" if fault.example else ""
        yield f"  {fault.kind}  {fault.deletion_id}  {fault.what}{example}"
    for name, count in sorted(verdict.overdue.items()):
        yield f"  {name}  {count} past their time by more than a day"


def _body(verdict: Verdict) -> dict[str, object]:
    faults = [
        {"deletion": f.deletion_id, "kind": f.kind, "what": f.what.value, "example": f.example}
        for f in verdict.faults
    ]
    return {
        "sound": verdict.sound,
        "deletions": verdict.checked,
        "things": verdict.things,
        "faults": faults,
        "overdue": dict(verdict.overdue),
    }
