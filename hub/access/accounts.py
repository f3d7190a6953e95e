"""Accounts of people: registered by an administrator, opened by login and password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from hub.access import repository, sessions
from hub.access.actions import ACCOUNT_ROLES, Role
from hub.access.service import hashed
from hub.kit.errors import Conflict, Forbidden, NotFound, Refused
from hub.kit.ids import Ids

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
FREE_TRIES = 4
"""The next wrong password locks the login."""
LOCKS_S = (60.0, 120.0, 240.0, 480.0, 900.0)
"""For how long the first lock holds, the second, …; the last one stays the longest."""
FORGET_S = 24 * 3600.0
"""After so long without a wrong password the counting starts anew."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account as listed: never its password. Times are UTC epoch seconds."""

    id: str
    login: str
    name: str
    role: Role
    grid_code: str | None
    must_change: bool
    created_at: float
    disabled_at: float | None = None
    locked_until: float | None = None


class Locked(Forbidden):
    """Too many wrong passwords; `retry_after_s` says when it may be tried again."""

    code = "locked"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many wrong passwords: wait before the next try")
        self.retry_after_s = retry_after_s


def known_as(login: str) -> str:
    """A login as it is stored and looked for, however it was typed."""
    return login.strip().lower()


def create(
    tx: Connection,
    login: str,
    name: str,
    role: Role,
    password_hash: str,
    now: float,
    ids: Ids,
    *,
    grid_code: str | None = None,
    must_change: bool = True,
) -> Account:
    """Register an account.

    Raises Refused (`bad_login`, `role_not_given`) and Conflict (`login_taken`, `name_taken`: the
    name stands in the register of look-ups, so it must tell one person).
    """
    login = known_as(login)
    if not LOGIN.fullmatch(login):
        raise Refused("a login is 2 to 40 of a-z, 0-9, dot, dash, underscore", code="bad_login")
    _role_is_given(role)
    if repository.account_by_login(tx, login) is not None:
        raise Conflict(f"there is an account {login}", code="login_taken")
    _name_is_free(tx, name)
    made = Account(ids(), login, name, role, grid_code, must_change, now)
    repository.insert_account(
        tx,
        {
            "id": made.id,
            "login": login,
            "name": name,
            "role": role.value,
            "grid_code": grid_code,
            "password_hash": password_hash,
            "must_change": must_change,
            "created_at": now,
        },
    )
    return made


def list_accounts(tx: Connection, now: float) -> list[Account]:
    """All accounts by login, the disabled ones too."""
    locks = repository.locks(tx, now)
    return [_account(row, locks) for row in repository.all_accounts(tx)]


def by_id(tx: Connection, account_id: str, now: float) -> Account:
    """One account. Raises NotFound."""
    return _account(_row(tx, account_id), repository.locks(tx, now))


def by_login(tx: Connection, login: str, now: float) -> Account:
    """One account. Raises NotFound."""
    row = repository.account_by_login(tx, known_as(login))
    if row is None:
        raise NotFound("there is no such account")
    return _account(row, repository.locks(tx, now))


CHANGEABLE = frozenset({"name", "role", "grid_code"})


def change(tx: Connection, account_id: str, changes: Mapping[str, Any], now: float) -> None:
    """Change `name`, `role` or `grid_code`; another role ends the sessions.

    Raises NotFound, Refused (`role_not_given`), Conflict (`name_taken`, `last_admin`).
    """
    row, values = _row(tx, account_id), {k: changes[k] for k in CHANGEABLE & changes.keys()}
    if "name" in values and values["name"] != row.name:
        _name_is_free(tx, values["name"])
    if "role" in values:
        role = Role(values["role"])
        values["role"] = role.value
        _role_is_given(role)
        if role.value != row.role:
            _not_the_last_admin(tx, row)
            sessions.end_all(tx, account_id, now)
    if values:
        repository.update_account(tx, account_id, values)


def disable(tx: Connection, account_id: str, now: float) -> None:
    """Close an account and end its sessions; its name stays, for the register of look-ups.

    Raises NotFound, Conflict (`last_admin`).
    """
    row = _row(tx, account_id)
    if row.disabled_at is None:
        _not_the_last_admin(tx, row)
        repository.update_account(tx, account_id, {"disabled_at": now})
        sessions.end_all(tx, account_id, now)


def enable(tx: Connection, account_id: str) -> None:
    """Open a disabled account again. Raises NotFound."""
    _row(tx, account_id)
    repository.update_account(tx, account_id, {"disabled_at": None})


def unlock(tx: Connection, account_id: str) -> None:
    """Forget the wrong passwords. Raises NotFound."""
    repository.clear_failures(tx, hashed(_row(tx, account_id).login))


def set_password(
    tx: Connection, account_id: str, password_hash: str, now: float, *, must_change: bool
) -> None:
    """Give a new password, unlock, and end all sessions. Raises NotFound."""
    unlock(tx, account_id)
    values = {"password_hash": password_hash, "must_change": must_change}
    repository.update_account(tx, account_id, values)
    sessions.end_all(tx, account_id, now)


def begin_try(tx: Connection, login: str, now: float) -> str | None:
    """The stored hash to prove a password with, None for no or a disabled account.

    The try counts as failed until `succeeded` says otherwise, so that many at once gain nothing.
    Raises Locked, for a login that does not exist as for one that does.
    """
    key = hashed(known_as(login))
    repository.forget_failures(tx, now - FORGET_S)
    found = repository.failures_of(tx, key, now)
    if found.locked_until is not None and found.locked_until > now:
        raise Locked(found.locked_until - now)
    failures = found.failures + 1
    over = failures - FREE_TRIES - 1
    until = None if over < 0 else now + LOCKS_S[min(over, len(LOCKS_S) - 1)]
    repository.write_failures(tx, key, failures, now, until)
    row = repository.account_by_login(tx, known_as(login))
    return None if row is None or row.disabled_at is not None else str(row.password_hash)


def succeeded(tx: Connection, login: str, proved: str, rehashed: str | None) -> Account:
    """The account whose stored hash `proved` was matched; `rehashed` replaces it.

    Raises Forbidden (`wrong_credentials`) if the account was changed meanwhile.
    """
    row = repository.account_by_login(tx, known_as(login))
    if row is None or row.disabled_at is not None or row.password_hash != proved:
        raise wrong_credentials()
    repository.clear_failures(tx, hashed(row.login))
    if rehashed is not None:
        repository.update_account(tx, row.id, {"password_hash": rehashed})
    return _account(row, MappingProxyType({}))


def wrong_credentials() -> Forbidden:
    """One answer for whatever is wrong with a login."""
    return Forbidden("the login or the password is wrong", code="wrong_credentials")


def _row(tx: Connection, account_id: str) -> Any:
    row = repository.account_by_id(tx, account_id)
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    return row


def _account(row: Any, locks: Mapping[str, float]) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        grid_code=row.grid_code,
        must_change=row.must_change,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        locked_until=locks.get(hashed(row.login)),
    )


def _role_is_given(role: Role) -> None:
    if role not in ACCOUNT_ROLES:
        raise Refused(f"no account has the role {role}", code="role_not_given")


def _name_is_free(tx: Connection, name: str) -> None:
    if repository.account_by_name(tx, name) is not None:
        raise Conflict(
            "another account has this name; add something that tells the two apart",
            code="name_taken",
        )


def _not_the_last_admin(tx: Connection, row: Any) -> None:
    """Somebody must be left who can administer: another account, or a token."""
    if row.role != Role.ADMIN or row.disabled_at is not None:
        return
    others = repository.count_accounts(tx, Role.ADMIN.value) - 1
    if others == 0 and repository.count_live(tx, Role.ADMIN.value) == 0:
        raise Conflict("nobody could administer any more", code="last_admin")
