"""Queries on consents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from hub.access.consent import Consent, Mode, Terms
from hub.access.grants import Window
from hub.store.tables.consents import consents
from hub.types.staff import Role

IN_MAX = 500
"""Values in one `IN (…)`."""


def insert_consent(tx: Connection, consent: Consent) -> None:
    """Put one on file."""
    tx.execute(insert(consents).values(_row(consent)))


def end_consents(tx: Connection, ids: Collection[str], at: float, by: str) -> None:
    """End these at a moment, not before they begin; at least one."""
    rows = tx.execute(select(consents.c.id, consents.c.starts_at).where(consents.c.id.in_(ids)))
    for row in rows.all():
        end = max(at, row.starts_at)
        tx.execute(
            update(consents).where(consents.c.id == row.id).values(ended_at=end, ended_by=by)
        )


def by_id(tx: Connection, consent_id: str) -> Consent | None:
    """One, locked."""
    row = tx.execute(select(consents).where(consents.c.id == consent_id).with_for_update()).first()
    return None if row is None else _consent(row)


def on_file(
    tx: Connection, owners: Collection[str] | None = None, open_at: float | None = None
) -> list[Consent]:
    """Consents of these owners (None: of all), newest first.

    With `open_at` only those not over then.
    """
    query = select(consents).order_by(consents.c.entered_at.desc(), consents.c.id.desc())
    if open_at is not None:
        query = query.where(or_(consents.c.ended_at.is_(None), consents.c.ended_at > open_at))
    if owners is None:
        return [_consent(row) for row in tx.execute(query)]
    listed = sorted(owners)
    found: list[Consent] = []
    for start in range(0, len(listed), IN_MAX):
        chosen = query.where(consents.c.owner.in_(listed[start : start + IN_MAX]))
        found += [_consent(row) for row in tx.execute(chosen)]
    return found


def _row(consent: Consent) -> dict[str, Any]:
    terms = consent.terms
    return {
        "id": consent.id,
        "owner": terms.owner,
        "camera": terms.camera,
        "mode": terms.mode.value,
        "windows": [_window_json(window) for window in terms.windows],
        "roles": sorted(terms.roles),
        "agreed_by": consent.agreed_by,
        "document": consent.document,
        "starts_at": consent.starts_at,
        "entered_by": consent.entered_by,
        "entered_at": consent.entered_at,
        "ended_at": consent.ended_at,
        "ended_by": consent.ended_by,
    }


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        id=row.id,
        terms=Terms(
            owner=row.owner,
            mode=Mode(row.mode),
            camera=row.camera,
            windows=_windows(row.windows),
            roles=frozenset(Role(role) for role in row.roles),
        ),
        agreed_by=row.agreed_by,
        document=row.document,
        starts_at=row.starts_at,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def _window_json(window: Window) -> dict[str, Any]:
    fields = {name: getattr(window, name) for name in Window.__slots__}
    return {**fields, "weekdays": sorted(window.weekdays)}


def _windows(raw: Sequence[dict[str, Any]]) -> tuple[Window, ...]:
    return tuple(Window(**{**each, "weekdays": frozenset(each["weekdays"])}) for each in raw)
