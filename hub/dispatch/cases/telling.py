"""What people say of a case, told to whom it concerns: by role on its ground, or by name."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Connection

from hub.dispatch.notices.repository import account_of, put
from hub.types.duty import Notice
from hub.types.staff import Role
from hub.types.work import Incident


class Kind(StrEnum):
    """What happened."""

    REPORTED = "reported"
    RETURNED = "returned"
    REASSIGNED = "reassigned"
    """Somebody else goes there now."""
    ASKED = "asked"
    GRANTED = "granted"
    DENIED = "denied"
    LAPSED = "lapsed"


DESK = frozenset({Role.OPERATOR, Role.DISPATCHER})
"""Whose turn it is while nobody is on it."""


def to_roles(
    tx: Connection, incident: Incident, kind: Kind, at: float, roles: Iterable[Role]
) -> None:
    """Whoever is on duty there in one of these roles hears of it."""
    put(tx, [_notice(incident, kind, at, roles=roles)])


def to_person(tx: Connection, incident: Incident, kind: Kind, at: float, name: str | None) -> None:
    """Somebody hears of it by name; a program, or nobody, does not."""
    account = None if name is None else account_of(tx, name)
    if account is not None:
        put(tx, [_notice(incident, kind, at, account=account)])


def _notice(
    incident: Incident,
    kind: Kind,
    at: float,
    *,
    roles: Iterable[Role] = (),
    account: str | None = None,
) -> Notice:
    return Notice(
        # By its version: what happens twice is told of twice.
        key=f"{kind}/{incident.id}/{incident.version}",
        about=f"incident/{incident.id}",
        kind=kind.value,
        severity=incident.severity,
        grid_path=incident.grid_path,
        at=at,
        roles=frozenset(roles),
        account=account,
        exercise=incident.exercise,
    )
