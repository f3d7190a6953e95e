"""Walks a chain from its first seal and says where the log is not what was sealed.

A page of rows and a page of seals are in memory at a time, however long the log is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.store.audit import people, seals
from hub.store.audit.chain import (
    GENESIS,
    Entry,
    Seal,
    What,
    first_difference,
    hash_of,
    unpack,
)
from hub.store.audit.logs import BATCH, Log, entries

_HELD_ROWS = 4 * BATCH
"""Of rows found under one seal, which has at most `BATCH`, no more than this are looked at."""


@dataclass(frozen=True, slots=True)
class Head:
    """A seal's number and hash, written down at some time; number 0 is before the first."""

    chain: str
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: in which seal, at which row (`seq`; None for the seal itself)."""

    seal: int
    seq: int | None
    what: What


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one chain; it is sound when `first` is None.

    `broken`: seals with something wrong. `head`: what was compared, None if nothing was given.
    """

    standing: seals.Standing
    broken: int
    first: Fault | None
    head: Head | None


def verify(tx: Connection, log: Log, head: Head | None = None) -> Verdict:
    """Compare a log with its seals, and its seals with a head that was written down earlier."""
    broken, first = 0, None
    for fault in _faults(tx, log, head):
        broken += 1
        first = first or fault
    return Verdict(seals.standing(tx, log), broken, first, head)


def _faults(tx: Connection, log: Log, head: Head | None) -> Iterator[Fault]:
    """At most one for each seal."""
    rows = _Rows(tx, log)
    before = Seal(log.name, 0, 0.0, 0, 0, "", GENESIS)
    for seal in seals.in_order(tx, log.name):
        covered = unpack(seal.entries)
        found = rows.through(covered[-1][0]) if covered else []
        fault = _of_seal(seal, covered, before, head) or _of_rows(seal, covered, found)
        if fault is not None:
            yield fault
        before = seal
    if head is not None and head.number > before.number:
        yield Fault(before.number + 1, None, What.SEAL_MISSING)


def _of_seal(seal: Seal, covered: list[Entry], before: Seal, head: Head | None) -> Fault | None:
    if seal.number != before.number + 1:
        return Fault(before.number + 1, None, What.SEAL_MISSING)
    fits = bool(covered) and covered[-1][0] == seal.last_seq
    if not fits or hash_of(seal, before.hash) != seal.hash:
        return Fault(seal.number, None, What.SEAL_CHANGED)
    if head is not None and head.number == seal.number and head.hash != seal.hash:
        return Fault(seal.number, None, What.REWRITTEN)
    return None


def _of_rows(seal: Seal, covered: list[Entry], found: list[Entry]) -> Fault | None:
    difference = first_difference(covered, found)
    return Fault(seal.number, *difference) if difference else None


class _Rows:
    """The log's rows as entries, taken seal by seal."""

    def __init__(self, tx: Connection, log: Log) -> None:
        self._pages = entries(tx, log, people.known)
        self._page: list[Entry] = []
        self._next = 0

    def through(self, seq: int) -> list[Entry]:
        """The next rows up to the number `seq`."""
        taken: list[Entry] = []
        while self._next < len(self._page) or self._turn():
            entry = self._page[self._next]
            if entry[0] > seq:
                break
            self._next += 1
            if len(taken) < _HELD_ROWS:
                taken.append(entry)
        return taken

    def _turn(self) -> bool:
        self._page, self._next = next(self._pages, []), 0
        return bool(self._page)
