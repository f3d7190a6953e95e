"""Queries of retention: what is past its time, and the ledger of what was deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)

from hub.store import erasing
from hub.store.audit import people
from hub.store.audit.logs import LOOKS, TRANSITIONS, Log
from hub.store.belonging import case_of
from hub.store.cases import held, over_at
from hub.store.matters import NOTHING, OVER
from hub.store.tables.access import login_failures, looks, sessions
from hub.store.tables.alerts import alerts, transitions
from hub.store.tables.dispatch import incidents, tasks
from hub.store.tables.notices import deliveries
from hub.store.tables.ops import media
from hub.store.tables.privacy import camera_files, deletions, exports, holds
from hub.store.tables.timers import supervisions
from hub.store.tables.whistles import whistles
from hub.types.work import IncidentState

Found = Row[Any]
"""A row as the database has it."""
Query = Select[Any]
"""Asks for ids of things past their time, and for the moment of each (UTC epoch seconds)."""
DAY_S = 86400.0
LEDGER = "ledger"
"""The class of the ids in the ledger itself."""
LOGS: Mapping[str, Log] = {log.name: log for log in (TRANSITIONS, LOOKS)}
_JUDGED = [verdict.value for verdict in NOTHING]
_OPEN = [state.value for state in IncidentState if state not in OVER]


# -- evidence ----------------------------------------------------------------------------------


def _links(kind: str) -> ColumnElement[str]:
    """The id in `alert:<id>`."""
    return func.substr(media.c.linked_to, len(kind) + 2)


def _of(kind: str) -> ColumnElement[bool]:
    return media.c.linked_to.like(f"{kind}:%")


def _judged_nothing() -> ColumnElement[bool]:
    return func.coalesce(alerts.c.verdict, "").in_(_JUDGED)


def _free(case_of: ColumnElement[Any], now: float) -> ColumnElement[bool]:
    return and_(case_of.is_not(None), ~held(case_of, now))


def false_alarms(before: float, now: float) -> Query:
    """Evidence of alerts judged to be nothing, whose incident, if any, is over."""
    case_of = alerts.c.incident_id
    return (
        select(media.c.id, media.c.linked_at)
        .join(alerts, alerts.c.id == _links("alert"))
        .where(_of("alert"), media.c.linked_at < before, _judged_nothing())
        .where(or_(case_of.is_(None), and_(over_at(case_of) < before, _free(case_of, now))))
    )


def lone_alerts(days: float, now: float) -> Query:
    """Evidence of alerts that came to no incident; the camera's file may say how long."""
    said = _days_of_file()
    own = func.coalesce(said, days) * DAY_S
    return (
        select(media.c.id, media.c.linked_at)
        .outerjoin(alerts, alerts.c.id == _links("alert"))
        .where(_of("alert"), media.c.linked_at < now - own)
        .where(alerts.c.incident_id.is_(None), ~_judged_nothing())
    )


def _days_of_file() -> ColumnElement[Any]:
    """What the newest file of the alert's camera says."""
    newest = (
        select(camera_files.c.retention_days)
        .where(camera_files.c.camera_id == alerts.c.source)
        .order_by(camera_files.c.version.desc())
        .limit(1)
    )
    return newest.correlate(alerts).scalar_subquery()


def of_incidents(before: float, now: float) -> Query:
    """Evidence of incidents that were over before that moment.

    Of alerts, errands, reports and of what departments reported.
    """
    of_alerts = (
        select(media.c.id, over_at(alerts.c.incident_id).label("at"))
        .join(alerts, alerts.c.id == _links("alert"))
        .where(_of("alert"), media.c.linked_at < before, ~_judged_nothing())
        .where(over_at(alerts.c.incident_id) < before, _free(alerts.c.incident_id, now))
    )
    of_tasks = (
        select(media.c.id, over_at(tasks.c.incident_id).label("at"))
        .join(tasks, tasks.c.id == _links("task"))
        .where(_of("task"), media.c.linked_at < before)
        .where(over_at(tasks.c.incident_id) < before, _free(tasks.c.incident_id, now))
    )
    of_reports = (
        select(media.c.id, over_at(incidents.c.id).label("at"))
        .join(incidents, incidents.c.id == _links("incident"))
        .where(_of("incident"), media.c.linked_at < before)
        .where(over_at(incidents.c.id) < before, _free(incidents.c.id, now))
    )
    of_whistles = (
        select(media.c.id, over_at(whistles.c.incident_id).label("at"))
        .join(whistles, whistles.c.id == _links("whistle"))
        .where(_of("whistle"), media.c.linked_at < before)
        .where(over_at(whistles.c.incident_id) < before, _free(whistles.c.incident_id, now))
    )
    found = union_all(of_alerts, of_tasks, of_reports, of_whistles).subquery()
    return select(found.c.id, found.c.at)


def of_exports(before: float, now: float) -> Query:
    """Files made for export."""
    return (
        select(media.c.id, media.c.linked_at)
        .outerjoin(exports, exports.c.id == _links("export"))
        .where(_of("export"), media.c.linked_at < before, ~held(exports.c.incident_id, now))
    )


def nothing(_now: float) -> Query:
    """Of what is found elsewhere the database knows nothing."""
    return select(media.c.id, media.c.linked_at).where(false())


def pick(
    tx: Connection, query: Query, limit: int, ids: Collection[str] | None = None
) -> dict[str, float]:
    """Ids with their moments; only those of `ids` where they are given."""
    key = next(iter(query.selected_columns))
    if ids is not None:
        among = [int(each) for each in ids] if isinstance(key.type, Integer) else ids
        query = query.where(key.in_(among))
    rows = map(list, tx.execute(query.limit(limit)))
    return {str(id_): float(at) for id_, at in rows}


def people_left(
    tx: Connection, part: erasing.Part, ids: Collection[str], before: float
) -> set[str]:
    """Those of these rows that show somebody although their case was over before that moment."""
    return set(tx.execute(erasing.left(part, list(ids), before)).scalars())


def forget_media(tx: Connection, ids: Collection[str]) -> None:
    """Take the links away; the files are the media store's."""
    tx.execute(delete(media).where(media.c.id.in_(ids)))


def media_left(tx: Connection, ids: Collection[str], before: float) -> set[str]:
    """Those of these that are linked, and were so before that moment."""
    old = and_(media.c.id.in_(ids), media.c.linked_at < before)
    return set(tx.execute(select(media.c.id).where(old)).scalars())


# -- rows --------------------------------------------------------------------------------------


def failures(before: float) -> Query:
    """Failed logins that lock nobody any more."""
    free = or_(login_failures.c.locked_until.is_(None), login_failures.c.locked_until < before)
    return select(login_failures.c.login_hash, login_failures.c.failed_at).where(
        login_failures.c.failed_at < before, free
    )


def old_sessions(before: float) -> Query:
    """Sessions that ended, or whose time was over."""
    over = func.coalesce(sessions.c.ended_at, sessions.c.expires_at)
    return select(sessions.c.id_hash, over).where(over < before)


def delete_rows(tx: Connection, query: Query, ids: Collection[str]) -> None:
    """Delete the rows with these ids, of the table that the query asks."""
    key = next(iter(query.selected_columns))
    tx.execute(delete(key.table).where(key.in_(ids)))


# -- names in the sealed logs ------------------------------------------------------------------


def names(log: Log, before: float, now: float, by: str) -> Query:
    """Rows of a log that show somebody, of no case that goes on or is held."""
    at, seq = log.table.c.at, log.table.c.seq
    shown = people.shown_in(log, by)
    return select(seq, at).where(at < before, shown, ~kept(log, now))


def kept(log: Log, now: float) -> ColumnElement[bool]:
    """Whether a row of the log belongs to a case that goes on, or is held."""
    cases = select(incidents.c.id).where(
        or_(incidents.c.state.in_(_OPEN), held(incidents.c.id, now))
    )
    if log is TRANSITIONS:
        of = transitions.c.entity_id
        parts = [
            select(table.c.id).where(table.c.incident_id.in_(cases))
            for table in (alerts, tasks, whistles, exports, holds)
        ]
        told = [
            select(table.c.id).where(own.in_(cases))
            for table in (supervisions, deliveries)
            if (own := case_of(table)) is not None
        ]
        return or_(of.in_(cases), *(of.in_(part) for part in (*parts, *told)))
    return or_(*(looks.c.subject.in_(query) for query in _looked_at(cases)))


def _looked_at(cases: Query) -> Iterator[Query]:
    """What looks of these cases are at: contacts, evidence, and exports in all their states."""
    yield cases.with_only_columns(literal("contact/") + incidents.c.id)
    for part in ("picture", "clip"):
        shown = select(literal(f"{part}/") + alerts.c.evidence_id)
        yield shown.where(alerts.c.incident_id.in_(cases))
    links = [cases.with_only_columns(literal("incident:") + incidents.c.id)]
    links += [
        select(literal(f"{kind}:") + table.c.id).where(table.c.incident_id.in_(cases))
        for kind, table in (("alert", alerts), ("task", tasks), ("whistle", whistles))
    ]
    mine = or_(*(media.c.linked_to.in_(link) for link in links))
    for part in ("picture", "clip", "photo"):
        yield select(literal(f"{part}/") + media.c.id).where(mine)
    numbers = literal("export/") + exports.c.number
    for step in ("", "/asked", "/approved", "/refused"):
        yield select(numbers + literal(step)).where(exports.c.incident_id.in_(cases))


def names_left(tx: Connection, log: Log, seqs: Collection[str], by: str) -> set[str]:
    """Those of these rows that show somebody."""
    rows = select(log.table.c.seq).where(
        log.table.c.seq.in_([int(seq) for seq in seqs]), people.shown_in(log, by)
    )
    return {str(seq) for seq in tx.execute(rows).scalars()}


# -- the ledger --------------------------------------------------------------------------------


def insert_deletion(tx: Connection, row: Mapping[str, object]) -> None:
    """Write a row of the ledger."""
    tx.execute(insert(deletions).values(**row))


def note(tx: Connection, deletion_id: str, what: str, reason: str, by: str, at: float) -> None:
    """Write its line into the log that is sealed."""
    line = {"entity": "deletion", "entity_id": deletion_id, "version": 1, "at": at, "what": what}
    said = {"from_state": None, "to_state": None, "reason": reason, "actor": by, "device": None}
    tx.execute(insert(transitions).values(**line, **said))


def ledger(tx: Connection, after: str, limit: int) -> list[Found]:
    """Rows of the ledger in the order of their ids."""
    query = select(deletions).where(deletions.c.id > after).order_by(deletions.c.id).limit(limit)
    return list(tx.execute(query))


def latest(tx: Connection, kind: str | None, limit: int) -> list[Found]:
    """The newest rows of the ledger, of one kind or of all."""
    query = select(deletions).order_by(deletions.c.at.desc(), deletions.c.id.desc()).limit(limit)
    return list(tx.execute(query if kind is None else query.where(deletions.c.kind == kind)))


def totals(tx: Connection) -> dict[str, tuple[int, float]]:
    """How many were deleted ever, and when last, by kind."""
    query = select(deletions.c.kind, func.sum(deletions.c.total), func.max(deletions.c.at))
    return {kind: (int(n), at) for kind, n, at in tx.execute(query.group_by(deletions.c.kind))}


def noted(tx: Connection, ids: Iterable[str]) -> dict[str, str]:
    """What the sealed log says of these rows of the ledger."""
    query = select(transitions.c.entity_id, transitions.c.reason).where(
        transitions.c.entity == "deletion", transitions.c.entity_id.in_(list(ids))
    )
    return {row.entity_id: row.reason for row in tx.execute(query)}


def oldest_media(tx: Connection, kinds: Collection[str]) -> float | None:
    """When the oldest evidence that is kept, of these links, was linked."""
    links = or_(*(_of(kind) for kind in kinds))
    found: float | None = tx.execute(select(func.min(media.c.linked_at)).where(links)).scalar()
    return found
