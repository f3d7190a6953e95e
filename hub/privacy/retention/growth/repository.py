"""Queries on what grows with every day. Nothing of an open case or of a held one is past its time.

Each query asks for an id and the moment from which its time is counted (UTC epoch seconds).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from hub.privacy.retention.repository import LEDGER, Query
from hub.store import tellings
from hub.store.cases import held, over_at
from hub.store.tables.alerts import alerts
from hub.store.tables.notices import deliveries, notices, tries
from hub.store.tables.privacy import deletions
from hub.store.tables.storms import storm_members as members
from hub.types.finding import Life

_ON_ITS_WAY = ("waiting", "sending")
_MEMBER: ColumnElement[str] = members.c.storm_id + "/" + members.c.fingerprint
_ROWS: Mapping[str, tuple[Table, ColumnElement[Any]]] = {
    "tries": (tries, tries.c.seq),
    "deliveries": (deliveries, deliveries.c.id),
    "notices": (notices, notices.c.key),
    "storm_members": (members, _MEMBER),
}


def old_tries(before: float, now: float) -> Query:
    """Tries of deliveries that are not on their way."""
    there = deliveries.c.id == tries.c.delivery_id
    return (
        select(tries.c.seq, tries.c.at)
        .outerjoin(deliveries, there)
        .outerjoin(notices, notices.c.key == deliveries.c.notice_key)
        .where(tries.c.at < before, func.coalesce(_arrived(), True), _free(before, now))
    )


def old_deliveries(before: float, now: float) -> Query:
    """Deliveries that are not on their way."""
    return (
        select(deliveries.c.id, _moment(deliveries.c.created_at))
        .outerjoin(notices, notices.c.key == deliveries.c.notice_key)
        .where(deliveries.c.created_at < before, _arrived(), _free(before, now))
    )


def old_notices(before: float, now: float) -> Query:
    """Notices of which no delivery is left."""
    left = exists().where(deliveries.c.notice_key == notices.c.key).correlate(notices)
    return select(notices.c.key, _moment(notices.c.at)).where(
        notices.c.at < before, ~left, _free(before, now)
    )


def old_members(before: float, now: float) -> Query:
    """Members of storms whose alert, and the case it came to, have been over for so long."""
    case_of = alerts.c.incident_id
    over = and_(over_at(case_of) < before, ~held(case_of, now))
    return (
        select(_MEMBER, alerts.c.cleared_at)
        .join(alerts, alerts.c.id == members.c.storm_id)
        .where(
            alerts.c.life == Life.CLEARED.value,
            alerts.c.cleared_at < before,
            members.c.over_at < before,
            or_(case_of.is_(None), over),
        )
    )


def old_ledgers(before: float, blind: Collection[str], now: float) -> Query:
    """Rows of the ledger that still name what was deleted, but those about the ledger itself.

    Of these `blind` kinds however young they are.
    """
    ours = deletions.c.kind.in_(blind)
    return select(deletions.c.id, deletions.c.at).where(
        or_(deletions.c.at < before, and_(ours, deletions.c.at < now)),
        deletions.c.ids != "",
        deletions.c.kind != LEDGER,
    )


def _arrived() -> ColumnElement[bool]:
    return deliveries.c.state.not_in(_ON_ITS_WAY)


def _free(before: float, now: float) -> ColumnElement[bool]:
    return and_(~tellings.kept(now), func.coalesce(tellings.ended_at(), 0.0) < before)


def _moment(own: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(tellings.ended_at(), own)


# -- taking it away ------------------------------------------------------------------------------


def remove(tx: Connection, name: str, ids: Sequence[str]) -> None:
    """Delete these rows of the table of that name."""
    table, _key = _ROWS[name]
    tx.execute(delete(table).where(_among(name, ids)))


def left(tx: Connection, name: str, ids: Collection[str], query: Query) -> set[str]:
    """Those of these rows that the query still finds."""
    return {str(row[0]) for row in tx.execute(query.where(_among(name, ids)))}


def _among(name: str, ids: Collection[str]) -> ColumnElement[bool]:
    table, key = _ROWS[name]
    if table is members:  # by the index first
        return and_(members.c.storm_id.in_({id_.split("/")[0] for id_ in ids}), key.in_(ids))
    return key.in_([int(id_) for id_ in ids] if table is tries else ids)


def forget_ids(tx: Connection, ids: Sequence[str]) -> None:
    """Take the ids out of these rows of the ledger; total and digest stay, and the sealed line."""
    tx.execute(update(deletions).where(deletions.c.id.in_(ids)).values(ids=""))


def named(tx: Connection, ids: Collection[str]) -> set[str]:
    """Those of these rows of the ledger that name what was deleted."""
    query = select(deletions.c.id).where(deletions.c.id.in_(ids), deletions.c.ids != "")
    return set(tx.execute(query).scalars())


def forgotten(tx: Connection, first_at: float, last_at: float) -> set[str]:
    """Rows of the ledger, written in that time, of which it says itself that it forgot the ids."""
    query = select(deletions.c.ids).where(
        deletions.c.kind == LEDGER,
        deletions.c.first_at <= last_at,
        deletions.c.last_at >= first_at,
    )
    return {id_ for ids in tx.execute(query).scalars() for id_ in ids.split("\n")}
