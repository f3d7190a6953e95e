"""`hub audit verify | head`: was the log rewritten? They read the database and change nothing."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import Connection

from hub.kit.clock import RealClock, iso
from hub.kit.errors import HubError, Misconfigured
from hub.kit.log import redact
from hub.kit.places import data_dir
from hub.store.audit import seals
from hub.store.audit.logs import LOGS
from hub.store.audit.verify import Fault, Head, Verdict, verify
from hub.store.db import Database

SOUND, BROKEN, UNKNOWN = 0, 1, 2
"""Exit codes: nothing was rewritten; something was; it could not be read."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `audit` with its two parts."""
    parser = commands.add_parser("audit", help="prove that the log was not rewritten")
    parts = parser.add_subparsers(title="parts", required=True, metavar="PART")
    verifying = parts.add_parser(
        "verify", help="compare the log with its seals (exits with 1 if it was rewritten)"
    )
    verifying.add_argument(
        "--head", type=Path, metavar="FILE", help="and the seals with a head kept elsewhere"
    )
    verifying.add_argument("--json", action="store_true", help="for a program")
    verifying.set_defaults(run=lambda args: _told(args, _verify))
    heading = parts.add_parser("head", help="print the newest seals, to be kept elsewhere")
    heading.set_defaults(run=lambda args: _told(args, _head))
    for part in (verifying, heading):
        part.add_argument("--data", type=Path, help="data folder (HUB_DATA, ./var)")


def _told(args: argparse.Namespace, run: Any) -> int:
    """What cannot be read is neither sound nor broken: a code of its own."""
    try:
        code: int = run(args)
    except HubError as error:
        print(f"hub: {error.code}: {redact(str(error))}", file=sys.stderr)  # noqa: T201
        return UNKNOWN
    return code


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Connection]:
    """One consistent view of the database, that of a running hub as well."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        path = (args.data or data_dir()).resolve() / "hub.sqlite"
        if not path.is_file():
            raise Misconfigured(f"there is no database {path}", code="no_database")
        url = f"sqlite:///{path}"
    db = Database(url)
    try:
        with db.read() as tx:
            if not seals.exist(tx):
                raise Misconfigured(
                    "this database has no seals yet: start this version of the hub on it once",
                    code="no_seals",
                )
            yield tx
    finally:
        db.close()


def _head(args: argparse.Namespace) -> int:
    out = Console(soft_wrap=True)
    with _opened(args) as tx:
        for each in seals.standings(tx):
            sealed = f"{each.sealed_rows} rows, sealed {_moment(each.sealed_at)}"
            out.print(f"# {each.chain}: {sealed}", markup=False, highlight=False)
            line = f"{each.chain} {each.number} {each.hash}"
            out.print(line, markup=False, highlight=False)
    return SOUND


def _verify(args: argparse.Namespace) -> int:
    heads = _heads(args.head) if args.head else {}
    with _opened(args) as tx:
        verdicts = [verify(tx, log, heads.get(log.name)) for log in LOGS]
    now = RealClock().now()
    out = Console(soft_wrap=True)
    if args.json:
        out.print(json.dumps(_body(verdicts)), markup=False, highlight=False)
    else:
        for verdict in verdicts:
            for line in _lines(verdict, now):
                out.print(line, markup=False, highlight=False)
    return BROKEN if any(verdict.first for verdict in verdicts) else SOUND


def _heads(path: Path) -> Mapping[str, Head]:
    """What `hub audit head` printed. Raises Misconfigured (`bad_head`)."""
    names = {log.name for log in LOGS}
    found = {}
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"cannot read the head: {error}", code="bad_head") from error
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 3 or words[0] not in names or not words[1].isdecimal():
            wanted = "<chain> <number> <hash>"
            raise Misconfigured(f"{path}, line {number} is not {wanted}", code="bad_head")
        found[words[0]] = Head(words[0], int(words[1]), words[2].lower())
    if not found:
        raise Misconfigured(f"{path} holds no head", code="bad_head")
    return found


def _lines(verdict: Verdict, now: float) -> Iterator[str]:
    it = verdict.standing
    word = f"BROKEN, {verdict.broken} of its seals" if verdict.first else "sound"
    yield f"{it.chain}: {word}"
    last = _moment(it.sealed_at)
    yield f"  sealed    {it.sealed_rows} rows under {it.number} seals, the last {last}"
    waited_s = it.unsealed_s(now)
    age = "" if waited_s is None else f", the oldest for {waited_s:.0f} s"
    yield f"  unsealed  {it.unsealed_rows} rows{age}"
    if verdict.head is not None and verdict.first is None:
        yield f"  head      seal {verdict.head.number} is the one that was written down"
    if verdict.first is not None:
        yield f"  first     {_where(verdict.first)}"


def _where(fault: Fault) -> str:
    row = "" if fault.seq is None else f", row {fault.seq}"
    return f"seal {fault.seal}{row}: {fault.what}"


def _body(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    chains = [
        {
            **asdict(verdict.standing),
            "sound": verdict.first is None,
            "broken_seals": verdict.broken,
            "first": None if verdict.first is None else asdict(verdict.first),
            "compared_head": None if verdict.head is None else verdict.head.number,
        }
        for verdict in verdicts
    ]
    return {"sound": not any(verdict.first for verdict in verdicts), "chains": chains}


def _moment(at: float | None) -> str:
    return "never" if at is None else iso(at)
