"""A governance centre's own program: reads its dispatch queue with plain redis-py.

Nothing of the hub is imported; docs/ref/dispatch-message.md is all it knows.

    python examples/centre_consumer.py --url redis://localhost:6379 --centre lishan

It reads as a member of the consumer group, takes over what a crashed colleague left behind,
knows by `task_id` what it has already, acknowledges when it has put the task in safety, and with
`--receipts` reports the task as accepted. With `--out FILE` that place of safety is a file of
JSON lines, flushed to the disk before the acknowledgement.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import redis

Entry = tuple[bytes, dict[bytes, bytes] | None]


class Safe:
    """What we have taken over, by task id; survives a restart when it stands in a file."""

    def __init__(self, path: Path | None) -> None:
        """Read what an earlier run left, then append."""
        self._file = None if path is None else path.open("a+", encoding="utf-8")
        self.task_ids = set() if self._file is None else self._recall(self._file)

    @staticmethod
    def _recall(file: TextIO) -> set[str]:
        """The tasks in the file. A line cut short by a crash was never acknowledged: drop it."""
        file.seek(0)
        known, whole = set(), 0
        while (line := file.readline()).endswith("\n"):
            known.add(json.loads(line)["task_id"])
            whole = file.tell()
        file.truncate(whole)
        return known

    def keep(self, entry_id: str, task_id: str, message: dict[str, Any]) -> bool:
        """False when we have this task already: a repeat."""
        if task_id in self.task_ids:
            return False
        self.task_ids.add(task_id)
        if self._file is not None:
            line = {
                "task_id": task_id,
                "entry_id": entry_id,
                "received_at": datetime.now(UTC).isoformat(),
                "message": message,
            }
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return True

    def flush(self) -> None:
        """To the disk: after this the tasks may be acknowledged."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())


class Consumer:
    """One member of the centre's group."""

    def __init__(self, args: argparse.Namespace) -> None:
        """Connect lazily: the server may come later than we do."""
        self._redis = redis.Redis.from_url(args.url, socket_timeout=10)
        self._stream = args.stream or f"dispatch:{args.centre}"
        self._receipts_stream = f"receipts:{args.centre}" if args.receipts else None
        self._group, self._name = args.group, args.name
        self._safe = Safe(args.out)
        self._idle_ms = int(args.reclaim_after * 1000)
        self._reclaim_at = 0.0
        self.received, self.repeats = 0, 0

    def turn(self, block_ms: int) -> None:
        """Read, keep, acknowledge; once in a while take over what others dropped."""
        if time.monotonic() >= self._reclaim_at:
            self._reclaim_at = time.monotonic() + self._idle_ms / 1000 / 2
            self._reclaim()
        answer: Any = self._redis.xreadgroup(
            self._group, self._name, {self._stream: ">"}, count=100, block=block_ms
        )
        for _, entries in answer or []:
            self._take(entries)

    def _reclaim(self) -> None:
        start = b"0-0"
        while True:
            reply: Any = self._redis.xautoclaim(
                self._stream, self._group, self._name, self._idle_ms, start_id=start, count=100
            )
            self._take(reply[1])
            start = reply[0]
            if start == b"0-0":
                return

    def _take(self, entries: list[Entry]) -> None:
        """Keep first, acknowledge after: a crash between the two brings a repeat, no loss."""
        for entry_id, fields in entries:
            if fields is None:
                continue  # superseded: the hub has sent this task again under a newer id
            message = json.loads(fields[b"body"])
            if self._safe.keep(entry_id.decode(), message["task_id"], message):
                self.received += 1
                print(line(message), flush=True)
            else:
                self.repeats += 1
        self._safe.flush()
        if entries:
            ids = [entry_id for entry_id, _ in entries]
            self._redis.xack(self._stream, self._group, *ids)
        for _, fields in entries:
            if fields is not None and self._receipts_stream is not None:
                self._report_accepted(fields[b"task_id"].decode())

    def _report_accepted(self, task_id: str) -> None:
        # The key makes a repeated receipt harmless.
        receipt: dict[Any, Any] = {
            "task_id": task_id,
            "action": "accept",
            "by": self._name,
            "key": f"{task_id}:accept",
            "at": datetime.now(UTC).isoformat(),
        }
        self._redis.xadd(str(self._receipts_stream), receipt)


def line(message: dict[str, Any]) -> str:
    """One task in one line for the duty desk."""
    grid = " > ".join(message["grid"]["path"]) or "UNBOUND"
    drill = " [exercise]" if message["exercise"] else ""
    return (
        f"{message['severity']} {message['rule']['name']} at {message['source']['name']}"
        f" ({message['source']['owner']}) in {grid}, accept by {message['due']['accept_by']}{drill}"
    )


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default=os.environ.get("REDIS_URL", "redis://localhost:6379"))
    parser.add_argument("--centre", required=True, help="id of the centre in dispatch.yaml")
    parser.add_argument("--stream", help="default: dispatch:CENTRE")
    parser.add_argument("--group", default="centre")
    parser.add_argument("--name", default=f"desk-{os.getpid()}", help="name within the group")
    parser.add_argument("--reclaim-after", type=float, default=30.0, metavar="S")
    parser.add_argument("--receipts", action="store_true", help="report every task as accepted")
    parser.add_argument("--out", type=Path, metavar="FILE", help="append JSON lines")
    parser.add_argument("--exit-after", type=float, metavar="S", help="default: never")
    return parser.parse_args()


def main() -> int:
    """Read until told to stop; wait while the server or the group is not there."""
    args = arguments()
    stop_at = None if args.exit_after is None else time.monotonic() + args.exit_after
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: stopped.append(got))
    consumer = Consumer(args)
    while not stopped and (stop_at is None or time.monotonic() < stop_at):
        left_s = 1.0 if stop_at is None else max(0.01, min(1.0, stop_at - time.monotonic()))
        try:
            consumer.turn(block_ms=int(left_s * 1000) or 1)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            print(f"waiting for the server: {error}", file=sys.stderr)
            time.sleep(min(0.5, left_s))
        except redis.ResponseError as error:
            # The hub makes the group. A group of our own making, begun at "$", would skip tasks.
            if not str(error).startswith(("NOGROUP", "UNBLOCKED")):
                raise
            time.sleep(min(0.2, left_s))
    print(f"{consumer.received} tasks, {consumer.repeats} repeats", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
