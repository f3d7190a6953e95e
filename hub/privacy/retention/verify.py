"""Is what was deleted gone, and does nothing past its time stand? Reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from hub.privacy.retention import repository
from hub.privacy.retention.classes import DAY_S, Class
from hub.privacy.retention.growth import repository as growth
from hub.privacy.retention.service import Deletion, digest_of, due, of_row
from hub.store.media import MediaStore

SLACK_S = DAY_S
"""What is past its time by less than this is being deleted."""
OVERDUE_MAX = 1000
"""More of a class are not counted."""
_PAGE = 200


class What(StrEnum):
    """What is wrong with a row of the ledger."""

    CHANGED = "changed"
    NOT_IN_LOG = "not_in_log"
    STILL_THERE = "still_there"
    UNKNOWN_CLASS = "unknown_class"


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the ledger, what is wrong with it, and the first thing it is seen by."""

    deletion_id: str
    kind: str
    what: What
    example: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sound when there are no faults and nothing is overdue (by class, up to `OVERDUE_MAX`)."""

    checked: int
    things: int
    faults: tuple[Fault, ...]
    overdue: Mapping[str, int]

    @property
    def sound(self) -> bool:
        """Whether all is as it should be."""
        return not self.faults and not self.overdue


def verify(
    tx: Connection, all_: Sequence[Class], store: MediaStore, now: float, slack_s: float = SLACK_S
) -> Verdict:
    """Walk the ledger, a page in memory at a time, and ask each class what is overdue."""
    by_name = {each.name: each for each in all_}
    checked = things = 0
    faults: list[Fault] = []
    for page in _pages(tx):
        said = repository.noted(tx, [each.id for each in page])
        forgotten = _forgotten(tx, page)
        for each in page:
            checked, things = checked + 1, things + each.total
            if each.id in forgotten or _unnamed(each, by_name.get(each.kind)):
                fault = None if said.get(each.id) == each.sealed_words else _not_in_log(each)
            else:
                fault = _fault(tx, each, by_name.get(each.kind), said.get(each.id), store)
            faults += [] if fault is None else [fault]
    waiting = {each.name: len(due(tx, each, now - slack_s, OVERDUE_MAX)) for each in all_}
    return Verdict(checked, things, tuple(faults), {k: n for k, n in waiting.items() if n})


def _pages(tx: Connection) -> Iterator[list[Deletion]]:
    after = ""
    while rows := repository.ledger(tx, after, _PAGE):
        yield [of_row(row) for row in rows]
        after = rows[-1].id


def _forgotten(tx: Connection, page: Sequence[Deletion]) -> set[str]:
    """Those whose ids are gone because the ledger says so: in a row that is checked too."""
    bare = {each.id: each.at for each in page if not each.ids}
    if not bare:
        return set()
    return bare.keys() & growth.forgotten(tx, min(bare.values()), max(bare.values()))


def _unnamed(each: Deletion, of: Class | None) -> bool:
    return not each.ids and of is not None and of.blind


def _not_in_log(each: Deletion) -> Fault:
    return Fault(each.id, each.kind, What.NOT_IN_LOG)


def _fault(
    tx: Connection, each: Deletion, of: Class | None, said: str | None, store: MediaStore
) -> Fault | None:
    if len(each.ids) != each.total or digest_of(each.ids) != each.digest:
        return Fault(each.id, each.kind, What.CHANGED)
    if said != each.sealed_words:
        return _not_in_log(each)
    if of is None:
        return Fault(each.id, each.kind, What.UNKNOWN_CLASS)
    there = of.left(tx, each.ids, each.before)
    if of.files:
        there |= {id_ for id_ in each.ids if store.sizes(id_)}
    if there:
        return Fault(each.id, each.kind, What.STILL_THERE, min(there))
    return None
