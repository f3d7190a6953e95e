"""The classes of what is kept: for each what is past its time, and how it goes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from hub.privacy.retention import repository
from hub.privacy.retention.growth import repository as growth
from hub.privacy.retention.repository import Query
from hub.privacy.settings import Retention
from hub.store import erasing
from hub.store.audit import people

DAY_S = 86400.0
HUB = "hub"
"""Who deletes: nobody in person."""

Remove = Callable[[Connection, Sequence[str], float], None]
"""(tx, ids, now)"""
Left = Callable[[Connection, Collection[str], float], set[str]]
"""(tx, ids, before) to those that stand all the same, from before that moment."""


class Kind(StrEnum):
    """Classes by name; beside them `people/<table>/<days>` for personal columns."""

    UNLINKED = "unlinked"
    FALSE_ALARMS = "false_alarms"
    ALERTS = "alerts"
    INCIDENTS = "incidents"
    EXPORTS = "exports"
    LOGIN_FAILURES = "login_failures"
    SESSIONS = "sessions"
    LOOKS = "looks"
    LOGS = "logs"
    TRIES = "tries"
    DELIVERIES = "deliveries"
    NOTICES = "notices"
    STORM_MEMBERS = "storm_members"
    LEDGER = repository.LEDGER


EVIDENCE = frozenset({Kind.UNLINKED, Kind.FALSE_ALARMS, Kind.ALERTS, Kind.INCIDENTS, Kind.EXPORTS})
"""Of these there are files."""
_STAY = (Kind.LOOKS, Kind.LOGS, Kind.LEDGER)
"""Of these the rows stay."""


@dataclass(frozen=True, slots=True)
class Class:
    """One class, kept for `days`. `due(now)` asks what is past its time.

    `remove` takes it out of the database; its files are taken from the media store by the caller.
    `blind`: its ids are people's own, or hashes that can be tried: the ledger only counts them.
    """

    name: str
    days: float
    due: Callable[[float], Query]
    remove: Remove
    left: Left
    blind: bool = False

    @property
    def files(self) -> bool:
        """Whether it lies in the media store."""
        return self.name in EVIDENCE

    @property
    def verb(self) -> str:
        """What the log says: rows stay and lose a name, or are gone."""
        return "erase" if self.name in _STAY or "/" in self.name else "delete"

    def before(self, now: float) -> float:
        """What was over before that moment is past its time."""
        return now - self.days * DAY_S


def classes(keep: Retention) -> tuple[Class, ...]:
    """All that is looked for in the database."""
    rows = (*_rows(keep), *_grown(keep), *_logs(keep))
    persons = tuple(map(_people, erasing.parts()))
    blind = [each.name for each in (*rows, *persons) if each.blind]
    return (*_evidence(keep), *rows, _ledger(keep.ledger_days, blind), *persons)


def unlinked(keep: Retention) -> Class:
    """What nothing refers to; the media store itself finds it."""
    days = keep.unlinked_hours / 24
    return Class(Kind.UNLINKED, days, repository.nothing, _forget, repository.media_left)


def _evidence(keep: Retention) -> list[Class]:
    days: dict[Kind, int] = {
        Kind.FALSE_ALARMS: keep.false_alarm_days,
        Kind.ALERTS: keep.evidence_days,
        Kind.INCIDENTS: keep.incident_days,
        Kind.EXPORTS: keep.export_days,
    }
    due: dict[Kind, Callable[[float], Query]] = {
        Kind.FALSE_ALARMS: lambda now: repository.false_alarms(
            now - keep.false_alarm_days * DAY_S, now
        ),
        Kind.ALERTS: lambda now: repository.lone_alerts(keep.evidence_days, now),
        Kind.INCIDENTS: lambda now: repository.of_incidents(now - keep.incident_days * DAY_S, now),
        Kind.EXPORTS: lambda now: repository.of_exports(now - keep.export_days * DAY_S, now),
    }
    return [Class(kind, days[kind], due[kind], _forget, repository.media_left) for kind in due]


def _forget(tx: Connection, ids: Sequence[str], _now: float) -> None:
    repository.forget_media(tx, ids)


def _rows(keep: Retention) -> list[Class]:
    parts = (
        (Kind.LOGIN_FAILURES, keep.login_failure_days, repository.failures),
        (Kind.SESSIONS, keep.session_days, repository.old_sessions),
    )
    return [_row(kind, days, due) for kind, days, due in parts]


def _row(kind: Kind, days: int, due: Callable[[float], Query]) -> Class:
    def remove(tx: Connection, ids: Sequence[str], _now: float) -> None:
        repository.delete_rows(tx, due(0.0), ids)

    def left(tx: Connection, ids: Collection[str], before: float) -> set[str]:
        return set(repository.pick(tx, due(before), len(ids), ids))

    blind = kind is Kind.LOGIN_FAILURES
    return Class(kind, days, lambda now: due(now - days * DAY_S), remove, left, blind)


def _grown(keep: Retention) -> list[Class]:
    """In this order: a notice goes after its deliveries."""
    parts = (
        (Kind.TRIES, keep.try_days, growth.old_tries),
        (Kind.DELIVERIES, keep.notice_days, growth.old_deliveries),
        (Kind.NOTICES, keep.notice_days, growth.old_notices),
        (Kind.STORM_MEMBERS, keep.storm_days, growth.old_members),
    )
    return [_grows(kind, days, old) for kind, days, old in parts]


def _grows(kind: Kind, days: int, old: Callable[[float, float], Query]) -> Class:
    def due(now: float) -> Query:
        return old(now - days * DAY_S, now)

    def remove(tx: Connection, ids: Sequence[str], _now: float) -> None:
        growth.remove(tx, kind, ids)

    def left(tx: Connection, ids: Collection[str], before: float) -> set[str]:
        return growth.left(tx, kind, ids, old(before, before))

    return Class(kind, days, due, remove, left)


def _ledger(days: int, blind: Collection[str]) -> Class:
    """The ids of what was deleted long ago: how many and their digest stay, and the sealed line.

    Those of `blind` classes, which were named once, go at once.
    """

    def remove(tx: Connection, ids: Sequence[str], _now: float) -> None:
        growth.forget_ids(tx, ids)

    def left(tx: Connection, ids: Collection[str], _before: float) -> set[str]:
        return growth.named(tx, ids)

    def due(now: float) -> Query:
        return growth.old_ledgers(now - days * DAY_S, blind, now)

    return Class(Kind.LEDGER, days, due, remove, left)


def _logs(keep: Retention) -> list[Class]:
    return [
        _log(Kind.LOOKS, "looks", keep.looks_days),
        _log(Kind.LOGS, "transitions", keep.logs_days),
    ]


def _log(kind: Kind, of: str, days: int) -> Class:
    log = repository.LOGS[of]

    def due(now: float) -> Query:
        return repository.names(log, now - days * DAY_S, now, HUB)

    def remove(tx: Connection, ids: Sequence[str], now: float) -> None:
        people.erase_rows(tx, log, [int(each) for each in ids], by=HUB, now=now)

    def left(tx: Connection, ids: Collection[str], _before: float) -> set[str]:
        return repository.names_left(tx, log, ids, HUB)

    return Class(kind, days, due, remove, left)


def _people(part: erasing.Part) -> Class:
    def remove(tx: Connection, ids: Sequence[str], _now: float) -> None:
        erasing.erase(tx, part, ids)

    def left(tx: Connection, ids: Collection[str], before: float) -> set[str]:
        return repository.people_left(tx, part, ids, before)

    def due(now: float) -> Query:
        return erasing.due(part, now)

    return Class(erasing.name_of(part), part.keep_days, due, remove, left, part.own)
