"""All queries about storms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from hub.alerts.rows import to_alert
from hub.store.tables.alerts import alerts
from hub.store.tables.storms import storm_members as members
from hub.types.finding import Alert, Life, RuleKind
from hub.types.scene import SourceKind

STORM = "storm"
"""The source of the alerts that stand for many."""
AT_ONCE = 500
"""Values in one `IN (…)`."""


@dataclass(frozen=True, slots=True)
class Member:
    """A camera of a storm; `over_at` is None as long as it is lost. UTC epoch seconds."""

    storm_id: str
    fingerprint: str
    source: str
    rule_kind: RuleKind
    episode_id: str
    since: float
    joined_at: float
    updated_at: float
    over_at: float | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """How many cameras were in a storm, how many still are, and when the last one joined."""

    cameras: int = 0
    lost: int = 0
    joined_at: float = 0.0


def live(tx: Connection, kinds: Iterable[RuleKind]) -> list[Alert]:
    """The storms of these kinds that are not over, locked against people's actions."""
    query = (
        select(alerts)
        .where(
            alerts.c.source == STORM,
            alerts.c.life != Life.CLEARED.value,
            alerts.c.rule_kind.in_(sorted(kind.value for kind in kinds)),
        )
        .order_by(alerts.c.id)
        .with_for_update()
    )
    return [to_alert(row) for row in tx.execute(query)]


def by_id(tx: Connection, ids: Collection[str]) -> list[Alert]:
    """These storms, locked likewise."""
    if not ids:
        return []
    query = select(alerts).where(alerts.c.id.in_(sorted(ids))).order_by(alerts.c.id)
    return [to_alert(row) for row in tx.execute(query.with_for_update())]


def members_of(tx: Connection, marks: Iterable[str], since: float) -> dict[str, Member]:
    """By fingerprint the last storm it was in, if it was not over before `since`."""
    found: dict[str, Member] = {}
    for portion in _portions(marks):
        query = (
            select(members)
            .where(
                members.c.fingerprint.in_(portion),
                or_(members.c.over_at.is_(None), members.c.over_at >= since),
            )
            .order_by(members.c.joined_at, members.c.storm_id)
        )
        for row in tx.execute(query):
            said = dict(row._mapping) | {"rule_kind": RuleKind(row.rule_kind)}
            found[row.fingerprint] = Member(**said)
    return found


def sizes(tx: Connection, storm_ids: Collection[str]) -> dict[str, Size]:
    """How large these storms are; one without members is left out."""
    if not storm_ids:
        return {}
    query = (
        select(
            members.c.storm_id,
            func.count(),
            func.count() - func.count(members.c.over_at),
            func.max(members.c.joined_at),
        )
        .where(members.c.storm_id.in_(sorted(storm_ids)))
        .group_by(members.c.storm_id)
    )
    return {row[0]: Size(row[1], row[2], row[3]) for row in tx.execute(query)}


def recent(tx: Connection, kinds: Iterable[RuleKind], start: float, end: float) -> list[Alert]:
    """Live alerts of single cameras raised in that time, duplicates of others aside; locked."""
    query = (
        select(alerts)
        .where(
            alerts.c.raised_at.between(start, end),
            alerts.c.rule_kind.in_(sorted(kind.value for kind in kinds)),
            alerts.c.source_kind == SourceKind.CAMERA.value,
            alerts.c.life != Life.CLEARED.value,
            alerts.c.merged_into.is_(None),
            alerts.c.exercise.is_(False),
        )
        .order_by(alerts.c.id)
        .with_for_update()
    )
    return [to_alert(row) for row in tx.execute(query)]


def with_duplicates(tx: Connection, alert_ids: Collection[str]) -> set[str]:
    """Those of these alerts that others were merged into."""
    query = select(alerts.c.merged_into).where(alerts.c.merged_into.in_(sorted(alert_ids)))
    return set(tx.execute(query).scalars()) if alert_ids else set()


def blinding(tx: Connection, sources: Iterable[str]) -> dict[str, set[str]]:
    """Of those of these cameras that are lost in a storm, the storms."""
    found: dict[str, set[str]] = {}
    for portion in _portions(sources):
        query = select(members.c.source, members.c.storm_id).where(
            members.c.source.in_(portion), members.c.over_at.is_(None)
        )
        for source, storm_id in tx.execute(query):
            found.setdefault(source, set()).add(storm_id)
    return found


def insert_members(tx: Connection, fresh: Sequence[Member]) -> None:
    """Cameras that joined a storm for the first time."""
    if fresh:
        tx.execute(insert(members), [asdict(each) for each in fresh])


def update_members(tx: Connection, changed: Sequence[Member]) -> None:
    """Write them as they are now."""
    if not changed:
        return
    names = ("episode_id", "since", "joined_at", "updated_at", "over_at")
    rows = [
        {"in_storm": each.storm_id, "mark": each.fingerprint}
        | {name: getattr(each, name) for name in names}
        for each in changed
    ]
    here = and_(
        members.c.storm_id == bindparam("in_storm"), members.c.fingerprint == bindparam("mark")
    )
    statement = update(members).where(here).values({name: bindparam(name) for name in names})
    tx.execute(statement, rows)


def silent_storms(tx: Connection, before: float, limit: int) -> list[str]:
    """Storms with cameras that are lost and of which nobody has spoken since `before`."""
    query = select(members.c.storm_id).where(*_silent(before)).distinct()
    return list(tx.execute(query.order_by(members.c.storm_id).limit(limit)).scalars())


def end_silent(tx: Connection, before: float, now: float, storm_ids: Collection[str]) -> set[str]:
    """The silent cameras of these storms are over; the storms that had any."""
    silent = (*_silent(before), members.c.storm_id.in_(sorted(storm_ids)))
    touched = set(tx.execute(select(members.c.storm_id).where(*silent).distinct()).scalars())
    if touched:
        tx.execute(update(members).where(*silent).values(over_at=now))
    return touched


def _silent(before: float) -> tuple[ColumnElement[bool], ...]:
    return members.c.over_at.is_(None), members.c.updated_at < before


def _portions(values: Iterable[str]) -> Iterator[list[str]]:
    listed = sorted(set(values))
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]
