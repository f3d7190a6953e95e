"""Sheets of people over the accounts and their rights: the one place where the two meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.access import accounts, granting, staff
from hub.access import names as given
from hub.access.accounts import LOGIN
from hub.access.actions import ACCOUNT_ROLES, Subject
from hub.access.granting import Holder
from hub.access.grants import UNIT_ROLES, Grant
from hub.access.passwords import first_hash, generated
from hub.api.deps import Deps
from hub.duty import people
from hub.duty.people import Change, Known
from hub.duty.sheet import LineOutcome, Sheet
from hub.types.staff import Role

BY_SHEET = frozenset(ACCOUNT_ROLES) - {Role.ADMIN}
"""Administrators are made by hand."""


@dataclass(frozen=True, slots=True)
class First:
    """The first password of a new account: told once, and to be changed at the first login."""

    login: str
    name: str
    password: str
    stored: str


def plan(hub: Deps, tx: Connection, sheet: Sheet, now: float) -> list[Change]:
    """What each line of a sheet would make of the accounts as they are."""
    found = accounts.list_accounts(tx, now)
    called = {row.cells["login"].lower(): row.cells["name"] for row in sheet.rows}
    renamed = {a.name for a in found if called.get(a.login, a.name) != a.name}
    written = given.written(tx, renamed)
    known = {
        account.login: Known(
            account.id,
            account.name,
            frozenset((g.grant.role, g.grant.grid, g.grant.unit) for g in account.grants),
            account.disabled_at is not None,
            account.name in written,
        )
        for account in found
    }
    names = given.taken(tx, {row.cells["name"] for row in sheet.rows})
    codes = {grid.code for grid in hub.binder().tree}
    rules = people.Rules(codes, UNIT_ROLES, BY_SHEET, LOGIN, hub.departments)
    return people.plan(sheet.rows, known, names, rules)


def first_passwords(changes: Sequence[Change]) -> dict[str, First]:
    """One for each account that is to be made, by login. Takes some milliseconds each."""
    made = {}
    for change in changes:
        if change.line.outcome is LineOutcome.CREATED:
            password = generated()
            made[change.login] = First(change.login, change.name, password, first_hash(password))
    return made


def write(
    hub: Deps,
    tx: Connection,
    changes: Sequence[Change],
    first: dict[str, First],
    who: Subject,
    now: float,
) -> None:
    """Do what was planned, in the sheet's order. Raises Forbidden (`not_to_give`)."""
    made: dict[str, str] = {}
    staff.refuse_more(tx, who, {Grant(*right) for change in changes for right in change.gives})
    for change in changes:
        if change.line.outcome in (LineOutcome.REFUSED, LineOutcome.UNCHANGED):
            continue
        grants = [Grant(*right) for right in change.gives]
        account = change.account or made.get(change.login)
        if account is None:
            stored = first[change.login].stored
            new = accounts.create(
                tx, change.login, change.name, grants, stored, now, hub.ids, by=who.name
            )
            made[change.login] = new.id
            continue
        if change.renames:
            staff.may_change(tx, who, account, now)
            accounts.rename(tx, account, change.name, now)
        granting.give(tx, Holder(account=account), grants, who.name, now, hub.ids)
