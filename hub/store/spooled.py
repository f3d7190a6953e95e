"""What the producers of one machine have committed, read from their files when all stand still.

A counter that the centre keeps about itself proves nothing: these ids come from the other side.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spooled:
    """`findings`: ids of all findings known. `last`: highest number by producer (numbers have no
    gaps). `unread`: ids of readings and health changes that were not acknowledged."""

    findings: frozenset[str] = frozenset()
    last: Mapping[str, int] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    def holds(self, record_id: str) -> bool:
        """Whether `producer:seq` was ever committed."""
        producer, _, seq = record_id.rpartition(":")
        return seq.isdigit() and 0 < int(seq) <= self.last.get(producer, 0)


def read_spools(folder: Path) -> Spooled:
    """All spools in `folder`."""
    findings: set[str] = set()
    unread: set[str] = set()
    last: dict[str, int] = {}
    for path in sorted(folder.glob("*.sqlite")):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
            rows = connection.execute("SELECT seq, kind, body IS NOT NULL FROM records").fetchall()
        finally:
            connection.close()
        producer = meta["producer"]
        last[producer] = int(meta["last"])
        findings |= {f"{producer}:{seq}" for seq, kind, _ in rows if kind == "finding"}
        unread |= {f"{producer}:{seq}" for seq, kind, kept in rows if kind != "finding" and kept}
    return Spooled(frozenset(findings), last, frozenset(unread))
