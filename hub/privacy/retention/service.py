"""Deletes what is past its time, a batch a transaction, and writes down what it deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.kit.ids import Ids
from hub.privacy.retention import repository
from hub.privacy.retention.classes import HUB, Class
from hub.store import cases
from hub.store.media import MediaStore

BATCH = 200
"""Things deleted in one transaction: others want to write too."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A row of the ledger: `total` things, whose moments run from `first_at` to `last_at`.

    What was over before `before` was past its time. `digest` is SHA-256 over the sorted ids, a line
    each; `ids` is empty when the ledger forgot them, or never named them. UTC epoch seconds.
    """

    id: str
    kind: str
    at: float
    before: float
    total: int
    first_at: float | None
    last_at: float | None
    ids: tuple[str, ...]
    digest: str

    @property
    def sealed_words(self) -> str:
        """What the sealed log says of it."""
        return f"{self.kind} {self.total} sha256:{self.digest}"


def digest_of(ids: Iterable[str]) -> str:
    """SHA-256 over the sorted ids, a line each."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def due(tx: Connection, of: Class, now: float, limit: int = BATCH) -> dict[str, float]:
    """What of a class is past its time, with the moment from which its time was counted."""
    return repository.pick(tx, of.due(now), limit)


def delete(
    tx: Connection, of: Class, ids: Collection[str], store: MediaStore, *, now: float, new: Ids
) -> Deletion | None:
    """Delete those of `ids` that are still past their time; a hold placed meanwhile counts.

    Files go before the commit: what is interrupted here is done again, and nothing is written down
    as gone that is there. Returns None where nothing was left to do.
    """
    cases.alone(tx)
    found = repository.pick(tx, of.due(now), len(ids), ids)
    if not found:
        return None
    gone = sorted(found)
    of.remove(tx, gone, now)
    if of.files:
        for id_ in gone:
            store.remove(id_)
    return write_down(tx, of, found, now=now, new=new)


def write_down(
    tx: Connection, of: Class, gone: Mapping[str, float], *, now: float, new: Ids
) -> Deletion:
    """The row of the ledger, and its line in the sealed log."""
    ids = () if of.blind else tuple(sorted(gone))
    made = Deletion(
        id=new(),
        kind=of.name,
        at=now,
        before=of.before(now),
        total=len(gone),
        first_at=min(gone.values()),
        last_at=max(gone.values()),
        ids=ids,
        digest=digest_of(ids),
    )
    row = {name: getattr(made, name) for name in made.__slots__ if name != "ids"}
    repository.insert_deletion(tx, {**row, "ids": "\n".join(ids)})
    repository.note(tx, made.id, of.verb, made.sealed_words, HUB, now)
    return made


def deletions(tx: Connection, kind: str | None = None, limit: int = 100) -> list[Deletion]:
    """The newest rows of the ledger."""
    return [of_row(row) for row in repository.latest(tx, kind, limit)]


def of_row(row: repository.Found) -> Deletion:
    """A row of the ledger as a value."""
    return Deletion(**{**row._mapping, "ids": tuple(row.ids.split("\n")) if row.ids else ()})


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one class: how long it is kept, how many were deleted ever and when last."""

    name: str
    days: float
    deleted: int
    deleted_at: float | None


def standings(tx: Connection, all_: Sequence[Class]) -> list[Standing]:
    """How each class stands; what is overdue is the verifier's question, for it looks at all."""
    totals = repository.totals(tx)
    return [Standing(of.name, of.days, *totals.get(of.name, (0, None))) for of in all_]
