"""Queries on what was told, for lists and for one's own bell. Nothing here reads an address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from hub.dispatch.notices.repository import DROPPED, Found
from hub.store.ground import inside
from hub.store.page import Cursor, newest_first
from hub.store.tables.access import accounts
from hub.store.tables.alerts import transitions
from hub.store.tables.dispatch import incidents
from hub.store.tables.grids import grids
from hub.store.tables.notices import deliveries, notices, tries
from hub.types.staff import EVERYWHERE, Jurisdiction


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are wanted."""

    state: str | None = None
    channel: str | None = None
    about: str | None = None
    within: Jurisdiction = EVERYWHERE


LOGGED = "delivery"
"""How the log calls a delivery."""


def _deliveries() -> Select[Any]:
    return (
        select(
            deliveries,
            _last_line(transitions.c.actor).label("retried_by"),
            _last_line(transitions.c.at).label("retried_at"),
            notices.c.about,
            notices.c.kind,
            notices.c.severity,
            notices.c.grid_path,
            notices.c.exercise,
            accounts.c.name.label("person"),
        )
        .join(notices, notices.c.key == deliveries.c.notice_key)
        .outerjoin(accounts, accounts.c.id == deliveries.c.account)
    )


def _last_line(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of who had it tried again by hand, the last one."""
    log = transitions.c
    query = select(column).where(log.entity == LOGGED, log.entity_id == deliveries.c.id)
    last = query.order_by(log.version.desc()).limit(1)
    return last.correlate(deliveries).scalar_subquery()


def versions(tx: Connection, ids: Collection[str]) -> dict[str, int]:
    """How many lines the log has of each of these; one without any is left out."""
    log = transitions.c
    query = select(log.entity_id, func.max(log.version)).group_by(log.entity_id)
    rows = tx.execute(query.where(log.entity == LOGGED, log.entity_id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def list_deliveries(
    tx: Connection, wanted: DeliveryFilter, after: Cursor | None, limit: int
) -> Sequence[Found]:
    """Deliveries with their notices, newest first."""
    query = _deliveries().where(inside(notices.c.grid_path, wanted.within))
    if wanted.state is not None:
        query = query.where(deliveries.c.state == wanted.state)
    if wanted.channel is not None:
        query = query.where(deliveries.c.channel == wanted.channel)
    if wanted.about is not None:
        query = query.where(notices.c.about == wanted.about)
    query = newest_first(query, deliveries.c.created_at, deliveries.c.id, after, limit)
    return tx.execute(query).all()


def delivery(tx: Connection, delivery_id: str) -> Found | None:
    """One delivery with its notice."""
    return tx.execute(_deliveries().where(deliveries.c.id == delivery_id)).first()


def tries_of(tx: Connection, delivery_id: str) -> Sequence[Found]:
    """Each try, oldest first."""
    query = select(tries).where(tries.c.delivery_id == delivery_id)
    return tx.execute(query.order_by(tries.c.seq)).all()


def _mine(account: str) -> Any:
    """What somebody was told: one row a notice, read or not, and why they."""
    return (
        select(
            deliveries.c.notice_key,
            func.max(deliveries.c.acked_at).label("acked_at"),
            func.min(deliveries.c.why).label("why"),
        )
        .where(deliveries.c.account == account, deliveries.c.state != DROPPED)
        .group_by(deliveries.c.notice_key)
        .subquery()
    )


def list_mine(
    tx: Connection, account: str, open_only: bool, after: Cursor | None, limit: int
) -> Sequence[Found]:
    """The notices somebody was told, newest first, with class and grid by name."""
    told = _mine(account)
    own = notices.c.about == "incident/" + incidents.c.id
    query = (
        select(notices, told.c.acked_at, told.c.why, incidents.c.class_code)
        .join(told, told.c.notice_key == notices.c.key)
        .outerjoin(incidents, own)
    )
    if open_only:
        query = query.where(told.c.acked_at.is_(None))
    return tx.execute(newest_first(query, notices.c.at, notices.c.key, after, limit)).all()


def count_unread(tx: Connection, account: str) -> int:
    """How many notices of somebody they have not acknowledged."""
    told = _mine(account)
    query = select(func.count()).select_from(told).where(told.c.acked_at.is_(None))
    return tx.execute(query).scalar_one()


def grid_names(tx: Connection, codes: Sequence[str]) -> dict[str, str]:
    """What these grids of the present are called."""
    query = select(grids.c.code, grids.c.name).where(grids.c.code.in_(codes), grids.c.present)
    return {row.code: row.name for row in tx.execute(query)}
