"""The arithmetic of the chain: rows to digests, digests to a seal, seals to each other.

    digest(row) = SHA-256(canonical JSON of the row without `seq`)
    entries     = a line "<seq> <digest>" for each row, in the order of `seq`
    hash        = SHA-256(canonical JSON of
                  {chain, entries, last_seq, number, previous, sealed_at, total})

`previous` is the hash of the seal before, 64 zeros for the first. Hashes are written in hex.
Canonical JSON: keys sorted, no spaces, UTF-8, floats in their shortest form that reads back the
same, columns that are NULL left out. A personal column enters as its reference (`people`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

GENESIS = "0" * 64
"""What stands in the place of the hash before the first seal."""

Entry = tuple[int, str]
"""A row's sequence number, and the digest of what it says."""

# What no hub ever wrote, such as bytes in a text of SQLite, has a form too: it is to be found.
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr)


class What(StrEnum):
    """What is wrong at one place of a chain."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    SEAL_CHANGED = "seal changed"
    SEAL_MISSING = "seal missing"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal over the rows `entries`, the last of which is `last_seq`.

    `number` counts from 1, `total` the rows sealed so far with these; `sealed_at` is UTC epoch
    seconds; `entries` is what `pack` makes of them.
    """

    chain: str
    number: int
    sealed_at: float
    last_seq: int
    total: int
    entries: str
    hash: str


def canonical(value: object) -> bytes:
    """JSON that has one form only: what is hashed."""
    return _encoder.encode(value).encode()


def digest(row: Mapping[str, object]) -> str:
    """What a row says; `row` names its columns but `seq`, with references for people."""
    said = {name: value for name, value in row.items() if value is not None}
    return hashlib.sha256(canonical(said)).hexdigest()


def pack(entries: Sequence[Entry]) -> str:
    """Entries as they are stored."""
    return "\n".join(f"{seq} {of_row}" for seq, of_row in entries)


def unpack(packed: str) -> list[Entry]:
    """The entries of a seal; lines that are none are left out (the seal's hash tells of them)."""
    lines = (line.partition(" ") for line in str(packed).splitlines())
    return [(int(seq), of_row) for seq, _, of_row in lines if seq.removeprefix("-").isdecimal()]


def hash_of(seal: Seal, previous: str) -> str:
    """What the seal's `hash` has to be after the seal with the hash `previous`."""
    said = {
        "chain": seal.chain,
        "entries": seal.entries,
        "last_seq": seal.last_seq,
        "number": seal.number,
        "previous": previous,
        "sealed_at": seal.sealed_at,
        "total": seal.total,
    }
    return hashlib.sha256(canonical(said)).hexdigest()


def sealed(chain: str, previous: Seal | None, entries: Sequence[Entry], now: float) -> Seal:
    """The next seal, over at least one entry; `previous` is None for the first."""
    unsigned = Seal(
        chain=chain,
        number=previous.number + 1 if previous else 1,
        sealed_at=now,
        last_seq=entries[-1][0],
        total=(previous.total if previous else 0) + len(entries),
        entries=pack(entries),
        hash="",
    )
    before = previous.hash if previous else GENESIS
    return replace(unsigned, hash=hash_of(unsigned, before))


def first_difference(then: Sequence[Entry], now: Sequence[Entry]) -> tuple[int, What] | None:
    """The first row that is not as it was sealed, by its number, and what is wrong; None if none.

    REORDERED: the same rows under other numbers. Both in the order of their numbers.
    """
    if list(then) == list(now):
        return None
    same_rows = sorted(of_row for _, of_row in then) == sorted(of_row for _, of_row in now)
    for (seq, before), (found, after) in zip(then, now, strict=False):
        if (seq, before) == (found, after):
            continue
        if same_rows:
            return seq, What.REORDERED
        if seq == found:
            return seq, What.CHANGED
        return (seq, What.MISSING) if seq < found else (found, What.INSERTED)
    if len(then) > len(now):
        return then[len(now)][0], What.MISSING
    return now[len(then)][0], What.INSERTED
