"""`hub dispatch tail | ack | list`: look into a centre's queue, and take from it by hand."""

from __future__ import annotations

import argparse
import json
import os

from rich.console import Console
from rich.table import Table

from hub.dispatch.outbox.view import ZERO
from hub.dispatch.queue import Client, Entry, Queue, centres_at, connect, follow
from hub.kit.clock import RealClock
from hub.kit.errors import Misconfigured, NotFound

BLOCK_MS = 500


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `dispatch` with its three parts."""
    parser = commands.add_parser("dispatch", help="look into the dispatch queue")
    parts = parser.add_subparsers(title="parts", required=True, metavar="PART")
    tail = parts.add_parser("tail", help="print messages as they come, without consuming them")
    tail.add_argument("--all", action="store_true", help="begin with what stands there already")
    tail.add_argument("--json", action="store_true", help="whole messages, one a line")
    tail.add_argument("--seconds", type=float, help="end after that long (default: never)")
    tail.set_defaults(run=_tail)
    ack = parts.add_parser("ack", help="take tasks as a consumer and acknowledge them")
    ack.add_argument("task_id", nargs="+")
    ack.add_argument("--consumer", default="hub-cli", help="consumer name (default: hub-cli)")
    ack.set_defaults(run=_ack)
    shown = parts.add_parser("list", help="the entries of the queue and what became of them")
    shown.set_defaults(run=_list)
    for part in (tail, ack, shown):
        part.add_argument("--centre", help="only this centre (default: all of them)")
        part.add_argument("--group", default="centre", help="consumer group (default: centre)")
        part.add_argument("--url", help="Redis or Valkey (default: $REDIS_URL)")


def _server(args: argparse.Namespace) -> Client:
    url = args.url or os.environ.get("REDIS_URL", "")
    if not url:
        raise Misconfigured("name the server by --url or $REDIS_URL", code="no_redis_url")
    return connect(url)


def _queues(redis: Client, args: argparse.Namespace) -> list[Queue]:
    found = centres_at(redis, args.group)
    chosen = [centre for centre in found if args.centre in (None, centre.id)]
    if args.centre is not None and not chosen:
        raise NotFound(f"no stream dispatch:{args.centre} there", code="no_such_centre")
    return [Queue(redis, centre) for centre in chosen]


def _tail(args: argparse.Namespace) -> int:
    redis = _server(args)
    after = {
        queue.centre.stream: ZERO if args.all else queue.last_id() for queue in _queues(redis, args)
    }
    if not after:
        raise NotFound("no queue there yet", code="no_such_centre")
    out = Console(soft_wrap=True)
    clock = RealClock()
    ends_at = None if args.seconds is None else clock.monotonic() + args.seconds
    while ends_at is None or clock.monotonic() < ends_at:
        for stream, entry in follow(redis, after, BLOCK_MS):
            after[stream] = entry.id
            text = json.dumps(entry.message, ensure_ascii=False) if args.json else _line(entry)
            out.print(text, markup=False, highlight=False)
    return 0


def _line(entry: Entry) -> str:
    body = entry.message
    grid = " > ".join(body["grid"]["path"]) or "unbound"
    return (
        f"{body['times']['dispatched_at']} {body['severity']} {body['rule']['kind']}"
        f" {body['source']['name']} [{grid}] task {entry.task_id}"
    )


def _ack(args: argparse.Namespace) -> int:
    wanted = set(args.task_id)
    done: set[str] = set()
    for queue in _queues(_server(args), args):
        done |= queue.acknowledge(wanted - done, args.consumer)
    out = Console(soft_wrap=True)
    for task_id in args.task_id:
        said = "acknowledged" if task_id in done else "not there to be acknowledged"
        out.print(f"{task_id}: {said}", markup=False, highlight=False)
    return 0 if done == wanted else 1


def _list(args: argparse.Namespace) -> int:
    table = Table("centre", "entry", "task", "severity", "rule", "grid", "state")
    for queue in _queues(_server(args), args):
        after = ZERO
        while page := queue.entries(after, 500):
            after = page[-1].id
            for entry in page:
                table.add_row(queue.centre.id, *_cells(entry))
    Console().print(table)
    return 0


def _cells(entry: Entry) -> tuple[str, ...]:
    if not entry.delivered:
        state = "waiting"
    elif entry.consumer is None:
        state = "acknowledged"
    else:
        state = f"with {entry.consumer}, handed out {entry.deliveries} times"
    body = entry.message
    grid = body["grid"]["code"] or "unbound"
    return (str(entry.id), entry.task_id, body["severity"], body["rule"]["kind"], grid, state)
