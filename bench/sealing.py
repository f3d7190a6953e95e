"""What sealing a log costs, and how fast it is proved.

    python -m bench.sealing [--rows 10000] [--url sqlite:////tmp/x/bench.sqlite]

The database is a fresh one: rows are written to it. Prints a line; the numbers are this machine's.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time

from sqlalchemy import insert

from hub.store import migrations
from hub.store.audit.logs import BATCH, TRANSITIONS, newest
from hub.store.audit.sealer import seal_once
from hub.store.audit.verify import verify
from hub.store.db import Database
from hub.store.tables.alerts import transitions

PEOPLE = 1300


def fill(db: Database, rows: int) -> None:
    """Lines as a county's year has them: few kinds, many people."""
    for start in range(0, rows, BATCH):
        lines = [
            {
                "entity": "incident",
                "entity_id": f"{n:032x}",
                "version": 1,
                "at": 1.7e9 + n,
                "what": "accept",
                "from_state": "DISPATCHED",
                "to_state": "ACCEPTED",
                "reason": "on the way 在途",
                "actor": f"worker {n % PEOPLE}",
                "device": f"phone-{n % PEOPLE}",
            }
            for n in range(start, min(start + BATCH, rows))
        ]
        with db.write() as tx:
            tx.execute(insert(transitions), lines)


def seal_all(db: Database) -> None:
    """As the sealer does: a transaction for each seal."""
    rows = BATCH
    while rows == BATCH:
        with db.write() as tx:
            rows = seal_once(tx, TRANSITIONS, newest(tx, TRANSITIONS), 1.8e9)


def main() -> None:
    """Fill, seal, prove."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--url", help="a fresh database (default: SQLite in a folder of its own)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = Database(args.url or f"sqlite:///{folder}/bench.sqlite")
        migrations.upgrade(db)
        fill(db, args.rows)
        started, cpu = time.perf_counter(), time.process_time()
        seal_all(db)
        sealed_s, sealed_cpu_s = time.perf_counter() - started, time.process_time() - cpu
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started, cpu = time.perf_counter(), time.process_time()
        with db.read() as tx:
            verdict = verify(tx, TRANSITIONS)
        proved_s, proved_cpu_s = time.perf_counter() - started, time.process_time() - cpu
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        db.close()
    print(
        f"{db.dialect}: {args.rows} rows sealed in {sealed_s:.2f} s ({sealed_cpu_s:.2f} s of CPU),"
        f" proved in {proved_s:.2f} s ({proved_cpu_s:.2f} s of CPU) = {args.rows / proved_s:.0f}"
        f" rows/s, {grown / 1024:.0f} MiB more memory;"
        f" {'sound' if verdict.first is None else 'BROKEN'}"
    )


if __name__ == "__main__":
    main()
